"""Escalation: who is paged when, and how often anybody answers, against the closed form."""

from __future__ import annotations

import math
from collections.abc import Generator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import simpy

from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.response.oncall import OnCall
from simulator.response.paging import Call, Pager
from simulator.response.staff import Staff, Urgency
from timeline.details import IncidentDetail
from timeline.journal import Timeline
from timeline.references import SCENARIO, incident
from topologies.organisation import Organisation
from topologies.people import Answer

NIGHT = datetime(2026, 3, 10, 3, 0, tzinfo=ZoneInfo("Europe/Vienna"))
MINUTE = 60_000


class Working:
    def channel_works(self, _: str) -> bool:
        return True

    def out_for_ms(self, _: str) -> int | None:
        return 0


class Broken(Working):
    def channel_works(self, _: str) -> bool:
        return False


def organisation(people: dict[str, float], steps: list[list[str]], **policy: Any) -> Organisation:
    """People with their chance of missing a page, one channel each, who else answer after a minute."""
    answer = {"day": "1m", "night": "1m"}
    return Organisation.model_validate(
        {
            "format": "blackstart/organisation/1",
            "title": "test",
            "people": {
                id: {
                    "title": id,
                    "timezone": "Europe/Vienna",
                    "answer": {**answer, "missed_day": missed, "missed_night": missed},
                    "contact": ["push"],
                }
                for id, missed in people.items()
            },
            "teams": {},
            "channels": {"push": {"title": "push", "latency": "10s", "failure": 0.0}},
            "policies": {"p": {"title": "p", "steps": [{"people": step, "wait": "5m"} for step in steps], **policy}},
            "severities": [{"severity": "sev1", "title": "all", "otherwise": True}],
            "working": dict.fromkeys(
                ["triage", "validation", "check", "check_unskilled", "decision", "verification"], "1m"
            ),
        }
    )


def escalate(org: Organisation, seed: int = 1, reach: Any = None) -> tuple[str | None, Timeline]:
    """Runs the policy once; who answered, and the timeline."""
    timeline = Timeline()
    kernel = Kernel(timeline, Streams(seed), NIGHT)
    pager = Pager(kernel, org, OnCall(org, NIGHT), Staff(kernel.env, org), reach or Working())
    opened = kernel.emit("incident.opened", incident("i"), SCENARIO, IncidentDetail("detected"))
    process = kernel.env.process(pager.escalate("p", Call("i", "test", opened.seq)))
    kernel.env.run()
    return (process.value.person if process.value else None), timeline


def test_the_first_step_answers_after_delivery_and_reaction() -> None:
    who, timeline = escalate(organisation({"a": 0.0, "b": 0.0}, [["a"], ["b"]]))
    (acknowledged,) = timeline.of_kind("page.acknowledged")
    assert (who, acknowledged.at_ms) == ("a", 10_000 + MINUTE)
    assert not [e for e in timeline.of_kind("page.sent") if e.detail.person == "b"]  # type: ignore[attr-defined]


def test_nobody_answers_so_the_next_step_is_paged_after_the_wait() -> None:
    who, timeline = escalate(organisation({"a": 1.0, "b": 0.0}, [["a"], ["b"]]))
    sent = [(e.detail.person, e.at_ms) for e in timeline.of_kind("page.sent")]  # type: ignore[attr-defined]
    assert (who, sent) == ("b", [("a", 0), ("b", 5 * MINUTE)])


def test_a_policy_that_reaches_nobody_is_exhausted_after_all_its_laps() -> None:
    who, timeline = escalate(organisation({"a": 1.0}, [["a"]], repeat=2))
    assert who is None
    assert [e.at_ms for e in timeline.of_kind("page.sent")] == [0, 5 * MINUTE, 10 * MINUTE]
    assert [e.at_ms for e in timeline.of_kind("page.exhausted")] == [15 * MINUTE]


def test_nothing_is_delivered_over_a_channel_that_does_not_work() -> None:
    who, timeline = escalate(organisation({"a": 0.0}, [["a"]]), reach=Broken())
    assert who is None
    assert timeline.of_kind("page.delivered") == []
    assert len(timeline.of_kind("page.failed")) == 1


@pytest.mark.parametrize("missed", [[0.3, 0.5, 0.2], [0.5, 0.5, 0.9]])
def test_share_of_escalations_that_reach_somebody_matches_the_closed_form(missed: list[float]) -> None:
    """Independent answers: 1 - product of the chances to miss.  Three standard errors of 1,000 runs."""
    org = organisation({f"p{i}": m for i, m in enumerate(missed)}, [[f"p{i}"] for i in range(len(missed))])
    reached = sum(escalate(org, seed)[0] is not None for seed in range(1000)) / 1000
    expected = 1 - math.prod(missed)
    assert reached == pytest.approx(expected, abs=3 * math.sqrt(expected * (1 - expected) / 1000))
    assert abs(reached - (1 - math.prod(missed[:-1]))) > 0.02 or missed[-1] > 0.8


def test_one_page_fewer_leaves_every_other_draw_as_it_was() -> None:
    """Named random streams: taking somebody out of the first step changes nobody else's luck."""
    both = organisation({"a": 1.0, "b": 0.4, "c": 0.0}, [["a", "b"], ["c"]])
    alone = organisation({"b": 0.4, "c": 0.0}, [["b"], ["c"]])
    assert [escalate(both, seed)[0] for seed in range(40)] == [escalate(alone, seed)[0] for seed in range(40)]


def test_a_step_that_nobody_is_on_call_for_is_passed_at_once() -> None:
    people = organisation({"b": 0.0}, [["b"]]).model_dump(mode="json", by_alias=True)
    people["rotations"] = {"empty": {"title": "nobody", "timezone": "Europe/Vienna"}}
    people["policies"]["p"]["steps"].insert(0, {"rotations": ["empty"], "wait": "30m"})
    who, timeline = escalate(Organisation.model_validate(people))
    assert (who, timeline.of_kind("page.sent")[0].at_ms) == ("b", 0)


def test_an_answer_to_an_earlier_step_ends_the_call_and_is_recorded_under_that_step() -> None:
    slow = organisation({"a": 0.0, "b": 1.0}, [["a"], ["b"]]).model_dump(mode="json", by_alias=True)
    slow["people"]["a"]["answer"]["night"] = "6m"
    who, timeline = escalate(Organisation.model_validate(slow))
    (acknowledged,) = timeline.of_kind("page.acknowledged")
    assert (who, acknowledged.detail.step) == ("a", 0)  # type: ignore[attr-defined]


def test_nobody_takes_a_call_that_was_given_up() -> None:
    late = organisation({"a": 0.0}, [["a"]]).model_dump(mode="json", by_alias=True)
    late["people"]["a"]["answer"]["night"] = "20m"
    who, timeline = escalate(Organisation.model_validate(late))
    assert (who, timeline.of_kind("page.acknowledged")) == (None, [])
    assert timeline.of_kind("page.exhausted")[0].causes == (timeline.of_kind("page.unanswered")[0].seq,)


def test_who_is_busy_acknowledges_afterwards() -> None:
    org = organisation({"a": 0.0}, [["a"], ["a"]])
    timeline = Timeline()
    kernel = Kernel(timeline, Streams(1), NIGHT)
    staff = Staff(kernel.env, org)
    kernel.env.process(staff.work("a", 4 * MINUTE, Urgency.UPDATE))
    pager = Pager(kernel, org, OnCall(org, NIGHT), staff, Working())
    opened = kernel.emit("incident.opened", incident("i"), SCENARIO, IncidentDetail("detected"))
    kernel.env.process(pager.escalate("p", Call("i", "test", opened.seq)))
    kernel.env.run()
    assert [e.at_ms for e in timeline.of_kind("page.acknowledged")] == [4 * MINUTE]


def test_who_is_at_work_at_night_answers_as_by_day() -> None:
    org = organisation({"a": 0.0}, [["a"]]).model_dump(mode="json", by_alias=True)
    org["people"]["a"]["answer"] |= {"night": "30m", "missed_night": 1.0}
    kernel = Kernel(Timeline(), Streams(1), NIGHT)
    staff = Staff(kernel.env, Organisation.model_validate(org))
    asleep = staff.reaction("a", NIGHT)
    staff.engage("a", "i")
    awake = staff.reaction("a", NIGHT)
    staff.release("i")
    assert (asleep[2], awake[2], staff.reaction("a", NIGHT)[2]) == ("night", "day", "night")


def by_rules(**fields: Any) -> Organisation:
    """One person who misses push messages and answers the telephone after a minute, under a policy of one long step."""
    data = organisation({"a": 0.0}, [["a"]]).model_dump(mode="json", by_alias=True)
    data["channels"] = {id: {"title": id, "latency": "10s", "failure": 0.0} for id in ("push", "sms", "phone")}
    data["policies"]["p"]["steps"][0]["wait"] = "30m"
    data["people"]["a"] |= {
        "answer": {"day": "1m", "night": "1m", "missed_day": 1.0, "missed_night": 1.0},
        "answer_by": {"phone": {"day": "1m", "night": "1m"}},
        "notifications": {
            "high": [{"channel": "push"}, {"channel": "sms", "after": "1m"}, {"channel": "phone", "after": "3m"}],
            "low": [{"channel": "push"}, {"channel": "push", "after": "10m"}],
        },
        **fields,
    }
    return Organisation.model_validate(data)


def sent(timeline: Timeline) -> list[tuple[str, float]]:
    return [(e.detail.channel, e.at_ms / MINUTE) for e in timeline.of_kind("page.sent")]  # type: ignore[attr-defined]


def test_rules_say_when_each_channel_is_tried_and_each_is_answered_in_its_way() -> None:
    who, timeline = escalate(by_rules())
    (acknowledged,) = timeline.of_kind("page.acknowledged")
    assert (who, sent(timeline)) == ("a", [("push", 0), ("sms", 1), ("phone", 3)])
    assert (acknowledged.at_ms, acknowledged.rests_on) == (
        4 * MINUTE + 10_000,
        ("organisation.people.a.answer_by.phone.night",),
    )


def test_a_page_of_low_urgency_goes_by_other_rules() -> None:
    data = by_rules().model_dump(mode="json", by_alias=True)
    data["policies"]["p"]["urgency"] = "low"
    who, timeline = escalate(Organisation.model_validate(data))
    assert (who, sent(timeline)) == (None, [("push", 0), ("push", 10)])


def test_a_second_try_over_the_same_channel_has_luck_of_its_own() -> None:
    low = {"answer": {"day": "1m", "night": "1m", "missed_day": 0.5, "missed_night": 0.5}}
    data = by_rules(**low).model_dump(mode="json", by_alias=True)
    data["policies"]["p"]["urgency"] = "low"
    org = Organisation.model_validate(data)
    reached = sum(escalate(org, seed)[0] is not None for seed in range(400)) / 400
    assert reached == pytest.approx(0.75, abs=3 * math.sqrt(0.75 * 0.25 / 400))


def test_a_policy_may_wait_before_its_first_step() -> None:
    data = organisation({"a": 0.0}, [["a"]]).model_dump(mode="json", by_alias=True)
    data["policies"]["p"]["delay"] = "5m"
    _, timeline = escalate(Organisation.model_validate(data))
    assert [e.at_ms for e in timeline.of_kind("page.sent")] == [5 * MINUTE]


ROTATION = {"title": "r", "timezone": "Europe/Vienna"}


@pytest.mark.parametrize(
    ("step", "paged"),
    [
        ({"teams": ["crew"]}, ["a", "b"]),
        ({"one_of": ["empty", "both", "second"]}, ["a"]),
        ({"next_on_call": ["second"]}, ["c"]),
        ({"rotations": ["both"]}, ["a", "b"]),
        ({"people": ["c"], "rotations": ["second"], "teams": ["crew"]}, ["c", "b", "a"]),
    ],
)
def test_a_step_pages_its_targets_each_once(step: dict[str, Any], paged: list[str]) -> None:
    data = organisation({"a": 1.0, "b": 1.0, "c": 1.0}, [["a"]]).model_dump(mode="json", by_alias=True)
    data["teams"] = {"crew": {"title": "Crew"}}
    data["people"]["a"]["team"] = data["people"]["b"]["team"] = "crew"
    start = {"start": "2026-01-01T00:00", "length": "1w"}
    data["rotations"] = {
        "empty": ROTATION,
        "both": {**ROTATION, "layers": [{"people": [["a", "b"]], **start}]},
        "second": {**ROTATION, "layers": [{"people": ["b", "b", "c"], "start": "2026-03-05T00:00", "length": "1w"}]},
    }
    data["policies"]["p"]["steps"] = [{**step, "wait": "5m"}]
    _, timeline = escalate(Organisation.model_validate(data))
    assert [e.detail.person for e in timeline.of_kind("page.sent")] == paged  # type: ignore[attr-defined]


class TestWaitingForSomebodyFree:
    """`when_busy: wait`: one person is paged who has no other incident; while there is none, calls wait in order."""

    @staticmethod
    def staffed(*people: str, missed: float = 0.0, steps: int = 1) -> tuple[Timeline, Kernel, Staff, Pager]:
        org = organisation(dict.fromkeys(people, missed), [list(people)] * steps, when_busy="wait")
        timeline = Timeline()
        kernel = Kernel(timeline, Streams(1), NIGHT)
        staff = Staff(kernel.env, org)
        return timeline, kernel, staff, Pager(kernel, org, OnCall(org, NIGHT), staff, Working())

    @staticmethod
    def handle(kernel: Kernel, staff: Staff, pager: Pager, id: str, from_ms: int, takes_ms: int) -> None:
        """An incident that is handled for so long once somebody has answered."""

        def run() -> Generator[simpy.Event, Any, None]:
            yield kernel.env.timeout(from_ms)
            opened = kernel.emit("incident.opened", incident(id), SCENARIO, IncidentDetail("detected"))
            answer = yield from pager.escalate("p", Call(id, "test", opened.seq))
            if answer is not None:
                staff.engage(answer.person, id)
                yield kernel.env.timeout(takes_ms)
                staff.release(id)

        kernel.env.process(run())

    @staticmethod
    def told(timeline: Timeline, kind: str) -> list[tuple[str, str, float]]:
        details = [(e.detail, e.at_ms / MINUTE) for e in timeline.of_kind(kind)]
        return [(d.incident, d.person, at) for d, at in details]  # type: ignore[attr-defined]

    def test_each_incident_goes_to_one_free_person_and_the_third_waits_for_the_first_to_be_done(self) -> None:
        timeline, kernel, staff, pager = self.staffed("a", "b")
        for number, takes in enumerate((30, 20, 10, 10)):
            self.handle(kernel, staff, pager, f"i{number}", number * MINUTE, takes * MINUTE)
        kernel.env.run()
        answered = self.told(timeline, "page.sent")
        done = {"i0": 30 + 7 / 6, "i1": 21 + 7 / 6}
        assert answered == [
            ("i0", "a", 0),
            ("i1", "b", 1),
            ("i2", "b", pytest.approx(done["i1"])),
            ("i3", "a", pytest.approx(done["i0"])),
        ]
        assert self.told(timeline, "page.queued") == [("i2", "", 2), ("i3", "", 3)]

    def test_whoever_does_not_answer_is_free_again_and_the_next_step_pages_the_other(self) -> None:
        timeline, kernel, staff, pager = self.staffed("a", "b", missed=1.0, steps=2)
        self.handle(kernel, staff, pager, "i0", 0, MINUTE)
        self.handle(kernel, staff, pager, "i1", 20 * MINUTE, MINUTE)
        kernel.env.run()
        assert self.told(timeline, "page.sent") == [("i0", "a", 0), ("i0", "b", 5), ("i1", "a", 20), ("i1", "b", 25)]
        assert not timeline.of_kind("page.queued")

    def test_somebody_who_is_being_called_is_not_free_for_another_call(self) -> None:
        timeline, kernel, staff, pager = self.staffed("a")
        for id in ("i0", "i1"):
            self.handle(kernel, staff, pager, id, 0, 10 * MINUTE)
        kernel.env.run()
        assert self.told(timeline, "page.acknowledged") == [
            ("i0", "a", pytest.approx(7 / 6)),
            ("i1", "a", pytest.approx(10 + 14 / 6)),
        ]

    def test_a_late_answer_to_an_earlier_page_ends_the_wait(self) -> None:
        """The first answers after the step's time, while the second has an incident of another policy."""
        org = organisation({"a": 0.0, "b": 0.0}, [["a"], ["b"]], when_busy="wait")
        slow = org.people["a"].model_copy(update={"answer": Answer.model_validate({"day": "7m", "night": "7m"})})
        org = org.model_copy(update={"people": {**org.people, "a": slow}})
        timeline = Timeline()
        kernel = Kernel(timeline, Streams(1), NIGHT)
        staff = Staff(kernel.env, org)
        staff.engage("b", "another")
        self.handle(kernel, staff, Pager(kernel, org, OnCall(org, NIGHT), staff, Working()), "i0", 0, MINUTE)
        kernel.env.run()
        assert self.told(timeline, "page.queued") == [("i0", "", 5)]
        assert self.told(timeline, "page.acknowledged") == [("i0", "a", pytest.approx(7 + 1 / 6))]
        assert self.told(timeline, "page.sent") == [("i0", "a", 0)]
