"""A replay as one self-contained HTML page: no request leaves it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reports.figures.canvas import Figure
from reports.html.environment import page_environment
from reports.quantities import write_seconds
from studies.replay.comparison import Estimate
from studies.replay.document import document
from studies.replay.whole import HistoryReplay

MOST_UNMAPPED = 40


def html_page(done: HistoryReplay, figures: Sequence[Figure]) -> str:
    """The text of `replay.html`."""
    mapping = done.placed.mapping
    return (
        page_environment("studies.replay")
        .get_template("replay.html.jinja")
        .render(
            done=done,
            estate=done.base.plan.subject.estate,
            answer=document(done),
            figures=figures,
            lines=sorted(mapping.services.items()),
            unmapped=done.placed.unmapped[:MOST_UNMAPPED],
            unmapped_left_out=max(len(done.placed.unmapped) - MOST_UNMAPPED, 0),
            write=write_figure,
            write_estimate=write_estimate,
            write_difference=write_difference,
        )
    )


def write_figure(value: float, unit: str) -> str:
    """A figure in its unit, as people write it."""
    if unit == "s":
        return "never" if math.isinf(value) else write_seconds(value)
    return f"{value:.1%}" if unit == "ratio" else f"{value:,.1f}".removesuffix(".0")


def write_estimate(one: Estimate, unit: str) -> str:
    return f"{write_figure(one.value, unit)} ({write_figure(one.low, unit)} to {write_figure(one.high, unit)})"


def write_difference(value: float, unit: str) -> str:
    """A difference with its sign."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    if unit == "ratio":
        return f"{sign}{abs(value) * 100:.1f} points"
    return f"{sign}{write_figure(abs(value), unit)}"
