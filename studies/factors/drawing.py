"""A response in figures: tornado, Sobol' indices, elementary effects, points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.figures.canvas import BLUE, GREY, INK, ORANGE, Figure, render
from reports.measures import Unit
from reports.quantities import write_seconds
from scenarios.factors import Factors
from studies.factors.replicates import Estimate
from studies.factors.responses import Response
from studies.factors.study import Explained, value_text
from studies.sweep.arms import Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_POINTS = 24
"""Points that a figure shows; the table and the document have all."""
_ROW_IN = 0.36


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a figure: estimates with their colours, and words at its end."""

    label: str
    estimates: tuple[tuple[Estimate, str], ...]
    words: str


def draw_response(factors: Factors, points: Sequence[Point], explained: Explained) -> list[Figure]:
    """Figures of one response, for what its design can say; none where no factor moved it."""
    drawn: list[Figure] = []
    if explained.unmoved:
        return drawn
    if explained.effects:
        drawn.append(_tornado(factors, explained))
    if explained.indices:
        drawn.append(_indices(factors, explained))
    if explained.elementary:
        drawn.append(_elementary(factors, explained))
    if explained.points:
        drawn.append(_points(factors, points, explained))
    return drawn


def factor_title(factors: Factors, id: str) -> str:
    return factors.factors[id].title or id


def point_title(factors: Factors, point: Point) -> str:
    """`decision 2m, start-up 45s`."""
    values = zip(factors.factors.items(), point.at, strict=True)
    return ", ".join(f"{id} {value_text(factor.value(at))}" for (id, factor), at in values)


def difference_text(response: Response, value: float) -> str:
    """A difference with its sign; of probabilities in percentage points."""
    if value == 0:
        return "0"
    if response.unit is Unit.RATIO:
        return f"{value * 100:+.1f} points".replace("-", "\N{MINUS SIGN}")
    return ("+" if value > 0 else "\N{MINUS SIGN}") + response.text(abs(value))


def estimate_text(response: Response, estimate: Estimate) -> str:
    return f"{response.text(estimate.value)} ({response.text(estimate.low)} to {response.text(estimate.high)})"


def difference_estimate_text(response: Response, estimate: Estimate) -> str:
    low, high = difference_text(response, estimate.low), difference_text(response, estimate.high)
    return f"{difference_text(response, estimate.value)} ({low} to {high})"


def index_text(estimate: Estimate) -> str:
    """`0.44 (0.41 to 0.47)`."""
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def _tornado(factors: Factors, explained: Explained) -> Figure:
    response = explained.response
    rows = [
        _Row(
            f"{factor_title(factors, effect.factor)}: {effect.start} \N{RIGHTWARDS ARROW} {effect.to}",
            ((effect.difference, BLUE),),
            difference_estimate_text(response, effect.difference),
        )
        for effect in explained.effects
    ]
    how = (
        "averaged over every combination of the others, in pairs under the same random numbers"
        if factors.design.kind == "factorial"
        else "by the straight line that fits best over the whole space"
    )
    return _figure(
        f"tornado-{response.id}",
        f"{response.title}: what each factor moves",
        f"What the response has more at the second value of a factor than at the first, {how}. Bars: the difference; "
        "lines: its 95 % interval.",
        rows,
        response,
        bars=True,
    )


def _indices(factors: Factors, explained: Explained) -> Figure:
    rows = [
        _Row(
            factor_title(factors, index.factor),
            ((index.first, BLUE), (index.total, ORANGE)),
            f"first {index_text(index.first)}\ntotal {index_text(index.total)}",
        )
        for index in sorted(explained.indices, key=lambda index: -index.total.value)
    ]
    return _figure(
        f"indices-{explained.response.id}",
        f"{explained.response.title}: whose variance it is",
        "Sobol' indices with 95 % intervals. Blue, first order: the share of the variance that would be gone were this "
        "factor known. Orange, total: the share that would stay were all others known; more than the first, where the "
        "factor acts with others.",
        rows,
        None,
    )


def _elementary(factors: Factors, explained: Explained) -> Figure:
    response = explained.response
    rows = [
        _Row(
            factor_title(factors, one.factor),
            ((one.mu_star, BLUE), (one.mu, GREY)),
            f"size {response.text(one.mu_star.value)}, spread {response.text(one.sigma)}",
        )
        for one in sorted(explained.elementary, key=lambda one: -one.mu_star.value)
    ]
    return _figure(
        f"elementary-{response.id}",
        f"{response.title}: elementary effects",
        "Blue: mean size of the effect for the whole range of a factor; grey: its mean "
        "with its sign. Lines: 95 % intervals over the paths. A spread as large as the size means that it bends "
        "or depends on other factors.",
        rows,
        response,
    )


def _points(factors: Factors, points: Sequence[Point], explained: Explained) -> Figure:
    response = explained.response
    sign = -1 if response.more_is_better else 1
    order = sorted(range(len(points)), key=lambda place: sign * explained.points[place].value)[:_MOST_POINTS]
    kept = set(explained.best.kept) if explained.best else set()
    rows = [
        _Row(
            point_title(factors, points[place]),
            ((explained.points[place], ORANGE if place in kept else GREY),),
            estimate_text(response, explained.points[place]),
        )
        for place in order
    ]
    shown = f" The best {_MOST_POINTS} of {len(points)} are shown." if len(points) > _MOST_POINTS else ""
    return _figure(
        f"points-{response.id}",
        f"{response.title}: point by point",
        "Each combination, the best on top, with 95 % intervals of its own. Orange: those among which the best one is, "
        f"with 95 % confidence; pairs can tell points apart whose intervals overlap.{shown}",
        rows,
        response,
    )


def _figure(
    id: str, title: str, caption: str, rows: Sequence[_Row], response: Response | None, *, bars: bool = False
) -> Figure:
    height_in = 0.75 + sum(_ROW_IN * max(len(row.estimates), _lines(row.label)) for row in rows)
    return render(id, title, caption, height_in, lambda axes: _paint(axes, rows, response, bars=bars))


def _paint(axes: Axes, rows: Sequence[_Row], response: Response | None, *, bars: bool) -> None:
    for place, row in enumerate(rows):
        for number, (estimate, colour) in enumerate(row.estimates):
            at = -place - 0.3 * (number - (len(row.estimates) - 1) / 2)
            if bars:
                axes.barh(at, estimate.value, height=0.5, color=colour, alpha=0.35)
            axes.plot([estimate.low, estimate.high], [at, at], color=colour, linewidth=2.5, solid_capstyle="butt")
            axes.plot([estimate.value], [at], marker="o", color=colour, markersize=5)
        axes.text(1.02, -place, row.words, va="center", fontsize=8.5, color=INK, transform=axes.get_yaxis_transform())
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_yticks([-place for place in range(len(rows))], [_wrapped(row.label) for row in rows])
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    _label_axis(axes, response)


def _label_axis(axes: Axes, response: Response | None) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if response is None:
        axes.set_xlim(min(0, axes.get_xlim()[0]), max(1, axes.get_xlim()[1]))
    elif response.unit is Unit.SECONDS:
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 1.5, 3, 6, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: write_seconds(seconds)))
    elif response.unit is Unit.RATIO:
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share * 100:.3g} %"))
    else:
        axes.set_xlabel(response.unit.value)


def _wrapped(label: str) -> str:
    from textwrap import fill

    return fill(label, 46)


def _lines(label: str) -> float:
    return 1 + 0.45 * _wrapped(label).count("\n")
