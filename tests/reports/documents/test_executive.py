"""Every number on the one-page summary leads to the events that it comes from, and is what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import pytest

from reports.critical_path import time_spent
from reports.documents.executive import executive_summary
from reports.documents.model import Document, Listing, Table, Words
from reports.documents.source import Source
from reports.milestones import Milestone
from reports.quantities import write_ms
from tests.reports.building import Story, objective, of_every_kind, target
from tests.reports.documents.reading import played, source_of
from timeline.details import ExerciseDetail, FunctionDetail
from timeline.events import Event
from timeline.instants import MINUTE
from timeline.journal import Timeline

_DURATION = re.compile(r"\d+(?:\.\d+)? (?:d|h|min|s)\b(?: \d+ (?:h|min|s)\b)*")
_POINTS = {"P": 100, "S": 80, "M": 40, "U": 0}


@pytest.fixture(scope="module", params=["corner-lab-crash", "workplace-denied"])
def source(request: pytest.FixtureRequest) -> Source:
    return played(request.param)


@pytest.fixture(scope="module")
def page(source: Source) -> Document:
    return executive_summary(source)


def _table(page: Document, caption: str) -> Table:
    (found,) = [block for block in page.blocks if isinstance(block, Table) and block.caption.startswith(caption)]
    return found


def test_every_number_names_events(page: Document) -> None:
    numbers = [words for words in page.words() if re.search(r"\d", words.text)]
    assert len(numbers) > 15
    assert [words.text for words in numbers if not words.evidence] == []


def test_every_number_names_events_whatever_happened() -> None:
    page = executive_summary(source_of(of_every_kind()))
    assert [words.text for words in page.words() if re.search(r"\d", words.text) and not words.evidence] == []


def test_headings_and_captions_hold_no_number_that_could_name_none(page: Document) -> None:
    names = [text for block in page.blocks if isinstance(block, Table) for text in (block.caption, *block.columns)]
    assert [text for text in names if re.search(r"\d", text)] == []


def test_clocks_are_the_time_between_the_two_events_that_they_name(source: Source, page: Document) -> None:
    table = _table(page, "Key figures")
    clocks = [words for words in table.rows[0].cells[1:] if words.evidence]
    assert len(clocks) >= 4
    for words in clocks:
        begun, reached = (source.index.events[seq] for seq in words.evidence)
        assert words.text == write_ms(reached.at_ms - begun.at_ms)


def test_a_clock_moves_with_the_event_that_it_names(source: Source, page: Document) -> None:
    declared = _table(page, "Key figures").rows[0].cells[3]
    begun, reached = declared.evidence
    events = [replace(e, at_ms=e.at_ms + MINUTE) if e.seq == reached else e for e in source.index.events]
    moved = _table(executive_summary(source_of(Timeline(events))), "Key figures").rows[0].cells[3]
    took_ms = source.index.events[reached].at_ms - source.index.events[begun].at_ms
    assert moved == Words(write_ms(took_ms + MINUTE), declared.evidence)


def test_the_score_is_the_weighted_mean_of_the_ratings_that_its_events_give(source: Source, page: Document) -> None:
    words = _table(page, "Key figures").rows[0].cells[0]
    stated = source.index.events[words.evidence[0]].detail
    assert isinstance(stated, ExerciseDetail)
    weights = {o.title: o.weight for o in stated.objectives}
    rows = [row.cells for row in _table(page, "Objectives").rows]
    assert len(rows) == len(weights), "all objectives of these scenarios fit on the page"
    scored = [(weights[title.text], _mean(source, title.text)) for title, _, score, _ in rows if score.text != "–"]
    for title, rating, score, _ in rows:
        assert rating.evidence == score.evidence
        assert set(score.evidence) <= set(words.evidence)
        assert score.text in ("–", f"{_mean(source, title.text):.0f}")
    total = sum(weight * score for weight, score in scored) / sum(weight for weight, _ in scored)
    assert words.text == f"{total:.0f} of 100"


def _mean(source: Source, title: str) -> float:
    (found,) = [o for o in source.scores.objectives if o.title == title]
    ratings = [part.rating for part in (*found.targets, *found.critical_tasks) if part.rating is not None]
    return sum(_POINTS[rating] for rating in ratings) / len(ratings) if ratings else 0.0


def test_recovery_is_between_the_disruption_and_the_return_that_are_named(source: Source, page: Document) -> None:
    table = _table(page, "Recovery of business functions")
    assert table.rows
    for name, rto, achieved, *_ in (row.cells for row in table.rows):
        begun, *ended = (source.index.events[seq] for seq in achieved.evidence)
        assert begun.kind == "function.disrupted"
        assert begun.subject.id == name.text
        assert isinstance(begun.detail, FunctionDetail)
        until_ms = ended[-1].at_ms if ended else source.index.until_ms
        assert write_ms(until_ms - begun.at_ms) in achieved.text
        assert begun.detail.rto_ms is None or rto.text == write_ms(begun.detail.rto_ms)


def test_durations_in_sentences_are_those_of_the_events_they_name(source: Source, page: Document) -> None:
    (listing, *_) = [block for block in page.blocks if isinstance(block, Listing)]
    found = 0
    for words in listing.items:
        known = {write_ms(ms) for ms in _lengths(source, words)}
        for duration in _DURATION.findall(words.text):
            assert duration in known, words.text
            found += 1
    assert found > 0


def _lengths(source: Source, words: Words) -> Iterator[int]:
    """Lengths that the named events state, lie between them, or that the critical path to one of them consists of."""
    events = [source.index.events[seq] for seq in words.evidence]
    moments = [e.at_ms for e in events] + [source.index.until_ms]
    for event in events:
        yield from (abs(event.at_ms - moment) for moment in moments)
        yield from _stated(event)
        yield from (s.ms for s in time_spent(source.index.causality.path_to(event), events[0].at_ms))
    late = [at - e.at_ms - rto for e in events for rto in _stated(e) for at in moments]
    yield from (ms for ms in late if ms > 0)


def _stated(event: Event) -> list[int]:
    if not is_dataclass(event.detail):
        return []
    values = [getattr(event.detail, field.name) for field in fields(event.detail) if field.name.endswith("_ms")]
    return [value for value in values if value is not None]


def test_the_worst_objective_comes_first_with_what_kept_it_back() -> None:
    kept = objective("kept", target("rto_met", at_least=1, subject="function:mail"))
    lost = objective("lost", target("rto_met", at_least=1, subject="function:payments"))
    story = Story(kept, lost, functions=["mail", "payments"])
    begun = story.add(0, "function.disrupted", "function:payments")
    story.add(90, "function.restored", "function:payments", begun)
    first = _table(executive_summary(source_of(story.end(120))), "Objectives").rows[0].cells
    assert first[0].text == "Objective lost"
    assert first[1].text == "U"
    assert "0 %" in first[3].text
    assert first[3].evidence == (begun.seq, begun.seq + 1)


def test_a_milestone_that_was_not_reached_is_said_to_be() -> None:
    table = _table(executive_summary(source_of(Story().end(60))), "Key figures")
    assert [words.text for words in table.rows[0].cells[1:]] == ["not reached"] * 5
    assert len(list(Milestone)) > 5
