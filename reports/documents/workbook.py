"""MSEL and results as sheets, for those who plan, filter and calculate.  Numbers are numbers, with their unit beside.

Every sheet is a table with the names of its columns in the first row; `events` are numbers of events on the timeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from reports.documents.improvement import Area
from reports.documents.msel import PlannedItem, planned_items
from reports.documents.participants import participants
from reports.documents.source import Source
from reports.quantities import write_wall
from reports.scoring.model import MeasureScore
from timeline.instants import SECOND, format_clock

Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `width` in characters."""

    name: str
    meaning: str
    width: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a workbook."""

    name: str
    purpose: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


_EVENTS = Column("events", "numbers of the events behind it, on the timeline", 24)


def sheets(source: Source) -> list[Sheet]:
    """All sheets of a run."""
    return [
        _msel(source),
        _objectives(source),
        _parts(source),
        _measures(source),
        _samples(source),
        _improvements(source),
        _participants(source),
    ]


def _msel(source: Source) -> Sheet:
    rows = []
    for number, item in enumerate(planned_items(source.index, source.plan), start=1):
        rows.append((number, *_clock(source, item.planned_at_ms), *_item(item), *_came(source, item)))
    columns = (
        Column("no.", "in the order of the plan", 6),
        Column("planned", "exercise time from STARTEX", 12),
        Column("planned clock", "the clock on the wall", 18),
        Column("kind", "fault (of the estate) or inject (told to players)", 8),
        Column("id", "as in the scenario", 18),
        Column("from", "who says it", 26),
        Column("to", "role that hears it, or what the fault strikes", 26),
        Column("channel", "how it is said", 10),
        Column("what", "the words, or what happens", 60),
        Column("expected action", "what players should do about it", 60),
        Column("objective", "the objective that it serves", 40),
        Column("happened", "exercise time; empty: it never came", 12),
        Column("happened clock", "the clock on the wall", 18),
        _EVENTS,
    )
    return Sheet("MSEL", "Master scenario events list: what was planned, beside when it came.", columns, tuple(rows))


def _item(item: PlannedItem) -> tuple[Value, ...]:
    said = (item.kind, item.id, item.sender, item.receiver, item.channel, item.text, item.expected_action)
    return (*said, item.objective)


def _came(source: Source, item: PlannedItem) -> tuple[Value, ...]:
    if item.happened is None:
        return (None, None, None)
    return (*_clock(source, item.happened.at_ms), str(item.happened.seq))


def _clock(source: Source, at_ms: int | None) -> tuple[str | None, str | None]:
    return (None, None) if at_ms is None else (format_clock(at_ms), write_wall(at_ms, source.index.epoch))


def _objectives(source: Source) -> Sheet:
    rows = tuple(
        (o.id, o.title, o.weight, o.rating, o.met, o.score, ", ".join(o.practices)) for o in source.scores.objectives
    )
    columns = (
        Column("id", "as in the scenario", 18),
        Column("objective", "what the exercise was to show", 60),
        Column("weight", "in Blackstart's own score", 8),
        Column("rating", "P, S, M, U of HSEEP; empty: not rated", 8),
        Column("met", "rated P or S", 8),
        Column("score", "Blackstart's own, of 100", 10),
        Column("practices", "that it exercises", 24),
    )
    return Sheet("Objectives", "Ratings of the objectives.", columns, rows)


def _parts(source: Source) -> Sheet:
    rows: list[tuple[Value, ...]] = []
    for o in source.scores.objectives:
        for t in o.targets:
            measured = (t.measure, t.subject, t.at_least, t.at_most, t.value, t.unit.value, t.censored)
            rows.append((o.id, "target", t.title, *measured, t.rating, t.explanation, _seqs(t.evidence)))
        for k in o.critical_tasks:
            planned = None if k.planned_ms is None else k.planned_ms / SECOND
            taken = None if planned is None or k.delay_s is None else planned + k.delay_s
            measured = (k.task, None, None, planned, taken, "s", k.completed_at_ms is None)
            rows.append((o.id, "critical task", k.title, *measured, k.rating, k.explanation, _seqs(k.evidence)))
    columns = (
        Column("objective", "its id", 18),
        Column("kind", "target or critical task", 14),
        Column("title", "what is rated", 50),
        Column("id", "of the measure or the task", 26),
        Column("subject", "what it is restricted to", 26),
        Column("at least", "bound", 10),
        Column("at most", "bound; of a task its planned time from the declaration", 10),
        Column("achieved", "in the unit; of a task its time from the declaration", 12),
        Column("unit", "s: seconds", 8),
        Column("open", "still open at the end: it can only get worse", 8),
        Column("rating", "P, S, M, U; empty: not exercised", 8),
        Column("explanation", "in words", 60),
        _EVENTS,
    )
    return Sheet("Targets and tasks", "What the objectives were rated by.", columns, tuple(rows))


def _measures(source: Source) -> Sheet:
    rows = tuple(
        (*_figure(m), m.practice, m.reference, m.meaning, _seqs(m.evidence))
        for m in source.scores.measures
        if m.value is not None
    )
    columns = (
        Column("id", "of the measure", 28),
        Column("title", "what it is", 40),
        Column("value", "in the unit", 12),
        Column("unit", "s: seconds", 8),
        Column("open", "still open at the end: it can only get worse", 8),
        Column("better", "which way is good", 10),
        Column("judged by", "worst, mean or total of the samples", 10),
        Column("samples", "how many", 10),
        Column("practice", "that it tells about", 10),
        Column("reference", "standard or paper", 40),
        Column("meaning", "in plain language", 60),
        _EVENTS,
    )
    return Sheet("Measures", "Every measure that the run called for.", columns, rows)


def _figure(m: MeasureScore) -> tuple[Value, ...]:
    return (m.id, m.title, m.value, m.unit.value, m.censored, m.direction.value, m.judged.value, len(m.samples))


def _samples(source: Source) -> Sheet:
    rows = tuple(
        (m.id, s.subject, s.value, m.unit.value, s.censored, _seqs(s.evidence))
        for m in source.scores.measures
        for s in m.samples
    )
    columns = (
        Column("measure", "its id", 28),
        Column("subject", "a fault, function, incident, task, ...", 40),
        Column("value", "in the unit", 14),
        Column("unit", "s: seconds", 8),
        Column("open", "still open at the end: it can only get worse", 8),
        _EVENTS,
    )
    return Sheet("Samples", "What the measures are made of.", columns, rows)


def _improvements(source: Source) -> Sheet:
    rows = tuple(
        (*_finding(a), a.recommendation.text, a.element, a.owner, None, None, _seqs(a.observation.evidence))
        for a in source.areas
    )
    columns = (
        Column("no.", "objective and place", 8),
        Column("objective", "its title", 40),
        Column("area", "what was not performed without challenges", 40),
        Column("rating", "S, M or U", 8),
        Column("observation", "what was seen", 50),
        Column("reference", "what it is held against", 40),
        Column("analysis", "what the time went into", 50),
        Column("corrective action", "proposed by rule", 50),
        Column("element", "of capability", 14),
        Column("responsible", "the role of the task, or open", 20),
        Column("start", "to be agreed", 12),
        Column("completion", "to be agreed", 12),
        _EVENTS,
    )
    return Sheet("Improvement plan", "Areas for improvement with proposed actions.", columns, rows)


def _finding(a: Area) -> tuple[Value, ...]:
    return (a.number, a.objective, a.title, a.rating, a.observation.text, a.reference, a.analysis.text)


def _participants(source: Source) -> Sheet:
    rows = tuple((p.name, p.kind, p.part, _seqs(p.evidence)) for p in participants(source.index))
    columns = (
        Column("participant", "as in the files", 30),
        Column("kind", "person or third party", 14),
        Column("part", "roles taken, or what they did", 50),
        _EVENTS,
    )
    return Sheet("Participants", "Who acted, and who was called.", columns, rows)


def _seqs(evidence: tuple[int, ...]) -> str:
    return ", ".join(map(str, evidence))
