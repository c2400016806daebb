"""`blackstart alerts notify`: the notifications that a list of timed alerts would cause."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.output import JsonOption

if TYPE_CHECKING:
    from reports.notifications import NotificationPage
    from simulator.monitoring.alertmanager import Notification
    from simulator.monitoring.alertmanager.comparing import Outcome
    from simulator.monitoring.alertmanager.messages import Message

_START = "2024-01-01T00:00:00+00:00"
_CONFIGS = "Alertmanager configuration; several with AlertmanagerConfig resources beside it."


def notify(
    config: Annotated[list[Path], typer.Option(help=_CONFIGS)],
    alerts: Annotated[Path, typer.Option(help="Timed alerts and silences (YAML).")],
    until: Annotated[str, typer.Option(help="How long to run, like 20s or 4h.")],
    against: Annotated[
        list[Path] | None,
        typer.Option(help="Another configuration: show what each of the two would send, side by side."),
    ] = None,
    start: Annotated[str, typer.Option(help="The moment of second 0, for time intervals (ISO 8601).")] = _START,
    render: Annotated[bool, typer.Option("--render", help="Show the message as its receiver would.")] = False,
    organisation: Annotated[
        Path | None, typer.Option(help="Organisation file or estate: name the people who are on call for a receiver.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write notifications.html and notifications.json here.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Run alerts through an Alertmanager configuration in virtual time: who is notified of what, when, and why.

    With --json one object a line. With --against F, JSON lines carry the configuration they belong to.

    Example: blackstart alerts notify --config alertmanager.yml --alerts storm.yml --until 4h
    """
    from console.moments import parse_moment, parse_span
    from simulator.monitoring.alertmanager import load_storm, read_config
    from simulator.monitoring.alertmanager.comparing import outcome
    from simulator.monitoring.alertmanager.messages import Messages
    from topologies.loading.document import read_document

    until_ms = parse_span(until, "--until")
    epoch = parse_moment(start, "--start")
    given = [paths for paths in (config, against) if paths]
    short = len({paths[0].name for paths in given}) == len(given)
    names = [paths[0].name if short else str(paths[0]) for paths in given]
    configs = [read_config(paths) for paths in given]
    storm = load_storm(read_document(alerts))
    reached = _reached_by(organisation, epoch)
    if start == _START and any(configuration.time_intervals for configuration in configs):
        typer.echo(f"time intervals are judged as if second 0 were {_START}; --start sets it", err=True)
    outcomes = [
        outcome(name, configuration, storm, until_ms, epoch) for name, configuration in zip(names, configs, strict=True)
    ]
    shown: dict[str, Messages] = {}
    if render:
        shown = {
            name: Messages.read(configuration, paths[0].parent)
            for name, configuration, paths in zip(names, configs, given, strict=True)
        }

    def message_of(name: str, notification: Notification) -> Message | None:
        from simulator.monitoring.alertmanager.messages import MessageData

        return shown[name].of(MessageData(notification, epoch)) if name in shown else None

    if out is not None:
        _write(out, outcomes, until_ms, reached)
    if as_json:
        for one in outcomes:
            origin = {"config": one.name} if len(outcomes) > 1 else {}
            for notification in one.notifications:
                line = {**_document(notification, message_of(one.name, notification)), **origin}
                typer.echo(json.dumps(line, ensure_ascii=False))
        return 0
    if len(outcomes) == 1:
        _print_one(outcomes[0], message_of, reached)
    else:
        _print_side_by_side(outcomes, message_of)
        _print_differences(outcomes, until_ms, reached)
    return 0


def _reached_by(file: Path | None, epoch: datetime) -> Callable[[str, int], Sequence[str]]:
    """Whom the policy of a receiver pages first at a moment, by the organisation's schedules."""
    if file is None:
        return lambda _receiver, _at_ms: ()
    from console.commands.oncall import read_organisation
    from simulator.response.oncall import OnCall, escalate

    organisation, _ = read_organisation(file)
    oncall = OnCall(organisation, epoch)

    def reached(receiver: str, at_ms: int) -> Sequence[str]:
        policy = organisation.receivers.get(receiver)
        if policy is None:
            return ()
        pages = [page for page in escalate(organisation, oncall, policy, at_ms) if page.round == page.step == 1]
        return [
            "nobody on call" if page.person is None else f"{organisation.people[page.person].title} ({page.person})"
            for page in pages
        ]

    return reached


def _document(notification: Notification, message: Message | None) -> dict[str, Any]:
    shown = {} if message is None else {"message": dict(message.parts)}
    failed = {"error": message.error} if message is not None and message.error else {}
    return {
        "at": notification.at_ms / 1000,
        "receiver": notification.receiver,
        "group": dict(notification.group_labels),
        "status": notification.status,
        "alerts": [[dict(labels), status] for labels, _, status in notification.alerts],
        **shown,
        **failed,
    }


_MessageOf = Callable[[str, "Notification"], "Message | None"]


def _print_one(outcome: Outcome, message_of: _MessageOf, reached: Callable[[str, int], Sequence[str]]) -> None:
    from console import output

    rows = []
    for n in outcome.notifications:
        people = {"people": ", ".join(dict.fromkeys(reached(n.receiver, n.at_ms)))}
        rows.append({"at": _clock(n.at_ms), "receiver": n.receiver, **_said(n), **people})
    if not any(row["people"] for row in rows):
        rows = [{key: value for key, value in row.items() if key != "people"} for row in rows]
    output.print_table(rows)
    _print_messages(outcome, message_of)
    nobody = sum(alert.first_ms is None for alert in outcome.alerts)
    typer.echo(f"{len(outcome.notifications)} notifications, {nobody} of {len(outcome.alerts)} alerts reach nobody")


def _print_messages(outcome: Outcome, message_of: _MessageOf) -> None:
    for notification in outcome.notifications:
        message = message_of(outcome.name, notification)
        if message is None:
            continue
        typer.echo(f"\n{_clock(notification.at_ms)} {notification.receiver}, {message.integration}")
        if message.error:
            typer.echo(f"  not sent, since a template fails: {message.error}")
        for name, text in message.parts:
            lines = text.strip("\n").splitlines() or [""]
            typer.echo(f"  {name}: {lines[0]}" if len(lines) == 1 else f"  {name}:")
            for line in lines if len(lines) > 1 else ():
                typer.echo(f"    {line}".rstrip())


def _print_side_by_side(outcomes: Sequence[Outcome], message_of: _MessageOf) -> None:
    """One row for each moment and notification, one column for each configuration; equal ones stand in one row."""
    from console import output

    rows: dict[tuple[int, str, str], dict[str, str]] = {}
    for outcome in outcomes:
        for n in outcome.notifications:
            row = rows.setdefault((n.at_ms, n.receiver, str(_said(n))), {})
            row[outcome.name] = f"{n.receiver}: {_said(n)['alerts']}"
    output.print_table(
        [
            {"at": _clock(at_ms), **{outcome.name: row.get(outcome.name, "-") for outcome in outcomes}}
            for (at_ms, _, _), row in sorted(rows.items(), key=lambda item: item[0])
        ]
    )
    for outcome in outcomes:
        _print_messages(outcome, message_of)


def _print_differences(
    outcomes: Sequence[Outcome], until_ms: int, reached: Callable[[str, int], Sequence[str]]
) -> None:
    from console import output

    page = _page(outcomes, until_ms, reached)
    names = [outcome.name for outcome in outcomes]
    typer.echo()
    output.print_table(
        [{"receiver": receiver, **dict(zip(names, numbers, strict=True))} for receiver, numbers in page.counts]
    )
    if page.rows:
        typer.echo()
        output.print_table(
            [
                {
                    "begins": row.begun,
                    "alert": row.alert,
                    **{name: _with_people(cell.text, cell.people) for name, cell in zip(names, row.cells, strict=True)},
                    "change": row.change,
                }
                for row in page.rows
            ]
        )
    for outcome, nobody in zip(outcomes, page.nobody, strict=True):
        typer.echo(f"{outcome.name}: {len(outcome.notifications)} notifications, {nobody} alerts reach nobody")


def _with_people(text: str, people: str) -> str:
    return f"{text} [{people}]" if people else text


def _page(outcomes: Sequence[Outcome], until_ms: int, reached: Callable[[str, int], Sequence[str]]) -> NotificationPage:
    from reports.notifications import notification_page

    title = " against ".join(outcome.name for outcome in outcomes)
    return notification_page(title, outcomes, until_ms, reached)


def _write(
    folder: Path, outcomes: Sequence[Outcome], until_ms: int, reached: Callable[[str, int], Sequence[str]]
) -> None:
    from timeline.files import write_whole

    page = _page(outcomes, until_ms, reached)
    names = [outcome.name for outcome in outcomes]
    document = {
        "until": until_ms / 1000,
        "configurations": [
            {
                "name": outcome.name,
                "reach_nobody": nobody,
                "notifications": [_document(notification, None) for notification in outcome.notifications],
            }
            for outcome, nobody in zip(outcomes, page.nobody, strict=True)
        ],
        "receivers": {receiver: dict(zip(names, numbers, strict=True)) for receiver, numbers in page.counts},
        "alerts": [
            {
                "labels": dict(pair[0].labels),
                "at": pair[0].posted_ms / 1000,
                "told": {
                    name: {receiver: at_ms / 1000 for receiver, at_ms in alert.told_ms.items()}
                    for name, alert in zip(names, pair, strict=True)
                },
                "held_back": {
                    name: [f"{held.kind}: {held.by}" for held in alert.held_back]
                    for name, alert in zip(names, pair, strict=True)
                },
            }
            for pair in zip(*(outcome.alerts for outcome in outcomes), strict=True)
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "notifications.html", page.html)
    write_whole(folder / "notifications.json", json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    typer.echo(f"written: {folder / 'notifications.html'}", err=True)


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
