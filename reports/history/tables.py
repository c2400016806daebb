"""A history in sections: for each question a sentence, a table, and the figures that show the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reports.history.arrivals import WEEKDAYS, Season
from reports.history.concentration import Bar
from reports.history.description import Description
from reports.history.spans import Percentile, Spans
from reports.quantities import write_seconds

_LISTED = 10


@dataclass(frozen=True, slots=True)
class Section:
    """One question; `text` and `rows` may be empty, `figures` are ids that are drawn where there is material."""

    title: str
    text: str = ""
    rows: tuple[dict[str, str], ...] = ()
    figures: tuple[str, ...] = ()


def when(described: Description) -> str:
    """What time a history covers, in words."""
    if described.relative:
        return f"{(described.last - described.first).total_seconds() / 86_400:,.0f} days, without a calendar"
    return f"{described.first:%Y-%m-%d} to {described.last:%Y-%m-%d}"


def hours_of_week(described: Description) -> list[str]:
    """Arrivals by weekday and hour as lines of text; none for a relative trace."""
    table = described.arrivals.hour_of_week
    if table is None:
        return []
    width = max(2, len(str(table.max())))
    header = " ".join(f"{hour:>{width}d}" for hour in range(24))
    rows = [
        f"{name} {' '.join(f'{count:>{width}d}' for count in row)}" for name, row in zip(WEEKDAYS, table, strict=True)
    ]
    return [f"    {header}", *rows]


def sections(described: Description) -> Iterator[Section]:
    """All sections, in the order in which one asks."""
    yield from _arrivals(described)
    for target, groups in described.spans.items():
        text = "" if groups else "This history does not say it."
        yield Section(f"Time to {target}", text, tuple(map(_spans_row, groups)), (f"time-to-{target}",))
    reassignments, recurrences = described.reassignments, described.recurrences
    if reassignments is not None:
        share = reassignments.some / reassignments.incidents
        text = (
            f"{reassignments.some:,} of {reassignments.incidents:,} incidents ({share:.1%}) were passed on, "
            f"{reassignments.total:,} times together, one of them {reassignments.most} times."
        )
        yield Section("Reassignments", text, figures=("reassignments",))
    if recurrences.ratio is not None:
        days = recurrences.window.total_seconds() / 86_400
        text = f"{recurrences.recurrences:,} of {recurrences.considered:,} incidents ({recurrences.ratio:.1%})."
        rows = tuple(
            {
                "service": one.service,
                "mode or component": one.mode or "-",
                "incidents": f"{one.incidents:,}",
                "recurrences": f"{one.recurrences:,}",
            }
            for one in recurrences.most
        )
        yield Section(f"Recurrences within {days:g} days", text, rows)
    for title, bars, figure in (
        ("service", described.services, "services"),
        ("failure mode", described.modes, "modes"),
    ):
        if bars:
            rows = tuple(_bar_row(title, bar) for bar in bars[:_LISTED])
            yield Section(f"By {title}", f"The first of {len(bars):,}." if len(bars) > _LISTED else "", rows, (figure,))


def _arrivals(described: Description) -> Iterator[Section]:
    arrivals = described.arrivals
    per_day = described.incidents / len(arrivals.daily)
    text = f"{per_day:.2f} a day; variance over mean {arrivals.dispersion:.2f} (1 when independent of each other)."
    yield Section("Arrivals", text, figures=("hour-of-week",))
    changes = tuple(
        {
            "from": _day(one.begins, described),
            "to": _day(one.ends, described),
            "incidents": f"{one.incidents:,}",
            "a day": f"{one.per_day:.2f}",
        }
        for one in arrivals.segments
    )
    changed = len(changes) > 1
    yield Section(
        "Changes of the rate", "" if changed else "None was found.", changes if changed else (), figures=("rate",)
    )
    if arrivals.months:
        seasons = tuple(_season_row(season) for season in (*arrivals.weekdays, *arrivals.months) if season.days)
        yield Section("Seasons", rows=seasons, figures=("seasons-weekday", "seasons-month"))


def _day(day: date, described: Description) -> str:
    return f"day {(day - described.arrivals.first_day).days}" if described.relative else day.isoformat()


def _season_row(season: Season) -> dict[str, str]:
    return {
        "season": season.name,
        "incidents": f"{season.incidents:,}",
        "a day": f"{season.per_day:.2f}",
        "95 % interval": f"{season.low:.2f} to {season.high:.2f}",
    }


def _spans_row(group: Spans) -> dict[str, str]:
    return {
        "priority": group.group,
        "incidents": f"{group.incidents:,}",
        "open": f"{group.censored:,}",
        "unknown": f"{group.unknown:,}",
        "median": _time(group.median.value_s),
        "its 95 % interval": _interval(group.median),
        "90 % within": _time(group.p90.value_s),
        "that interval": _interval(group.p90),
    }


def _interval(percentile: Percentile) -> str:
    if percentile.low_s is None:
        return "-"
    high = "unknown" if percentile.high_s is None else _time(percentile.high_s)
    return f"{_time(percentile.low_s)} to {high}"


def _time(seconds: float | None) -> str:
    """A time in words; from an hour on in whole minutes."""
    if seconds is None:
        return "-"
    return write_seconds(round(seconds / 60) * 60 if seconds >= 3600 else seconds)


def _bar_row(title: str, bar: Bar) -> dict[str, str]:
    return {
        title: bar.name,
        "incidents": f"{bar.incidents:,}",
        "share": f"{bar.ratio:.1%}",
        "together": f"{bar.together_ratio:.1%}",
        "hours": "-" if bar.restore_hours is None else f"{bar.restore_hours:,.0f}",
    }
