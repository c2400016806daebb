"""Recovery time and recovery point achieved, each beside what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.figures.canvas import GREEN, GREY, INK, RED, SOFT, link
from reports.index import FunctionSpan, TimelineIndex
from reports.measures.continuity import losses
from reports.quantities import write_ms
from timeline.instants import MINUTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class _Row:
    """The longest disruption of a function and the most data that it lost."""

    span: FunctionSpan
    achieved_ms: int
    lost_ms: int | None
    """None where a record does not say."""


def height_in(index: TimelineIndex) -> float:
    return 1.1 + 0.62 * max(len(_rows(index)), 1)


def paint(axes: Axes, index: TimelineIndex) -> None:
    rows = _rows(index)
    longest_ms = max([*(r.achieved_ms for r in rows), *(r.span.detail.rto_ms or 0 for r in rows), MINUTE])
    axes.set_xlim(0, longest_ms / MINUTE * 1.04)
    for number, row in enumerate(rows):
        _paint_row(axes, -number, row)
    axes.set_yticks([-n for n in range(len(rows))], [row.span.subject.id for row in rows])
    axes.set_ylim(-len(rows) + 0.35, 0.65)
    axes.set_xlabel("minutes below the minimum level")
    if not rows:
        axes.text(0.02, 0.5, "no business function was disrupted", transform=axes.transAxes)


def _paint_row(axes: Axes, y: float, row: _Row) -> None:
    promised = row.span.detail
    late = promised.rto_ms is not None and row.achieved_ms > promised.rto_ms
    colour = GREY if promised.rto_ms is None else RED if late else GREEN
    still_down = row.span.ended is None
    bar = axes.barh(y - 0.12, row.achieved_ms / MINUTE, height=0.42, color=colour, edgecolor="white")
    bar.patches[0].set_url(link((row.span.ended or row.span.begun).seq))
    if still_down:
        bar.patches[0].set_hatch("///")
        axes.annotate(
            "",
            (row.achieved_ms / MINUTE, y - 0.12),
            (-14, 0),
            textcoords="offset points",
            arrowprops={"arrowstyle": "<-", "color": INK},
        )
    if promised.rto_ms is not None:
        axes.vlines(promised.rto_ms / MINUTE, y - 0.42, y + 0.18, color=INK, linewidth=2.2)
    axes.text(0, y + 0.14, _words(row), va="bottom", ha="left", fontsize=8, color=SOFT)


def _words(row: _Row) -> str:
    promised = row.span.detail
    words = [f"{'over ' if row.span.ended is None else ''}{write_ms(row.achieved_ms)}"]
    words[0] += f" of RTO {write_ms(promised.rto_ms)}" if promised.rto_ms is not None else ", no RTO known"
    if row.span.ended is None:
        words.append("still down at the end")
    if promised.rpo_ms is not None and row.lost_ms is not None:
        words.append(f"lost {write_ms(row.lost_ms)} of data of RPO {write_ms(promised.rpo_ms)}")
    elif row.lost_ms:
        words.append(f"lost {write_ms(row.lost_ms)} of data")
    return "; ".join(words)


def _rows(index: TimelineIndex) -> list[_Row]:
    found: dict[str, _Row] = {}
    lost = {span.begun.seq: lost_ms for span, lost_ms, _ in losses(index)}
    for span in index.disruptions:
        row = _Row(span, span.elapsed_ms(index.until_ms), lost.get(span.begun.seq))
        before = found.get(span.subject.id)
        if before is not None:
            longest = max(before, row, key=lambda r: r.achieved_ms)
            known = [ms for ms in (before.lost_ms, row.lost_ms) if ms is not None]
            row = _Row(longest.span, longest.achieved_ms, max(known, default=None))
        found[span.subject.id] = row
    order = {id: number for number, id in enumerate(index.exercise.functions)}
    return sorted(found.values(), key=lambda r: order.get(r.span.subject.id, len(order)))
