"""Restores, checks, fencing, split brain, fail-back and workarounds on a modelled estate."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.estate.copies import Copy, copies_at, log_end_ms, replayed_to, unlike_ms
from tests.simulator.estate.building import Rig, hard, service
from timeline.commands import Action, Command, Outcome, RestoreOrder, Verdict
from timeline.events import Event
from timeline.instants import DAY, HOUR, MINUTE
from timeline.references import SCENARIO, component
from topologies.recovery import BackupPlan, LogArchive

TEN = 34 * HOUR
"""The rig starts on Tuesday at ten: so long after Monday 00:00."""


def store(**data: Any) -> dict[str, Any]:
    """A database with hourly copies that lie in a vault, half an hour to load, and a function on it."""
    backups = {"hourly": {"every": "1h", "keeps": "7d", "restore": "30m", "stored_at": "vault"}}
    fields = {
        "records": 1000,
        "transactions_per_s": 1,
        "backups": backups,
        "check": {"takes": "20m", "trace": "15m"},
        "reconciliation": {"takes": "1h", "transactions_per_hour": 3600, "recovers": 0.75},
        **data,
    }
    db = {"title": "db", "kind": "database", "data": fields, "recovery": {"restart": "3m", "fence": "1m"}}
    return {
        "components": {"db": db, "vault": {"title": "vault", "kind": "storage"}},
        "functions": {"pay": {"title": "pay", "supported_by": {"db": hard()}, "rto": "1h", "rpo": "1h"}},
    }


CRASH = {"fault": "crash", "target": "db", "at": "10m"}
WRONG = {"fault": "corruption", "target": "db", "at": "90m"}


def order(rig: Rig, action: Action, at_ms: int, target: str = "db", **terms: Any) -> list[Outcome]:
    outcomes: list[Outcome] = []
    if not len(rig.timeline):
        rig.kernel.emit("exercise.ended", SCENARIO, SCENARIO)  # any event: what an order follows from

    def give() -> None:
        command = Command(action, component(target), SCENARIO, 0, occasion=f"at-{at_ms}", **terms)
        done = rig.estate.submit(command)
        assert done.callbacks is not None
        done.callbacks.append(lambda event: outcomes.append(event.value))

    rig.kernel.call_at(at_ms, give)
    return outcomes


def only(rig: Rig, kind: str) -> Event:
    (event,) = rig.timeline.of_kind(kind)
    return event


def detail(rig: Rig, kind: str) -> Any:
    return only(rig, kind).detail


class TestRestore:
    def test_loses_what_was_written_since_the_copy_and_takes_all_its_steps(self) -> None:
        rig = Rig(**store(log=None))
        order(rig, Action.RESTORE, 20 * MINUTE)
        rig.play(f=CRASH)
        lost = detail(rig, "data.lost")
        assert (lost.lost_ms, lost.transactions, lost.rpo_ms) == (10 * MINUTE, 600.0, HOUR)
        assert rig.moments("function.restored") == [(20 + 30 + 20) * 60]
        assert detail(rig, "recovery.opened").verified

    def test_no_copy_is_made_while_the_store_is_away(self) -> None:
        rig = Rig(**store())
        order(rig, Action.RESTORE, 190 * MINUTE)
        rig.play(f=CRASH)
        assert detail(rig, "recovery.copy_chosen").as_of_ms == 0

    def test_the_log_brings_it_forward_to_the_last_archived_piece(self) -> None:
        rig = Rig(**store(log={"every": "4m", "replay": 2, "keeps": "1d"}))
        order(rig, Action.RESTORE, 20 * MINUTE)
        rig.play(f=CRASH)
        assert detail(rig, "data.lost").lost_ms == 2 * MINUTE
        assert rig.moments("function.restored") == [(20 + 30 + 4 + 20) * 60]

    def test_writes_that_were_stopped_on_purpose_leave_a_whole_log(self) -> None:
        rig = Rig(**store(log={"every": "4m", "replay": 2, "keeps": "1d"}))
        order(rig, Action.FENCE, 9 * MINUTE)
        order(rig, Action.RESTORE, 20 * MINUTE)
        rig.play()
        assert rig.timeline.of_kind("data.lost") == []

    @pytest.mark.parametrize(("in_log", "carried"), [(True, 1), (False, 0)])
    def test_a_replay_repeats_only_what_went_through_the_log(self, in_log: bool, carried: int) -> None:
        rig = Rig(**store(log={"every": "4m", "replay": 2, "keeps": "1d"}))
        terms = RestoreOrder(f"hourly@{34 + 1}", verify=False)
        order(rig, Action.RESTORE, 200 * MINUTE, restore=terms)
        rig.play(f={**WRONG, "parameters": {"in_log": in_log}})
        assert len(rig.timeline.of_kind("data.corruption_carried")) == carried
        assert len(rig.timeline.of_kind("fault.ended")) == 1 - carried

    def test_a_check_keeps_the_corruption_out_and_the_store_closed(self) -> None:
        rig = Rig(**store())
        outcomes = order(rig, Action.RESTORE, 200 * MINUTE)
        rig.play(f=WRONG)
        assert [o.verdict for o in outcomes] == [Verdict.FAILED]
        assert outcomes[0].finding is not None
        assert outcomes[0].finding.rejected_copy == f"hourly@{34 + 3}"
        assert rig.level("db") == 0.0
        assert rig.timeline.of_kind("data.corruption_carried") == []

    def test_a_copy_from_before_the_corruption_ends_it(self) -> None:
        rig = Rig(**store())
        terms = RestoreOrder(f"hourly@{34 + 1}")
        order(rig, Action.RESTORE, 200 * MINUTE, restore=terms)
        rig.play(f=WRONG)
        assert detail(rig, "fault.ended").ended_by == "restore"
        assert detail(rig, "data.lost").lost_ms == 140 * MINUTE

    def test_a_copy_that_cannot_be_loaded_costs_its_time(self) -> None:
        data = store()
        data["components"]["db"]["data"]["backups"]["hourly"]["bad"] = 1.0
        rig = Rig(**data)
        outcomes = order(rig, Action.RESTORE, 20 * MINUTE)
        rig.play(f=CRASH)
        assert outcomes[0].finding is not None
        assert outcomes[0].finding.unusable_copy == "hourly@34"
        assert only(rig, "command.failed").at_ms == 50 * MINUTE

    def test_the_store_of_the_copies_must_serve(self) -> None:
        rig = Rig(**store())
        outcomes = order(rig, Action.RESTORE, 20 * MINUTE)
        rig.play(f=CRASH, g={"fault": "crash", "target": "vault", "at": "5m"})
        assert outcomes[0].reason == "vault is not serving: copy hourly@34 is out of reach"

    def test_two_restores_at_once_would_undo_each_other(self) -> None:
        rig = Rig(**store())
        order(rig, Action.RESTORE, 20 * MINUTE)
        second = order(rig, Action.RESTORE, 30 * MINUTE)
        rig.play(f=CRASH)
        assert second[0].verdict is Verdict.REFUSED


class TestPrerequisites:
    def test_needs_and_actions_before(self) -> None:
        data = store()
        data["components"]["db"]["procedures"] = {
            "restore": {"needs": ["vault"], "after": [{"action": "fence", "target": "db"}]}
        }
        rig = Rig(**data)
        early = order(rig, Action.RESTORE, 20 * MINUTE)
        order(rig, Action.FENCE, 25 * MINUTE)
        late = order(rig, Action.RESTORE, 30 * MINUTE)
        rig.play()
        assert (early[0].verdict, early[0].reason) == (Verdict.REFUSED, "fence of db comes first")
        assert late[0].verdict is Verdict.COMPLETED

    def test_what_would_leave_nothing_is_refused(self) -> None:
        data = store()
        data["components"]["db"]["recovery"]["rebuild"] = "1h"
        outcomes = order(rig := Rig(**data), Action.REBUILD, 20 * MINUTE)
        rig.play(f=CRASH)
        assert outcomes[0].verdict is Verdict.REFUSED


class TestCorruption:
    def test_nobody_sees_a_silent_one_until_the_job_compares(self) -> None:
        rig = Rig(hours=26, **store(check={"takes": "20m", "every": "1d", "offset": "4h"}))
        look = Command(Action.INSPECT, component("db"), SCENARIO, 0)
        seen: list[Any] = []
        for at in (2 * HOUR, 19 * HOUR):
            rig.kernel.call_at(at, lambda: seen.append(rig.estate.submit(look).value.observation))
        rig.play(f=WRONG)
        assert [(o.own_fault, o.data_corrupt) for o in seen] == [(None, False), ("corruption", True)]
        assert only(rig, "data.corruption_found").at_ms == 18 * HOUR

    def test_the_search_finds_a_record_not_older_than_the_beginning(self) -> None:
        check = {"takes": "20m", "trace": "15m", "trace_late": "uniform(5m, 40m)"}
        rig = Rig(**store(check=check))
        outcomes = order(rig, Action.TRACE, 200 * MINUTE)
        rig.play(f=WRONG)
        assert outcomes[0].finding is not None
        assert outcomes[0].finding.began_by_ms is not None
        assert 95 * MINUTE <= outcomes[0].finding.began_by_ms <= 130 * MINUTE

    def test_destroyed_copies_are_gone_but_for_immutable_ones(self) -> None:
        data = store()
        data["components"]["db"]["data"]["backups"]["vaulted"] = {
            "every": "4h", "keeps": "7d", "restore": "30m", "immutable": True
        }  # fmt: skip
        rig = Rig(**data)
        db = rig.estate.compiled["db"]
        before = {c.plan for c in rig.estate.data.copies(db)}
        rig.estate.data._destroyed["vault"].append(0)
        assert before == {"hourly", "vaulted"}
        assert {c.plan for c in rig.estate.data.copies(db)} == {"vaulted"}

    def test_reconciliation_takes_by_the_number_and_leaves_the_rest(self) -> None:
        rig = Rig(**store(agrees_with=["vault"]))
        order(rig, Action.RESTORE, 20 * MINUTE)
        order(rig, Action.RECONCILE, 80 * MINUTE)
        rig.play(f=CRASH)
        settled = detail(rig, "data.reconciled")
        assert (settled.transactions, settled.recovered) == (600.0, 450.0)
        assert settled.took_ms == HOUR + 10 * MINUTE
        before, after = [e.detail for e in rig.timeline.of_kind("data.consistency_measured")]
        assert before.consistent_ratio == pytest.approx(0.5488, abs=1e-4)  # type: ignore[attr-defined]
        assert after.consistent_ratio == pytest.approx(0.8607, abs=1e-4)  # type: ignore[attr-defined]


def partitioned(**fail_over: Any) -> dict[str, Any]:
    """Two members over a link; the standby takes over after a minute of silence, in two minutes."""
    over = {"mode": "automatic", "detection": "1m", "takes": "2m", "link": "line", **fail_over}
    return {
        "components": {
            "a": service(recovery={"restart": "1m", "fence": "1m"}),
            "b": service(recovery={"fence": "1m"}),
            "line": {"title": "line", "kind": "network"},
            "judge": service(),
        },
        "standby_pairs": {
            "db": {
                "title": "db",
                "primary": "a",
                "standby": "b",
                "fail_over": over,
                "replication": {"type": "synchronous"},
                "transactions_per_s": 10,
                "fail_back": {"resync": "10m", "takes": "5m", "loss": "3s"},
            }
        },
        "functions": {"pay": {"title": "pay", "supported_by": {"db": hard()}}},
    }


CUT = {"fault": "network-outage", "target": "line", "at": "10m", "duration": "30m"}


class TestPartition:
    def test_both_sides_write_until_the_link_is_back(self) -> None:
        rig = Rig(**partitioned()).play(f=CUT)
        ended = detail(rig, "data.split_brain_ended")
        assert (ended.former, ended.lasted_ms) == ("a", 27 * MINUTE)
        assert ended.transactions == 10 * 60 * (3 + 27 / 2)
        assert rig.estate.compiled["db"].active == "b"

    def test_a_witness_that_hears_both_keeps_the_active_member(self) -> None:
        rig = Rig(**partitioned(witness="judge")).play(f=CUT)
        assert detail(rig, "recovery.no_quorum").reason == "judge still hears a"
        assert rig.estate.compiled["db"].active == "a"
        assert rig.timeline.of_kind("data.split_brain_began") == []

    def test_without_the_witness_there_is_no_vote(self) -> None:
        down = {"fault": "crash", "at": "5m", "target": "judge"}
        rig = Rig(**partitioned(witness="judge")).play(f=down, g={**down, "target": "a", "at": "10m"})
        assert detail(rig, "recovery.no_quorum").reason == "judge is not serving"
        assert rig.level("db") == 0.0

    def test_a_fenced_member_does_not_write_but_what_it_wrote_alone_is_lost(self) -> None:
        rig = Rig(**partitioned(fencing={"takes": "30s"})).play(f=CUT)
        assert rig.timeline.of_kind("data.split_brain_began") == []
        assert detail(rig, "data.lost").lost_ms == 3 * MINUTE + 30_000

    def test_fencing_that_fails_is_split_brain(self) -> None:
        rig = Rig(**partitioned(fencing={"failure": 1.0})).play(f=CUT)
        assert len(rig.timeline.of_kind("data.split_brain_began")) == 1

    def test_the_way_back_has_its_own_time_and_loss(self) -> None:
        rig = Rig(**partitioned())
        too_early = order(rig, Action.FAIL_BACK, 5 * MINUTE, "db")
        outcomes = order(rig, Action.FAIL_BACK, 60 * MINUTE, "db")
        rig.play(f=CUT)
        assert (too_early[0].verdict, too_early[0].reason) == (Verdict.REFUSED, "a is active already")
        assert outcomes[0].verdict is Verdict.COMPLETED
        assert rig.estate.compiled["db"].active == "a"
        assert detail(rig, "data.lost").lost_ms == 3000


class TestWorkaround:
    def rig(self, failure: float) -> Rig:
        spec = {"takes": "10m", "gives": 0.8, "failure": failure, "roll_back": "20m", "roll_back_unplanned": "3h"}
        return Rig(
            components={"web": service(workaround=spec)},
            functions={"f": {"title": "f", "supported_by": {"web": hard()}, "minimum_level": 0.5}},
        )

    def test_gives_service_whatever_is_wrong(self) -> None:
        rig = self.rig(0.0)
        order(rig, Action.WORKAROUND, 20 * MINUTE, "web")
        rig.play(f={"fault": "crash", "target": "web", "at": "10m"})
        assert rig.level("web") == pytest.approx(0.8)

    @pytest.mark.parametrize(("planned", "minutes"), [(True, 20), (False, 180)])
    def test_that_fails_is_rolled_back_much_later_without_a_plan(self, planned: bool, minutes: int) -> None:
        rig = self.rig(1.0)
        order(rig, Action.WORKAROUND, 20 * MINUTE, "web", has_rollback_plan=planned)
        rig.play()
        back = only(rig, "recovery.rolled_back")
        assert (back.detail.took_ms, back.detail.planned) == (minutes * MINUTE, planned)  # type: ignore[attr-defined]
        assert rig.moments("function.restored") == [(30 + minutes) * 60]


class TestCopies:
    PLAN = BackupPlan.model_validate({"every": "1d", "keeps": "3d", "restore": "1h"})

    @pytest.mark.parametrize("now_h", [0, 1, 23, 24, 49, 71, 100])
    def test_are_complete_kept_and_the_newest_first(self, now_h: int) -> None:
        now = now_h * HOUR
        found = list(copies_at("c", self.PLAN, now, 0, lambda _: 2 * HOUR))
        assert [c.as_of_ms for c in found] == sorted((c.as_of_ms for c in found), reverse=True)
        assert all(c.done_ms <= now and c.as_of_ms >= now - 3 * DAY for c in found)
        assert {c.as_of_ms for c in found} == {
            k * DAY for k in range(-5, 6) if k * DAY + 2 * HOUR <= now and k * DAY >= now - 3 * DAY
        }

    def test_one_that_was_under_way_when_the_store_went_is_lost(self) -> None:
        found = copies_at("c", self.PLAN, 30 * HOUR, 0, lambda _: 2 * HOUR, [(25 * HOUR, 26 * HOUR)])
        assert [c.as_of_ms for c in found] == [0, -DAY]

    def test_a_log_that_does_not_reach_back_to_the_copy_is_no_use(self) -> None:
        log = LogArchive.model_validate({"every": "5m", "replay": 2, "keeps": "1h"})
        copy = Copy("c", "c", 0, 0, immutable=False)
        assert replayed_to(log, copy, 90 * MINUTE, None, 90 * MINUTE) == 0
        assert replayed_to(log, copy, 30 * MINUTE, 20 * MINUTE, 30 * MINUTE) == 20 * MINUTE
        assert log_end_ms(log, 0, 33 * MINUTE, cleanly=False) == 30 * MINUTE

    @pytest.mark.parametrize(
        ("one", "other", "length"),
        [(None, None, 0), ((0, 5), None, 5), ((0, 5), (0, 5), 0), ((0, 5), (3, 9), 7), ((0, 2), (4, 5), 3)],
    )
    def test_what_exactly_one_side_misses(self, one: Any, other: Any, length: int) -> None:
        assert unlike_ms(one, other) == unlike_ms(other, one) == length


@pytest.mark.parametrize(("target", "words"), [("db", "differences"), ("other", "no differences")])
def test_a_check_in_service_shows_what_is_wrong_and_no_more(target: str, words: str) -> None:
    sections = store()
    sections["components"]["other"] = sections["components"]["db"]
    rig = Rig(**sections)
    outcomes = order(rig, Action.VERIFY, 2 * HOUR, target)
    rig.play(f=WRONG)
    assert detail(rig, "recovery.checked").reason == words
    assert outcomes[0].finding is not None
    assert outcomes[0].finding.corrupt is (target == "db")
    assert len(rig.timeline.of_kind("data.corruption_found")) == (target == "db")
