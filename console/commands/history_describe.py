"""`blackstart history describe`: what a history of incidents looks like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reports.history.arrivals import Arrivals, Season
    from reports.history.concentration import Bar
    from reports.history.description import Description
    from reports.history.spans import Percentile, Spans

_LISTED = 10


def describe(
    file: Annotated[Path, typer.Argument(help="A history (Parquet), as `history import` writes it.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the figures (SVG).")] = None,
    timezone: Annotated[str, typer.Option(help="Zone of the hours of the week, like Europe/Rome.")] = "UTC",
    window: Annotated[str, typer.Option(help="Within this time after another an incident is a recurrence.")] = "30d",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Show what the past looks like: arrivals, times to acknowledge and restore, what recurs, where incidents gather.

    Times are distributions: medians and 90th percentiles with 95 % intervals, open incidents censored.

    Example: blackstart history describe history.parquet --timezone Europe/Rome --out figures
    """
    from datetime import timedelta
    from zoneinfo import ZoneInfo, available_timezones

    from console.moments import parse_span
    from reports.history import description
    from scenarios.history.record import history_frame
    from timeline.findings import nearest

    if timezone not in available_timezones():
        raise refused("--timezone", f"{timezone!r} is no time zone", nearest(timezone, available_timezones()))
    span = timedelta(milliseconds=parse_span(window, "--window"))
    described = description.describe(history_frame(file), str(file), ZoneInfo(timezone), span)
    if out is not None:
        from reports.figures.history import draw_history
        from timeline.files import write_whole

        out.mkdir(parents=True, exist_ok=True)
        for figure in draw_history(described):
            write_whole(out / f"{figure.id}.svg", figure.svg)
    if as_json:
        from console import output

        output.print_json(_document(described))
    elif not quiet:
        _print(described)
        if out is not None:
            typer.echo(f"\nfigures: {out}")
    return 0


def _document(described: Description) -> dict[str, Any]:
    from reports.history.spans import LEVEL

    recurrences, reassignments = described.recurrences, described.reassignments
    return {
        "incidents": described.incidents,
        "from": described.first.isoformat(),
        "to": described.last.isoformat(),
        "time_basis": "relative" if described.relative else "calendar",
        "timezone": described.zone.key,
        "level": LEVEL,
        "arrivals": _arrivals(described.arrivals),
        "times": {str(target): [_spans(group) for group in groups] for target, groups in described.spans.items()},
        "reassignments": None
        if reassignments is None
        else {
            "incidents": reassignments.incidents,
            "reassigned": reassignments.some,
            "total": reassignments.total,
            "most": reassignments.most,
            "counts": list(reassignments.counts),
        },
        "recurrences": {
            "window_days": recurrences.window.total_seconds() / 86_400,
            "considered": recurrences.considered,
            "recurrences": recurrences.recurrences,
            "ratio": recurrences.ratio,
            "most": [
                {"service": one.service, "mode": one.mode, "incidents": one.incidents, "recurrences": one.recurrences}
                for one in recurrences.most
            ],
        },
        "pareto": {"service": _bars(described.services), "failure_mode": _bars(described.modes)},
    }


def _arrivals(arrivals: Arrivals) -> dict[str, Any]:
    return {
        "hour_of_week": None if arrivals.hour_of_week is None else arrivals.hour_of_week.tolist(),
        "weekdays": [_season(season) for season in arrivals.weekdays],
        "months": [_season(season) for season in arrivals.months],
        "first_day": arrivals.first_day.isoformat(),
        "daily": arrivals.daily.tolist(),
        "dispersion": arrivals.dispersion,
        "segments": [
            {
                "from": one.begins.isoformat(),
                "to": one.ends.isoformat(),
                "incidents": one.incidents,
                "per_day": one.per_day,
            }
            for one in arrivals.segments
        ],
        "change_points": [one.begins.isoformat() for one in arrivals.segments[1:]],
    }


def _season(season: Season) -> dict[str, Any]:
    return {
        "name": season.name,
        "incidents": season.incidents,
        "days": season.days,
        "per_day": season.per_day,
        "low": season.low,
        "high": season.high,
    }


def _spans(group: Spans) -> dict[str, Any]:
    return {
        "priority": group.group,
        "incidents": group.incidents,
        "censored": group.censored,
        "unknown": group.unknown,
        **{
            f"{name}{part}_s": getattr(percentile, f"{field}_s")
            for name, percentile in (("p50", group.median), ("p90", group.p90))
            for part, field in (("", "value"), ("_low", "low"), ("_high", "high"))
        },
    }


def _bars(bars: Sequence[Bar]) -> list[dict[str, Any]]:
    return [
        {
            "name": bar.name,
            "incidents": bar.incidents,
            "ratio": bar.ratio,
            "together_ratio": bar.together_ratio,
            "restore_hours": bar.restore_hours,
        }
        for bar in bars
    ]


def _print(described: Description) -> None:
    """A screenful or two: a table for each question."""
    length_days = (described.last - described.first).total_seconds() / 86_400
    when = (
        f"{length_days:,.0f} days, without a calendar"
        if described.relative
        else f"{described.first:%Y-%m-%d} to {described.last:%Y-%m-%d}"
    )
    typer.echo(f"{described.incidents:,} incidents, {when}")
    _print_arrivals(described)
    for target, groups in described.spans.items():
        if groups:
            _table(f"Time to {target}", [_spans_row(group) for group in groups])
        else:
            _heading(f"Time to {target}")
            typer.echo("not in this history")
    reassignments, recurrences = described.reassignments, described.recurrences
    if reassignments is not None:
        _heading("Reassignments")
        share = reassignments.some / reassignments.incidents
        typer.echo(
            f"{reassignments.some:,} of {reassignments.incidents:,} incidents ({share:.1%}) were passed on, "
            f"{reassignments.total:,} times together, one of them {reassignments.most} times"
        )
    if recurrences.ratio is not None:
        rows = [
            {
                "service": one.service,
                "mode or component": one.mode or "-",
                "incidents": f"{one.incidents:,}",
                "recurrences": f"{one.recurrences:,}",
            }
            for one in recurrences.most
        ]
        days = recurrences.window.total_seconds() / 86_400
        of = f"{recurrences.recurrences:,} of {recurrences.considered:,}, {recurrences.ratio:.1%}"
        _table(f"Recurrences within {days:g} days ({of})", rows)
    for title, bars in (("service", described.services), ("failure mode", described.modes)):
        if bars:
            _table(f"By {title} ({len(bars):,})", [_bar_row(title, bar) for bar in bars[:_LISTED]])


def _print_arrivals(described: Description) -> None:
    arrivals = described.arrivals
    per_day = described.incidents / len(arrivals.daily)
    _heading("Arrivals")
    typer.echo(f"{per_day:.2f} a day; variance over mean {arrivals.dispersion:.2f} (1 when independent of each other)")
    if arrivals.hour_of_week is not None:
        from reports.history.arrivals import WEEKDAYS

        typer.echo(f"     {' '.join(f'{hour:>3d}' for hour in range(24))}")
        for name, row in zip(WEEKDAYS, arrivals.hour_of_week, strict=True):
            typer.echo(f"{name}  {' '.join(f'{count:>3d}' for count in row)}")
    if len(arrivals.segments) > 1:
        rows = [
            {
                "from": _day(one.begins, described),
                "to": _day(one.ends, described),
                "incidents": f"{one.incidents:,}",
                "a day": f"{one.per_day:.2f}",
            }
            for one in arrivals.segments
        ]
        _table("Changes of the rate", rows)
    else:
        typer.echo("no change of the rate was found")
    if arrivals.months:
        seasons = [*arrivals.weekdays, *arrivals.months]
        _table("Seasons", [_season_row(season) for season in seasons if season.days])


def _day(day: Any, described: Description) -> str:
    if described.relative:
        return f"day {(day - described.arrivals.first_day).days}"
    return str(day.isoformat())


def _season_row(season: Season) -> dict[str, str]:
    interval = f"{season.low:.2f} to {season.high:.2f}"
    return {
        "season": season.name,
        "incidents": f"{season.incidents:,}",
        "a day": f"{season.per_day:.2f}",
        "95 % interval": interval,
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
    from reports.quantities import write_seconds

    return "-" if seconds is None else write_seconds(seconds)


def _bar_row(title: str, bar: Bar) -> dict[str, str]:
    return {
        title: bar.name,
        "incidents": f"{bar.incidents:,}",
        "share": f"{bar.ratio:.1%}",
        "together": f"{bar.together_ratio:.1%}",
        "hours": "-" if bar.restore_hours is None else f"{bar.restore_hours:,.0f}",
    }


def _heading(title: str) -> None:
    typer.secho(f"\n{title}", bold=True)


def _table(title: str, rows: Sequence[dict[str, str]]) -> None:
    from console import output

    _heading(title)
    if rows:
        output.print_table(rows)
    else:
        typer.echo("none")
