"""From outcomes to one self-contained page: the picture, counts by receiver, and what becomes of each alert."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.html.environment import page_environment
from reports.notifications.lanes import draw_lanes
from simulator.monitoring.alertmanager.comparing import AlertOutcome, Outcome, differences
from simulator.monitoring.alertmanager.matchers import written
from timeline.instants import format_clock, format_duration

Reached = Callable[[str, int], Sequence[str]]
"""The people whom a notification to a receiver at a moment reaches first."""
_MOST_ALERTS = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """What one configuration makes of one alert."""

    text: str
    people: str
    nobody: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One alert."""

    alert: str
    begun: str
    cells: tuple[Cell, ...]
    change: str


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """What the page says; `rows` are the alerts whose outcomes differ, or all of them where there is one outcome."""

    counts: tuple[tuple[str, tuple[int, ...]], ...]
    rows: tuple[Row, ...]
    nobody: tuple[int, ...]
    html: str


def notification_page(title: str, outcomes: Sequence[Outcome], until_ms: int, reached: Reached) -> NotificationPage:
    """The page of one outcome, or of two to compare."""
    names = [outcome.name for outcome in outcomes]
    every = [outcome.counts() for outcome in outcomes]
    receivers = sorted({*(receiver for counts in every for receiver in counts)})
    counts = tuple((receiver, tuple(counts[receiver] for counts in every)) for receiver in receivers)
    rows = _rows(outcomes, reached)
    nobody = tuple(sum(alert.first_ms is None for alert in outcome.alerts) for outcome in outcomes)
    environment = page_environment("reports.notifications")
    figure = draw_lanes(outcomes, until_ms)
    html = environment.get_template("notifications.html.jinja").render(
        title=title,
        names=names,
        until=format_duration(until_ms),
        total=len(outcomes[0].alerts),
        sent=[len(outcome.notifications) for outcome in outcomes],
        nobody=nobody,
        counts=counts,
        rows=rows[:_MOST_ALERTS],
        left_out=max(0, len(rows) - _MOST_ALERTS),
        figure=figure,
        svg=Markup(figure.svg),
    )
    return NotificationPage(counts, tuple(rows), nobody, html)


def _rows(outcomes: Sequence[Outcome], reached: Reached) -> list[Row]:
    if len(outcomes) == 1:
        return [
            Row(written(alert.labels), format_clock(alert.posted_ms), (_cell(alert, reached),), "")
            for alert in outcomes[0].alerts
        ]
    return [
        Row(
            written(one.before.labels),
            format_clock(one.before.posted_ms),
            (_cell(one.before, reached), _cell(one.after, reached)),
            _change(one.before, one.after, one.later_ms),
        )
        for one in differences(outcomes[0], outcomes[1])
        if one.matters
    ]


def _cell(alert: AlertOutcome, reached: Reached) -> Cell:
    if not alert.told_ms:
        reasons = "; ".join(dict.fromkeys(f"{held.kind} ({held.by})" for held in alert.held_back))
        return Cell("nobody" + (f": {reasons}" if reasons else ""), "", nobody=True)
    told = sorted(alert.told_ms.items(), key=lambda item: (item[1], item[0]))
    people = dict.fromkeys(person for receiver, at_ms in told for person in reached(receiver, at_ms))
    text = ", ".join(f"{receiver} after {format_duration(at_ms - alert.posted_ms)}" for receiver, at_ms in told)
    return Cell(text, ", ".join(people), nobody=False)


def _change(before: AlertOutcome, after: AlertOutcome, later_ms: int | None) -> str:
    if later_ms is None:
        return "reaches nobody now" if after.first_ms is None else "reached nobody before"
    if later_ms:
        return f"{format_duration(abs(later_ms))} {'later' if later_ms > 0 else 'earlier'}"
    return "others are told" if set(before.told_ms) != set(after.told_ms) else "some later or earlier"
