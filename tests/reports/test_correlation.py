"""Purity, completeness and compression on incidents put together by hand."""

import pytest

from reports.index import TimelineIndex
from reports.measures import MEASURES
from tests.reports.building import Story
from timeline.journal import Timeline


def incidents(*contents: str, orphans: str = "", notified: bool = True) -> Timeline:
    """One incident for each word; each letter is a sign of the fault of that name, `-` one of nothing.

    `incidents("aab", "b")`: two signs of a and one of b in the first incident, one of b in the second.
    """
    story = Story()
    named = sorted({letter for word in (*contents, orphans) for letter in word if letter != "-"})
    faults = {letter: story.add(0, "fault.started", f"fault:{letter}") for letter in named}
    number = 0

    def alert(letter: str):  # type: ignore[no-untyped-def]
        nonlocal number
        number += 1
        causes = [faults[letter]] if letter != "-" else []
        return story.add(number, "alert.firing", f"alert:{letter}", *causes, fingerprint=str(number))

    for index, word in enumerate(contents):
        for position, letter in enumerate(word):
            sign = alert(letter)
            reason = story.add(number, "notification.sent", "receiver:team", sign) if notified else sign
            kind = "incident.alert_attached" if position else "incident.opened"
            story.add(number, kind, f"incident:{index}", reason)
    for letter in orphans:
        alert(letter)
    return story.end(60)


def values(measure: str, timeline: Timeline) -> list[float]:
    return [round(sample.value, 6) for sample in MEASURES[measure].read(TimelineIndex(timeline))]


@pytest.mark.parametrize(
    ("contents", "purity", "completeness", "compression"),
    [
        (("aaabbb",), [0.5], [1, 1], [round(1 - 1 / 6, 6)]),
        (("aaa", "bbb"), [1, 1], [1, 1], [round(1 - 2 / 6, 6)]),
        (("a", "a", "a", "b", "b", "b"), [1] * 6, [round(1 / 3, 6)] * 2, [0]),
        (("aaab", "bb"), [0.75, 1], [1, round(2 / 3, 6)], [round(1 - 2 / 6, 6)]),
        (("aa-",), [round(2 / 3, 6)], [1], [round(1 - 1 / 3, 6)]),
        (("-",), [0], [], [0]),
        ((), [], [], []),
    ],
)
@pytest.mark.parametrize("notified", [True, False])
def test_incidents_against_the_known_causes(
    contents: tuple[str, ...], purity: list[float], completeness: list[float], compression: list[float], notified: bool
) -> None:
    timeline = incidents(*contents, notified=notified)
    assert values("correlation_purity", timeline) == purity
    assert values("correlation_completeness", timeline) == completeness
    assert values("alert_compression", timeline) == compression


def test_an_alert_of_two_faults_is_a_sign_of_both() -> None:
    story = Story()
    first, second = story.add(0, "fault.started", "fault:a"), story.add(0, "fault.started", "fault:b")
    story.add(1, "incident.opened", "incident:1", story.add(1, "alert.firing", "alert:A", first, second))
    timeline = story.end(60)
    assert values("correlation_purity", timeline) == [1]
    assert values("correlation_completeness", timeline) == [1, 1]


def test_what_was_merged_counts_for_the_incident_that_it_was_merged_into() -> None:
    story = Story()
    fault = story.add(0, "fault.started", "fault:a")
    for id in ("1", "2"):
        alert = story.add(1, "alert.firing", "alert:A", fault, fingerprint=id)
        story.add(1, "incident.opened", f"incident:{id}", alert)
    apart = values("correlation_completeness", story.timeline)
    story.add(5, "incident.merged", "incident:2", parent="1")
    assert apart == [0.5]
    assert values("correlation_completeness", story.end(60)) == [1]


def test_alerts_of_a_fault_that_has_no_incident_are_orphans() -> None:
    """A false alert (-) has no fault, and an alert of a fault that is being looked at (a) may be left out."""
    assert values("orphan_alerts", incidents("aa", orphans="ab-b")) == [0, 0, 0, 1, 1]


def test_duplicates_are_suppressed_or_open_a_second_incident_for_the_same_fault() -> None:
    assert values("duplicates_suppressed", incidents("aaa")) == [1, 1]
    assert values("duplicates_suppressed", incidents("aa", "a", "b")) == [1, 0]
