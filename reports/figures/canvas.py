"""What every figure has in common: size, colours, the axis of time, links to events, and the same bytes each time.

A mark carries the number of its event as the link `#e17`, the anchor of that event in the report.  Ids inside a figure
are prefixed with its name, so that several figures can stand in one page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reports.index import TimelineIndex
from timeline.instants import DAY, HOUR, MINUTE, format_clock, to_wall

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, RED, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#666666"
INK, SOFT = "#1b1f24", "#57606a"
"""Okabe and Ito (2008), and two inks."""

WIDTH_IN = 11.0
_DOTS_PER_INCH = 120
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "blackstart",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": "#b6bec8",
    "xtick.color": SOFT,
    "ytick.color": INK,
    "ytick.left": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": "#e3e7ec",
    "grid.linewidth": 0.7,
}
_TICKS_S = {
    60: "1 min",
    300: "5 min",
    900: "15 min",
    3_600: "1 h",
    14_400: "4 h",
    86_400: "1 day",
    604_800: "1 week",
    2_592_000: "30 days",
    31_536_000: "1 year",
}
_STEPS_MS = (MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, DAY)
_MOST_TICKS = 11


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn figure; `caption` says what to see."""

    id: str
    title: str
    caption: str
    svg: str
    png: Callable[[], bytes] = field(compare=False, repr=False)
    """Paints it as a PNG file, for documents that hold no SVG."""


def render(id: str, title: str, caption: str, height_in: float, paint: Callable[[Axes], None]) -> Figure:
    """Paints one pair of axes and writes it as SVG that can stand in a page."""
    svg = draw(height_in, paint, "svg").decode()
    own = _own_ids(svg[svg.index("<svg") :], id)
    return Figure(id, title, caption, own, lambda: draw(height_in, paint, "png"))


def draw(height_in: float, paint: Callable[[Axes], None], format: str) -> bytes:
    """Paints one pair of axes; a whole file, `svg` or `png`, with the same bytes each time."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure as Canvas

    dated = ("Creator", "Date", "Format", "Type") if format == "svg" else ("Software",)
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(WIDTH_IN, height_in), layout="constrained")
        paint(canvas.subplots())
        buffer = io.BytesIO()
        canvas.savefig(buffer, format=format, metadata=dict.fromkeys(dated), dpi=_DOTS_PER_INCH)
    return buffer.getvalue()


def link(seq: int) -> str:
    """Where a mark leads: the anchor of its event."""
    return f"#e{seq}"


def time_axis(axes: Axes, index: TimelineIndex) -> None:
    """Exercise time with the wall clock below it, in milliseconds, from the first event to the last."""
    clock_axis(axes, index.drawn_from_ms, max(index.until_ms, MINUTE), index.epoch)
    axes.set_xlabel("exercise time, and the clock on the wall")


def clock_axis(axes: Axes, begin_ms: int, end_ms: int, epoch: datetime, zero_ms: int = 0) -> None:
    """An axis in milliseconds from `zero_ms`, with the wall clock below."""
    at = ticks(begin_ms, end_ms)
    axes.set_xticks(at, [f"{format_clock(t)[:6]}\n{to_wall(t + zero_ms, epoch):%H:%M}" for t in at])
    axes.set_xlim(begin_ms, end_ms)


def ticks(begin_ms: int, end_ms: int) -> list[int]:
    """Round moments of a span, in milliseconds, few enough to be labelled."""
    step_ms = next((s for s in _STEPS_MS if (end_ms - begin_ms) / s <= _MOST_TICKS), _STEPS_MS[-1])
    while (end_ms - begin_ms) / step_ms > _MOST_TICKS:
        step_ms *= 2
    return list(range(-(-begin_ms // step_ms) * step_ms, end_ms + 1, step_ms))


def log_time_axis(axes: Axes) -> None:
    """The x axis on a log scale of seconds, with ticks that people count in."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    at = [second for second in _TICKS_S if low <= second <= high]
    axes.set_xticks(at, [_TICKS_S[second] for second in at])
    axes.minorticks_off()


def _own_ids(svg: str, prefix: str) -> str:
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r'xlink:href="#(?!e\d+")', f'xlink:href="#{prefix}-', svg)
    return re.sub(r'(xlink:href="#e\d+") target="_\w+"', r"\1", svg)
