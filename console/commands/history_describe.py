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
    from reports.history.spans import Spans


def describe(
    file: Annotated[Path, typer.Argument(help="A history (Parquet), as `history import` writes it.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the page (history.html) and its figures (SVG).")] = None,
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
    from scenarios.history.record import scan_history
    from timeline.findings import nearest

    if timezone not in available_timezones():
        raise refused("--timezone", f"{timezone!r} is no time zone", nearest(timezone, available_timezones()))
    span = timedelta(milliseconds=parse_span(window, "--window"))
    history = scan_history(file).select(description.NEEDED).collect()
    described = description.describe(history, str(file), ZoneInfo(timezone), span)
    if out is not None:
        from reports.figures.files import write_figures
        from reports.figures.history import draw_history
        from reports.history.page import history_page
        from timeline.files import write_whole

        figures = draw_history(described)
        write_figures(out, figures)
        write_whole(out / "history.html", history_page(file.name.removesuffix(".parquet"), described, figures))
    if as_json:
        from console import output

        output.print_json(_document(described))
    elif not quiet:
        _print(described)
        if out is not None:
            typer.echo(f"\npage: {out / 'history.html'}")
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
    """A screenful or two: a sentence and a table for each question."""
    from console import output
    from reports.history.tables import hours_of_week, sections, when

    typer.echo(f"{described.incidents:,} incidents, {when(described)}")
    for section in sections(described):
        typer.secho(f"\n{section.title}", bold=True)
        if section.text:
            typer.echo(section.text)
        if "hour-of-week" in section.figures:
            for line in hours_of_week(described):
                typer.echo(line)
        if section.rows:
            output.print_table(section.rows)
