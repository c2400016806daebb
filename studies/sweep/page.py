"""A sweep as one self-contained HTML page."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from reports.figures.canvas import Figure
from reports.html.environment import page_environment
from reports.measures import MEASURES
from reports.quantities import write_value
from studies.intervals import Proportion
from studies.sweep.distributions import Distribution
from studies.sweep.drawing import draw_arm
from studies.sweep.summary import ArmSummary, Summary


@dataclass(frozen=True, slots=True)
class Drawn:
    """An arm with its figures."""

    arm: ArmSummary
    objectives: list[Figure]
    measures: list[Figure]


def drawn(summary: Summary) -> list[Drawn]:
    """Every arm with its figures; ids tell arms apart where there are several."""
    several = len(summary.arms) > 1
    return [Drawn(arm, *draw_arm(arm, f"{arm.record.name}-" if several else "")) for arm in summary.arms]


def html_page(summary: Summary, arms: list[Drawn]) -> str:
    """The text of `report.html`."""
    environment = page_environment("studies.sweep")
    environment.filters |= {"svg": _svg, "share": share_text}
    environment.globals |= {"quantile_text": quantile_text, "MEASURES": MEASURES}
    return environment.get_template("sweep.html.jinja").render(
        study=summary.folder.study, complete=summary.complete, arms=arms
    )


def _svg(figure: Figure) -> Markup:
    return Markup(figure.svg)


def share_text(found: Proportion | None) -> str:
    """`97.0 % (91.5 % to 99.0 %)`."""
    if found is None:
        return "not exercised"
    return f"{found.p:.1%} ({found.low:.1%} to {found.high:.1%})".replace("%", " %")


def quantile_text(figures: Distribution, share: float) -> str:
    """`4 min 2 s (3 min 50 s to 4 min 20 s)`; an end that was not seen is said to be open."""
    unit = MEASURES[figures.measure].unit
    found = figures.quantile(share)
    low, high = (None if end is None else write_value(end, unit) for end in (found.low, found.high))
    if low is None and high is None:
        ends = "too few replications to bound it"
    elif high is None:
        ends = f"at least {low}"
    else:
        ends = f"at most {high}" if low is None else f"{low} to {high}"
    return f"{'not seen' if found.value is None else write_value(found.value, unit)} ({ends})"
