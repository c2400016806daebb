"""What runs of a playbook suggest to change in it, as edits of its text.

- A planned time that at least half of the runs missed is moved to where it would have held (the 80th percentile, the
  longest of fewer than five runs); one that no run used half of is moved down likewise.
- A step that at least half of the runs skipped is marked with a question: whether it is needed, or not known, only
  people can say.
- An action that at least half of the runs added becomes a task, after the last step that was done before it.

The text keeps its comments and its order: only the lines in question change.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from statistics import quantiles

from reports.conformance.alignment import Move
from reports.conformance.runs import PlaybookRun
from timeline.details import CommandDetail
from timeline.instants import MINUTE, format_duration
from topologies.loading.document import Document

_ROUND_MS = 5 * MINUTE
_ENOUGH = 5
"""Runs from which on a percentile is taken instead of the longest."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """Lines to put in place of `replaced` lines from `line` on, counted from 1."""

    line: int
    replaced: int
    lines: tuple[str, ...]


def proposed_edits(document: Document, runs: Sequence[PlaybookRun]) -> str:
    """A unified diff of a playbook's text, empty when the runs suggest nothing.  `runs` are of this playbook."""
    edits = [*_times(document, runs), *_questions(document, runs), *_additions(document, runs)]
    before = document.text.splitlines()
    after = list(before)
    for edit in sorted(edits, key=lambda e: e.line, reverse=True):
        after[edit.line - 1 : edit.line - 1 + edit.replaced] = edit.lines
    diff = unified_diff(before, after, document.name, f"{document.name} (proposed)", lineterm="")
    return "".join(f"{line}\n" for line in diff)


def _times(document: Document, runs: Sequence[PlaybookRun]) -> list[_Edit]:
    edits = []
    for step in runs[0].plan.steps:
        for field, planned_ms in (("expected", step.expected_ms), ("within", step.within_ms)):
            if planned_ms is None:
                continue
            taken = [ms for run in runs if (ms := _taken_ms(run, step.id, field)) is not None]
            if taken and (wanted_ms := _wanted_ms(taken, planned_ms)) is not None:
                edits += _with_value(document, step.id, field, format_duration(wanted_ms))
    return edits


def _taken_ms(run: PlaybookRun, id: str, field: str) -> int | None:
    events = run.events_of(id)
    done = next((event for event in reversed(events) if event.kind == "task.completed"), None)
    if done is None:
        return None
    ready = [event for event in events if event.kind == "task.ready" and event.seq < done.seq]
    if field == "within":
        return done.at_ms - ready[-1].at_ms if ready else None
    return done.at_ms - run.started.at_ms


def _wanted_ms(taken: Sequence[int], planned_ms: int) -> int | None:
    """The planned time that fits, None when the present one does."""
    held = max(taken) if len(taken) < _ENOUGH else round(quantiles(taken, n=5)[-1])
    rounded_ms = math.ceil(held / _ROUND_MS) * _ROUND_MS
    is_missed = 2 * sum(ms > planned_ms for ms in taken) >= len(taken)
    is_idle = 2 * max(taken) < planned_ms
    return rounded_ms if (is_missed or is_idle) and rounded_ms != planned_ms else None


def _with_value(document: Document, id: str, field: str, value: str) -> list[_Edit]:
    place = document.place(["tasks", id, field])
    written = document.text_at(["tasks", id, field])
    if place.line is None or place.column is None or written is None:
        return []
    line = document.text.splitlines()[place.line - 1]
    begin = line.find(written, place.column - 1)
    if begin < 0:
        return []
    return [_Edit(place.line, 1, (line[:begin] + value + line[begin + len(written) :],))]


def _questions(document: Document, runs: Sequence[PlaybookRun]) -> list[_Edit]:
    skipped = Counter(step.id for run in runs for step in run.skipped)
    edits = []
    for id, times in sorted(skipped.items()):
        place = document.place(["tasks", id], key=True)
        if 2 * times >= len(runs) and place.line is not None and place.column is not None:
            indent = " " * (place.column - 1)
            text = f"{indent}# skipped in {times} of {len(runs)} runs: is it needed, and does whoever leads know it?"
            edits.append(_Edit(place.line, 0, (text,)))
    return edits


def _additions(document: Document, runs: Sequence[PlaybookRun]) -> list[_Edit]:
    """New tasks, at the end of the tasks."""
    roles = {step.id: step.role for step in runs[0].plan.steps}
    added: dict[str, list[tuple[str, CommandDetail, int]]] = {}
    for run in runs:
        last = ""
        for move in run.alignment.moves:
            event = run.event_of(move)
            if move.move is Move.SYNCHRONOUS:
                last = move.label.task
            elif (
                event is not None and isinstance(event.detail, CommandDetail) and last and move.label.task not in roles
            ):
                added.setdefault(move.label.task, []).append((last, event.detail, event.at_ms - run.started.at_ms))
    lines: list[str] = []
    for found in added.values():
        if 2 * len(found) < len(runs):
            continue
        after, command, _ = found[0]
        expected_ms = math.ceil(max(at_ms for *_, at_ms in found) / _ROUND_MS) * _ROUND_MS
        lines += [
            f"  {command.action}-{command.target}:",
            f"    title: {command.action.replace('-', ' ').capitalize()} {command.target}",
            f"    role: {roles[after]}",
            f"    after: [{after}]",
            "    takes: 5m  # not measured: how long before the command is given",
            f"    does: {{action: {command.action}, target: {command.target}}}",
            f"    expected: {format_duration(expected_ms)}",
        ]
    return [_Edit(_end_of_tasks(document), 0, tuple(lines))] if lines else []


def _end_of_tasks(document: Document) -> int:
    """The line after the last one of the tasks: where the next section begins, or the end of the text."""
    lines = document.text.splitlines()
    first = document.place(["tasks"], key=True).line or 1
    for number in range(first + 1, len(lines) + 1):
        if lines[number - 1] and not lines[number - 1].startswith((" ", "#")):
            return number
    return len(lines) + 1
