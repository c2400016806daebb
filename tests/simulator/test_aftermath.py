"""What an incident leaves behind: reviews that go as far as their method, approvals, words held back, actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from simulator.aftermath import Aftermath
from simulator.kernel import Kernel
from simulator.randomness import Streams
from tests.reports.building import Story
from tests.simulator.response.building import organisation
from timeline.causes import ask_why, direct_causes, roots
from timeline.details import RiskLink
from timeline.events import Event
from timeline.instants import DAY, HOUR
from timeline.journal import Timeline
from topologies.organisation import Organisation

EPOCH = datetime(2026, 3, 14, 2, 10, tzinfo=ZoneInfo("Europe/Vienna"))


def two_faults() -> Timeline:
    """Feed and generator fail, so the site goes dark, so its database, so the shop.  Resolved after two hours."""
    story = Story(functions=["shop"])
    feed = story.add(0, "fault.started", "fault:feed", fault="power-loss", target="feed")
    feed_down = story.add(0, "signal.health_changed", "component:feed", feed)
    generator = story.add(9, "fault.started", "fault:generator", fault="power-loss", target="generator")
    generator_down = story.add(9, "signal.health_changed", "component:generator", generator)
    dark = story.add(17, "signal.health_changed", "site:dc", feed_down, generator_down)
    database = story.add(17, "signal.health_changed", "component:db", dark)
    own = story.add(17, "signal.health_changed", "function:shop", database)
    story.add(17, "function.disrupted", "function:shop", own)
    alert = story.add(18, "alert.firing", "alert:Dark", dark)
    opened = story.add(19, "incident.opened", "incident:i1", alert)
    declared = story.add(25, "incident.declared", "incident:i1", opened)
    story.add(140, "incident.resolved", "incident:i1", declared, state="resolved")
    return story.end(240)


def after(timeline: Timeline | None = None, **policy: Any) -> Timeline:
    """The timeline with what comes after it; a day of reading, an hour a question, and so on."""
    review = {"role": "incident-manager", "within": "14d", "begins_after": "1d", "asking": "1h", "writing": "4h"}
    stated = {
        "review": review | policy.pop("review", {}),
        "approvals": {"legal": {"people": ["max"], "takes": "1d"}},
        "disclosure": {"audience": "public", "role": "incident-manager", "drafting": "2h"} | policy.pop("words", {}),
        "improvement": {"within": "30d", "work": "10d"} | policy.pop("improvement", {}),
        "risk_update": "1h",
        **policy,
    }
    told = two_faults() if timeline is None else timeline
    audience = {"title": "Public", "channel": "push", "role": "incident-manager", "writing": "1m"}
    org = Organisation.model_validate(organisation(after_incident=stated, audiences={"public": audience}))
    assert org.after_incident is not None
    kernel = Kernel(told, Streams(1), EPOCH, start_ms=told[len(told) - 1].at_ms)
    risks = (RiskLink("power", "Loss of power", "crew"), RiskLink("unheard-of"))
    Aftermath(kernel, org, org.after_incident, {"feed": "crew"}, risks).run()
    return told


def only(timeline: Timeline, kind: str) -> Event:
    (event,) = timeline.of_kind(kind)
    return event


def found(timeline: Timeline) -> set[str]:
    return set(only(timeline, "review.completed").detail.found)  # type: ignore[attr-defined]


BOTH = {"power-loss on feed", "power-loss on generator"}


@pytest.mark.parametrize(
    ("method", "expected"),
    [("none", {"dc is down"}), ("five-whys", {"power-loss on generator"}), ("cause-and-effect", BOTH)],
)
def test_a_review_finds_what_its_method_asks_for(method: str, expected: set[str]) -> None:
    assert found(after(review={"method": method})) == expected


def test_each_question_takes_its_time_and_says_what_it_was_about() -> None:
    timeline = after(review={"method": "five-whys"})
    asked = timeline.of_kind("review.asked_why")
    assert [e.detail.about for e in asked] == ["shop is disrupted", "dc is down", "generator is down"]  # type: ignore[attr-defined]
    begun = 140 * 60_000 + DAY
    assert [e.at_ms for e in asked] == [begun + n * HOUR for n in (1, 2, 3)]
    assert only(timeline, "review.completed").at_ms == begun + 3 * HOUR + 4 * HOUR


def test_a_chain_follows_trouble_to_where_it_began_and_passes_over_what_passed_it_on() -> None:
    timeline = two_faults()
    disrupted = only(timeline, "function.disrupted")
    assert [e.subject.id for e in direct_causes(timeline, disrupted)] == ["db"]
    (dark,) = ask_why(timeline, disrupted)
    assert dark.subject.id == "dc"
    assert [e.subject.id for e in ask_why(timeline, dark)] == ["feed", "generator"]
    assert [e.subject.id for e in roots(timeline, [disrupted])] == ["feed", "generator"]


def test_words_are_held_back_until_everybody_has_approved() -> None:
    timeline = after()
    authorised, published = only(timeline, "review.authorised"), only(timeline, "disclosure.published")
    assert published.seq > authorised.seq
    assert published.at_ms == authorised.at_ms
    assert only(timeline, "disclosure.withheld").detail.waits_for == ("legal",)  # type: ignore[attr-defined]


def test_without_an_embargo_they_are_out_when_they_are_ready() -> None:
    timeline = after(words={"embargo": False})
    assert only(timeline, "disclosure.published").at_ms == max(140 * 60_000 + 2 * HOUR, 240 * 60_000)
    assert only(timeline, "disclosure.published").detail.waits_for == ("legal",)  # type: ignore[attr-defined]


def test_an_empty_seat_never_approves() -> None:
    timeline = after(approvals={"legal": {"people": [], "takes": "1d"}})
    assert not timeline.of_kind("review.authorised", "disclosure.published")


def test_an_action_is_done_by_who_owns_what_failed_and_by_nobody_else() -> None:
    timeline = after()
    owners = {e.detail.title: e.detail.owner for e in timeline.of_kind("action.opened")}  # type: ignore[attr-defined]
    assert set(owners.values()) == {"crew", None}
    assert [e.detail.owner for e in timeline.of_kind("action.closed")] == ["crew"]  # type: ignore[attr-defined]
    reviewer = after(improvement={"owner": "reviewer"})
    assert len(reviewer.of_kind("action.closed")) == 2


def test_only_a_risk_of_the_register_is_written_to() -> None:
    assert [e.subject.id for e in after().of_kind("risk.assessed")] == ["power"]


def test_office_work_waits_for_the_office() -> None:
    """ENDEX is on a Saturday at 6:10; a day of eight hours after the resolution has passed on Monday at 17."""
    week = {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    timeline = after(review={"begins_after": "8h"}, calendar={"timezone": "Europe/Vienna", "hours": week})
    first = timeline.of_kind("review.asked_why")[0]
    assert EPOCH.timestamp() + first.at_ms / 1000 == datetime(2026, 3, 17, 10, tzinfo=EPOCH.tzinfo).timestamp()


@pytest.mark.parametrize(("kind", "state"), [("incident.reopened", "detected"), ("incident.merged", "resolved")])
def test_what_is_not_over_or_is_a_part_of_something_is_not_reviewed(kind: str, state: str) -> None:
    timeline = two_faults()
    story = Story()
    story.timeline = Timeline(list(timeline)[:-1])
    parent = "i2" if kind == "incident.merged" else None
    story.add(150, kind, "incident:i1", story.timeline[0], state=state, parent=parent)
    assert not after(story.end(240)).of_kind("review.due")


def test_the_same_questions_take_as_long_whatever_else_is_asked() -> None:
    """The length of a question goes by what it is about."""
    varying = {"asking": "uniform(1h, 9h)"}
    both = after(review=varying).of_kind("review.asked_why")
    one = after(review=varying | {"method": "five-whys"}).of_kind("review.asked_why")
    assert one[0].at_ms == both[0].at_ms
