"""Clocks of a fault that lay silent begin where it showed; the silence is a measure of its own."""

from __future__ import annotations

import pytest

from reports.html import html_report
from reports.index import TimelineIndex
from reports.measures import MEASURES
from reports.milestones import MEANINGS, Milestone, of_exercise
from reports.scoring import score
from reports.verdict import verdict
from tests.reports.building import Story
from timeline.instants import MINUTE
from timeline.journal import Timeline

FAULT = "fault:wrong"
CLOCKS = ("time_to_detect", "time_to_alert", "time_to_acknowledge", "time_to_find_cause", "time_to_mitigate")


def corruption(*, silent: bool = True, found: float | None = 0, hurts: float | None = 20) -> Timeline:
    """Wrong since two days; found by a job at 0 min, an alert a minute later, payments stopped at 20 min; or not."""
    story = Story(functions=["payments"], begins_min=-2880)
    last = story.add(-2880, "fault.started", FAULT, fault="corruption", target="db", silent=silent)
    moments: list[tuple[float, str, str]] = []
    if found is not None:
        moments += [(found, "data.corruption_found", "data:db"), (found + 1, "alert.firing", "alert:A")]
        moments += [(found + 2, "page.delivered", "person:duty-1"), (found + 4, "page.acknowledged", "person:duty-1")]
    if hurts is not None:
        moments.append((hurts, "function.disrupted", "function:payments"))
    for minute, kind, subject in sorted(moments):
        last = story.add(minute, kind, subject, last)
    story.add(40, "diagnosis.concluded", "incident:i1", last, finding="corruption on db")
    story.add(60, "incident.mitigated", "incident:i1", last)
    return story.end(90)


def minutes(measure: str, timeline: Timeline) -> list[tuple[float, bool]]:
    return [(s.value / 60, s.censored) for s in MEASURES[measure].read(TimelineIndex(timeline))]


@pytest.mark.parametrize(("measure", "since_found"), list(zip(CLOCKS, (2, 1, 4, 40, 60), strict=True)))
def test_times_count_from_the_discovery(measure: str, since_found: float) -> None:
    assert minutes(measure, corruption()) == [(since_found, False)]


@pytest.mark.parametrize(("measure", "since_began"), list(zip(CLOCKS, (2882, 2881, 2884, 2920, 2940), strict=True)))
def test_of_a_fault_that_could_be_seen_they_count_from_its_beginning(measure: str, since_began: float) -> None:
    assert minutes(measure, corruption(silent=False)) == [(since_began, False)]


def test_what_hurts_before_it_is_found_has_shown() -> None:
    assert minutes("time_to_detect", corruption(found=30, hurts=20)) == [(12, False)]


def test_what_never_showed_could_not_be_noticed() -> None:
    unseen = corruption(found=None, hurts=None)
    assert minutes("time_to_detect", unseen) == []
    assert minutes("time_undiscovered", unseen) == [(2970, True)]
    assert of_exercise(TimelineIndex(unseen), Milestone.BEGAN) is None


@pytest.mark.parametrize(("found", "hurts", "silent_for"), [(0, 20, 2880), (30, 20, 2900), (None, 20, 2900)])
def test_the_silence_lasts_until_it_is_found_or_hurts(found: float | None, hurts: float, silent_for: float) -> None:
    assert minutes("time_undiscovered", corruption(found=found, hurts=hurts)) == [(silent_for, False)]


def test_the_silence_of_what_ended_by_itself_ended_with_it() -> None:
    story = Story(begins_min=-60)
    fault = story.add(-60, "fault.started", FAULT, silent=True)
    story.add(-10, "fault.ended", FAULT, fault)
    assert minutes("time_undiscovered", story.end(60)) == [(50, False)]


def test_only_silent_faults_have_been_silent() -> None:
    assert minutes("time_undiscovered", corruption(silent=False)) == []


def test_the_milestone_says_where_clocks_begin() -> None:
    index = TimelineIndex(corruption())
    began = of_exercise(index, Milestone.BEGAN)
    assert began is not None
    assert (began.kind, began.at_ms) == ("data.corruption_found", 0)
    assert "silent" in MEANINGS[Milestone.BEGAN]
    visible = of_exercise(TimelineIndex(corruption(silent=False)), Milestone.BEGAN)
    assert visible is not None
    assert visible.at_ms == -2880 * MINUTE


def test_the_verdict_tells_both_times() -> None:
    timeline = corruption()
    told = " ".join(sentence.text for sentence in verdict(TimelineIndex(timeline), score(timeline)))
    assert "reached a human after 2 min; before, nothing had shown it for 2 d" in told


@pytest.mark.parametrize(
    ("silent", "words"), [(True, "after the first fault showed"), (False, "after the first fault began")]
)
def test_the_report_says_from_where_it_counts(silent: bool, words: str) -> None:
    timeline = corruption(silent=silent)
    index = TimelineIndex(timeline)
    assert words in html_report(index, score(timeline), [])
