"""A sweep as one self-contained HTML page."""

from __future__ import annotations

from dataclasses import dataclass

from reports.figures.canvas import Figure
from reports.html.environment import page_environment
from reports.measures import MEASURES, Unit
from reports.quantities import write_value
from studies.intervals import Proportion
from studies.risk import Bounded
from studies.sweep.distributions import Distribution
from studies.sweep.drawing import draw_arm, draw_risk
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
    environment.filters |= {"share": share_text, "bounded": bounded_text, "money": money_text}
    environment.globals |= {"quantile_text": quantile_text, "MEASURES": MEASURES}
    return environment.get_template("sweep.html.jinja").render(
        study=summary.folder.study,
        complete=summary.complete,
        arms=arms,
        risk=summary.risk,
        currency=summary.currency or "",
        risk_figure=risk_figure(summary),
    )


def risk_figure(summary: Summary) -> Figure | None:
    """None where there is no risk to draw."""
    return None if summary.risk is None else draw_risk(summary.risk, summary.currency)


def bounded_text(found: Bounded) -> str:
    """`12 300 (10 100 to 14 800)`."""
    value, low, high = (write_value(end, Unit.CURRENCY) for end in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def money_text(value: float) -> str:
    return write_value(value, Unit.CURRENCY)


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
