"""`blackstart alerts notify`: the notifications that a list of timed alerts would cause."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.output import JsonOption

if TYPE_CHECKING:
    from simulator.monitoring.alertmanager import Notification

_START = "2024-01-01T00:00:00+00:00"


def notify(
    config: Annotated[Path, typer.Option(help="Alertmanager configuration.")],
    alerts: Annotated[Path, typer.Option(help="Timed alerts and silences (YAML).")],
    until: Annotated[str, typer.Option(help="How long to run, like 20s or 4h.")],
    against: Annotated[
        Path | None, typer.Option(help="Another configuration: show what each of the two would send, side by side.")
    ] = None,
    start: Annotated[str, typer.Option(help="The moment of second 0, for time intervals (ISO 8601).")] = _START,
    as_json: JsonOption = False,
) -> int:
    """Run alerts through an Alertmanager configuration in virtual time: who is notified of what, when, and why.

    With --json one object a line. With --against F, JSON lines carry the configuration they belong to.

    Example: blackstart alerts notify --config alertmanager.yml --alerts storm.yml --until 4h
    """
    from console.moments import parse_moment, parse_span
    from simulator.monitoring.alertmanager import load_config, load_storm, run_storm
    from topologies.loading.document import read_document

    until_ms = parse_span(until, "--until")
    epoch = parse_moment(start, "--start")
    short = against is not None and against.name != config.name
    configs = {
        path.name if short else str(path): load_config(read_document(path))
        for path in (config, against)
        if path is not None
    }
    storm = load_storm(read_document(alerts))
    for configuration in configs.values():
        if configuration.time_intervals and start == _START:
            typer.echo(f"time intervals are judged as if second 0 were {_START}; --start sets it", err=True)
            break
    if as_json:
        for name, configuration in configs.items():
            origin = {"config": name} if against is not None else {}
            for notification in run_storm(configuration, storm, until_ms, epoch):
                typer.echo(json.dumps({**_document(notification), **origin}, ensure_ascii=False))
        return 0
    sent = {name: list(run_storm(configuration, storm, until_ms, epoch)) for name, configuration in configs.items()}
    if against is None:
        _print_one(next(iter(sent.values())))
    else:
        _print_side_by_side(sent)
    return 0


def _document(notification: Notification) -> dict[str, Any]:
    return {
        "at": notification.at_ms / 1000,
        "receiver": notification.receiver,
        "group": dict(notification.group_labels),
        "status": notification.status,
        "alerts": [[dict(labels), status] for labels, _, status in notification.alerts],
    }


def _print_one(notifications: list[Notification]) -> None:
    from console import output

    output.print_table([{"at": _clock(n.at_ms), "receiver": n.receiver, **_said(n)} for n in notifications])
    typer.echo(f"{len(notifications)} notifications")


def _print_side_by_side(sent: dict[str, list[Notification]]) -> None:
    """One row for each moment and notification, one column for each configuration; equal ones stand in one row."""
    from console import output

    rows: dict[tuple[int, str, str], dict[str, str]] = {}
    for name, notifications in sent.items():
        for n in notifications:
            row = rows.setdefault((n.at_ms, n.receiver, str(_said(n))), {})
            row[name] = f"{n.receiver}: {_said(n)['alerts']}"
    table = [
        {"at": _clock(at_ms), **{name: row.get(name, "-") for name in sent}}
        for (at_ms, _, _), row in sorted(rows.items(), key=lambda item: item[0])
    ]
    output.print_table(table)
    for name, notifications in sent.items():
        typer.echo(f"{name}: {len(notifications)} notifications")


def _said(notification: Notification) -> dict[str, str]:
    names = dict.fromkeys(
        f"{labels.get('alertname', '(no name)')} {status}" for labels, _, status in notification.alerts
    )
    group = " ".join(f"{name}={value}" for name, value in sorted(notification.group_labels.items()))
    return {"group": group or "-", "alerts": ", ".join(names), "why": str(notification.reason)}


def _clock(at_ms: int) -> str:
    from timeline.instants import format_clock

    milliseconds = at_ms % 1000
    return format_clock(at_ms) + (f".{milliseconds:03d}" if milliseconds else "")
