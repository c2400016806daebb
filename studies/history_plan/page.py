"""A plan from history as one self-contained page, and as tables for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports.figures.canvas import Figure
from reports.html.environment import page_environment
from reports.quantities import write_seconds
from studies.history_plan.headroom import HORIZON_WEEKS, Headroom
from studies.history_plan.objectives import Kept
from studies.history_plan.problems import Problem
from studies.history_plan.recurrence import Bottleneck, Estimate
from studies.history_plan.study import HistoryPlan
from studies.history_plan.trends import Trend
from timeline.instants import UNIX_EPOCH, to_wall

MOST_ROWS = 25


@dataclass(frozen=True, slots=True)
class Section:
    """One question with its rows; `left_out` are rows beyond those shown."""

    title: str
    text: str
    rows: tuple[dict[str, str], ...]
    left_out: int
    figures: str
    """How the names of its figures begin."""


def html_page(title: str, plan: HistoryPlan, figures: Sequence[Figure]) -> str:
    """The text of `plan.html`."""
    parts = [
        (one, [(figure, Markup(figure.svg)) for figure in figures if figure.id.startswith(one.figures)])
        for one in sections(plan)
    ]
    template = page_environment("studies.history_plan").get_template("plan.html.jinja")
    return template.render(title=title, plan=plan, parts=parts)


def sections(plan: HistoryPlan, most: int = MOST_ROWS) -> list[Section]:
    """All questions that there is an answer to."""
    days = plan.policy.within.days
    found = [
        _section(
            "Bottlenecks",
            "Ranked by the hours that their incidents take a year; a trend is shown where no trend can be excluded, "
            "corrected for how many were looked at.",
            plan.bottlenecks,
            _bottleneck_row,
            most,
            "bottlenecks",
        )
    ]
    if plan.headroom or plan.unforeseen:
        left = f" {len(plan.unforeseen)} series are too short." if plan.unforeseen else ""
        text = (
            "The busy level of a week is the 95 % point of its samples. A crossing has a 95 % interval; without a "
            f"latest moment it may as well never come within {HORIZON_WEEKS // 52} years.{left}"
        )
        found.append(_section("Headroom", text, plan.headroom, _headroom_row, most, "headroom"))
    text = f"At least {plan.policy.incidents} incidents of a kind within {days} days; evidence is in problems.csv."
    found.append(_section("Problem candidates", text, plan.problems, _problem_row, most, "problems"))
    if plan.objectives is not None:
        share = f"{plan.objectives.confidence:.0%}"
        text = (
            f"What {share} of the recorded losses kept, at the upper end of its 95 % interval, beside what is declared."
        )
        for what, kept in (("RTO", plan.objectives.rto), ("RPO", plan.objectives.rpo)):
            if kept:
                found.append(_section(f"Recovery objectives: {what}", text, kept, _kept_row, most, "objectives"))
    return found


def _section(
    title: str, text: str, things: Sequence[Any], row: Callable[[Any], dict[str, str]], most: int, figures: str
) -> Section:
    return Section(title, text, tuple(map(row, things[:most])), max(len(things) - most, 0), figures)


def _bottleneck_row(one: Bottleneck) -> dict[str, str]:
    trend = one.trend
    return {
        "service": one.service,
        "mode": one.mode,
        "incidents": f"{one.incidents:,}",
        "came back": f"{one.recurrences:,}",
        "hours a year": "-" if one.hours_a_year is None else _range(one.hours_a_year, ",.0f"),
        "incidents a year": _range(one.incidents_a_year, ",.1f"),
        "factor from year to year": "-" if trend is None else _trend(trend),
        "trend": str(one.direction),
    }


def _trend(one: Trend) -> str:
    return f"{_factor(one.factor)} ({_factor(one.low)} to {_factor(one.high)})"


def _factor(value: float) -> str:
    return f"{value:.2g}" if 1e-3 < value < 1e3 else ("below 0.001" if value < 1 else "above 1000")


def _headroom_row(one: Headroom) -> dict[str, str]:
    return {
        "series": one.series,
        "busy level": _range(one.level, ".3g"),
        "limit": f"{one.limit:g}",
        "headroom": _range(one.headroom, ".0%"),
        "reaches it": "already beyond" if one.exceeded else _day(one.crosses_ms, "not within sight"),
        "95 % interval": _crossing(one),
    }


def _crossing(one: Headroom) -> str:
    if one.exceeded or one.earliest_ms is None:
        return "-"
    return f"{_day(one.earliest_ms, '')} to {_day(one.latest_ms, 'never')}"


def _problem_row(one: Problem) -> dict[str, str]:
    return {
        "problem": one.id,
        "incidents": f"{one.incidents:,}",
        "most in a period": f"{one.most_within_period:,}",
        "first": one.first_at[:10],
        "last": one.last_at[:10],
        "hours": "-" if one.hours is None else f"{one.hours:,.1f}",
        "known as": ", ".join(one.known_as[:3]) or "-",
    }


def _kept_row(one: Kept) -> dict[str, str]:
    return {
        "function": one.function,
        "losses": f"{one.losses:,}",
        "declared": "-" if one.declared_s is None else write_seconds(one.declared_s),
        "kept it": "-" if one.held is None else f"{one.held.p:.0%} ({one.held.low:.0%} to {one.held.high:.0%})",
        "proposed": "too few losses" if one.proposed_s is None else write_seconds(one.proposed_s),
    }


def _range(one: Estimate, form: str) -> str:
    return f"{one.value:{form}} ({one.low:{form}} to {one.high:{form}})"


def _day(at_ms: int | None, never: str) -> str:
    return never if at_ms is None else f"{to_wall(at_ms, UNIX_EPOCH):%Y-%m-%d}"
