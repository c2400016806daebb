"""Comparison with the record, plan survival, and variants beside each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

from simulator.randomness import Streams
from studies.replay.comparison import Target, compare, distance
from studies.replay.dating import moved, weeks_to_schedules
from studies.replay.detection import Alerted, DetectionSource, ModelledDetector, Sign, ToldBy
from studies.replay.document import document
from studies.replay.incidents import Incident
from studies.replay.mapping import Placed, ReplayMapping
from studies.replay.study import Modelled, Plan, Replication, replay
from studies.replay.survival import Stage, attainment, survival
from studies.replay.whole import Asked, HistoryReplay, replay_history
from tests.studies.replay.building import CRASH, incident, organisation, recorded_plan, subject, topology
from timeline.instants import MINUTE, UNIX_EPOCH, WEEK
from topologies.organisation import Organisation


def replicated(planned: Plan, incidents: list[Incident], replications: int = 3) -> tuple[Replication, ...]:
    return replay(Modelled(planned), lambda _: incidents, replications=replications)


def test_an_incident_is_compared_where_both_sides_know_the_time() -> None:
    incidents = [
        incident("a", 0, acknowledge=60_000, restore=20 * MINUTE),
        incident("b", 100, acknowledge=None, restore=5 * MINUTE),
    ]
    done = replicated(recorded_plan(subject(organisation())), incidents)
    acknowledged, restored = compare(done, Target.ACKNOWLEDGE), compare(done, Target.RESTORE)
    assert acknowledged is not None
    assert restored is not None
    assert [one.id for one in acknowledged.incidents] == ["a"]
    assert restored.recorded_s.tolist() == [1200, 300]
    assert restored.modelled_s.tolist() == [600, 600]
    assert (restored.slower, restored.only_recorded) == (0.5, 0)
    assert (restored.modelled[0.5].low, restored.modelled[0.5].high) == (600, 600)


def test_what_the_model_never_ends_is_counted() -> None:
    done = replicated(recorded_plan(subject(organisation(authority=[]))), [incident("a", 0, restore=60_000)])
    assert compare(done, Target.RESTORE) is None


def test_a_history_without_times_is_not_compared() -> None:
    done = replicated(recorded_plan(subject(organisation())), [incident("a")])
    assert compare(done, Target.ACKNOWLEDGE) is None


def test_the_distance_is_that_of_scipy() -> None:
    draw = np.random.default_rng(3)
    one, other = draw.lognormal(size=70), draw.lognormal(0.4, size=90)
    assert distance(one, other) == pytest.approx(ks_2samp(one, other).statistic)


def test_a_function_breaks_first_where_its_people_are_busy() -> None:
    planned = recorded_plan(subject(organisation()))
    incidents = [incident("a", 0), incident("b", 1), incident("c", 2), incident("d", 3), incident("e", 500)]
    (orders,) = survival(planned, replicated(planned, incidents))
    assert orders.attained is not None
    assert orders.attained.value == pytest.approx(4 / 5)
    assert attainment(planned, replicated(planned, incidents)[0]) == pytest.approx(4 / 5)
    assert orders.first is not None
    assert (orders.first.incident.id, orders.first.stage) == ("d", Stage.ANSWER)
    assert orders.worst_s == 37 * 60


def test_what_never_comes_back_misses_every_rto() -> None:
    planned = recorded_plan(subject(organisation(authority=[])))
    (orders,) = survival(planned, replicated(planned, [incident("a")]))
    assert orders.attained is not None
    assert (orders.attained.value, orders.worst_s) == (0, float("inf"))
    assert orders.first is not None
    assert orders.first.stage is Stage.REMEDY


def variants(people: int, more: int) -> HistoryReplay:
    incidents = tuple(incident(f"i{n}", 8 * n) for n in range(60))
    placed = Placed(incidents, (), ReplayMapping(format="blackstart/replay-mapping/1", services={}))
    asked = Asked(UNIX_EPOCH, DetectionSource.RECORDED)
    things = topology(recovery={"restart": "exponential(mean=10m)"})
    first, second = (subject(organisation(count), things) for count in (people, more))
    return replay_history([], placed, first, asked, against=second)


def test_the_same_estate_beside_itself_differs_in_nothing() -> None:
    for one in variants(2, 2).changed:
        assert one.difference is not None
        assert (one.difference.difference, one.difference.low, one.difference.high) == (0, 0, 0)


def test_a_second_responder_shortens_the_wait_and_the_interval_says_so() -> None:
    changed = {one.measure.id: one for one in variants(1, 2).changed}
    difference = changed["acknowledge_p90"].difference
    assert difference is not None
    assert difference.high < 0
    assert changed["rto_attained"].second.value > changed["rto_attained"].first.value


def with_users() -> tuple[Plan, Organisation]:
    things = topology()
    things["functions"]["orders"]["reports"] = {"users": 600, "share": 0.5}
    desk = {"team": "crew", "reports_to_open": 3, "handling": "2m", "policy_of_function": {"orders": "crew"}}
    given = subject(organisation(service_desk=desk), things)
    return recorded_plan(given), given.organisation


def test_users_tell_where_no_alert_does_at_the_rate_of_their_reports() -> None:
    planned, people = with_users()
    detector = ModelledDetector(planned.subject.estate, people, {}, planned.lost)
    waits = []
    for number in range(2_000):
        notice = detector.notice(incident(f"i{number}"), Streams(1))
        assert notice is not None
        assert (notice.by, notice.policy, notice.symptoms(notice.at_ms)) == (ToldBy.USERS, "crew", ("function:orders",))
        waits.append((notice.at_ms - incident("x").at_ms) / MINUTE)
    # Three reports at 300 an hour, then two minutes of handling.
    assert np.mean(waits) == pytest.approx(3 * 60 / 300 + 2, rel=0.02)


def test_alerts_and_users_race() -> None:
    planned, people = with_users()
    quick, slow = (Alerted(ms, "crew", (Sign(ms, "api"),)) for ms in (30_000, 3_600_000))
    told_by = [
        ModelledDetector(planned.subject.estate, people, {CRASH: one}, planned.lost).notice(incident("a"), Streams(1))
        for one in (quick, slow)
    ]
    assert [None if one is None else one.by for one in told_by] == [ToldBy.ALERT, ToldBy.USERS]


def test_a_history_older_than_the_schedules_is_moved_by_whole_years_of_weeks() -> None:
    layer = {"people": ["responder-1"], "start": "2027-03-01T00:00:00", "length": "1w"}
    people = organisation(rotations={"first": {"title": "First", "timezone": "UTC", "layers": [layer]}})
    weeks = weeks_to_schedules([incident("a")], Organisation.model_validate(people))
    assert weeks == 104
    assert moved([incident("a")], weeks)[0].at_ms - incident("a").at_ms == 104 * WEEK
    assert weeks_to_schedules([replace(incident("a"), at_ms=1 << 42)], Organisation.model_validate(people)) == 0


def test_the_document_says_in_three_figures_whether_the_plan_survives() -> None:
    given = subject(organisation(), topology(recovery={"restart": "40m"}))
    happened = (incident("a", 0), incident("b", 600))
    placed = Placed(happened, (), ReplayMapping(format="blackstart/replay-mapping/1", services={}))
    done = replay_history([], placed, given, Asked(UNIX_EPOCH, DetectionSource.RECORDED, replications=1))
    answer = document(done)["plan_survival"]
    assert answer["rto_attained"]["value"] == 0
    assert answer["worst_p99_s"] == 2400
    assert (answer["first_to_break"]["function"], answer["first_to_break"]["incident"]) == ("orders", "a")
    assert answer["first_to_break"]["stage"] == "remedy"
