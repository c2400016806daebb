"""Business functions with their targets beside what was achieved, as the report and the documents show them."""

from __future__ import annotations

from dataclasses import dataclass

from reports.critical_path import Spent, time_spent
from reports.index import FunctionSpan, TimelineIndex
from reports.measures.continuity import losses
from reports.quantities import write_ms
from reports.story import Line, story


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A business function with its targets and what was achieved."""

    name: str
    rto: str
    achieved: str
    rto_verdict: str
    rpo: str
    lost: str
    rpo_verdict: str
    evidence: tuple[int, ...]
    why: tuple[Line, ...]
    """The critical path from the fault to the restoration (or to the loss, while it is still down)."""
    spent: tuple[Spent, ...]
    """What the time from the disruption to the restoration was spent on."""


def function_rows(index: TimelineIndex) -> list[FunctionRow]:
    """One row for each function of the estate; of its disruptions the longest."""
    rows = []
    for name in index.exercise.functions:
        spans = [span for span in index.disruptions if span.subject.id == name]
        if not spans:
            rows.append(FunctionRow(name, "–", "never disrupted", "good", "–", "nothing", "good", (), (), ()))
            continue
        longest = max(spans, key=lambda s: s.elapsed_ms(index.until_ms))
        lost_ms = max((lost for span, lost, _ in losses(index) if span.subject.id == name), default=None)
        rows.append(_function_row(index, name, longest, lost_ms))
    return rows


def _function_row(index: TimelineIndex, name: str, span: FunctionSpan, lost_ms: int | None) -> FunctionRow:
    """`lost_ms` is None where a record does not say."""
    achieved_ms = span.elapsed_ms(index.until_ms)
    rto_ms, rpo_ms = span.detail.rto_ms, span.detail.rpo_ms
    # What the end waited for is not in a record: it has no critical path.
    path = [] if index.is_partial else index.causality.path_to(span.ended or span.begun)
    return FunctionRow(
        name=name,
        rto="unknown" if rto_ms is None else write_ms(rto_ms),
        achieved=f"over {write_ms(achieved_ms)}, still down at the end"
        if span.ended is None
        else write_ms(achieved_ms),
        rto_verdict="none" if rto_ms is None else "good" if achieved_ms <= rto_ms else "bad",
        rpo="unknown" if rpo_ms is None else write_ms(rpo_ms),
        lost="not in the record" if lost_ms is None else write_ms(lost_ms) if lost_ms else "nothing",
        rpo_verdict="none" if rpo_ms is None or lost_ms is None else "good" if lost_ms <= rpo_ms else "bad",
        evidence=span.evidence(),
        why=tuple(story(path)),
        spent=tuple(time_spent(path, span.begun.at_ms)) if span.ended is not None else (),
    )
