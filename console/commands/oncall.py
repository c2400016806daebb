"""`blackstart oncall`: who is on call, and whom an escalation policy would page.

A file is an organisation, or an on-call schedule as another tool exports it (`--format` lists the known ones): whatever
it does not say is told on standard error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from console.options import refused
from console.output import JsonOption

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simulator.response.oncall import Page
    from timeline.findings import Finding
    from topologies.importers.oncall import Window
    from topologies.loading.document import Document
    from topologies.organisation import Organisation
    from topologies.roster import Roster

FileArgument = Annotated[
    Path,
    typer.Argument(
        help="Organisation file, folder of an estate, name of a shipped one; or an export of PagerDuty, Opsgenie, "
        "GoAlert, Grafana OnCall, an .ics file, or a folder of these."
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(help="Take the file for an export of this tool: pagerduty, opsgenie, goalert, grafana-oncall, ics."),
]
LeaveOption = Annotated[Path | None, typer.Option(help="Calendar (.ics) of absences; its summaries name people.")]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1970, 2200)


@dataclass(frozen=True)
class _Read:
    """What a file holds, and what it leaves open."""

    roster: Organisation | Roster
    remarks: Sequence[Finding] = ()


def show(
    file: FileArgument,
    rotation: Annotated[
        str | None, typer.Option(help="Only this rotation, by id or title; needed when the file has several.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="Who is on call at this moment (ISO 8601).")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="Start of a span; by default now.")] = None,
    to: Annotated[str | None, typer.Option(help="End of a span; by default a week after its start.")] = None,
    format: FormatOption = None,
    leave: LeaveOption = None,
    overrides: Annotated[
        Path | None, typer.Option(help="Calendar (.ics) of overrides: its events go before everything in the rotation.")
    ] = None,
    ics: Annotated[Path | None, typer.Option(help="Also write the shifts of the span as a calendar.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Show the final schedule: layers, restrictions, leave and overrides put together, gaps included.

    Moments without an offset are local time of the rotation.

    Example: blackstart oncall show schedule.json --from 2026-03-28 --to 2026-03-31 --ics duty.ics
    """
    from console import output

    if at is not None and (from_ is not None or to is not None):
        raise refused("--at", "a moment and a span exclude each other", "give --at, or --from and --to")
    if at is not None and ics is not None:
        raise refused("--ics", "a calendar holds the shifts of a span", "give --from and --to instead of --at")
    window = _window(at or from_, at or to)
    read = _with_calendars(_read(file, window, format), window, leave)
    chosen = _chosen(rotation, read.roster, one_only=as_json or ics is not None or overrides is not None)
    if overrides is not None:
        read = _with_overrides(read, chosen[0], overrides, window)
    _tell(read.remarks)
    answers = {
        id: _holders(read.roster, id, at) if at is not None else _shifts(read.roster, id, from_, to) for id in chosen
    }
    if ics is not None:
        _write_calendar(ics, read.roster, chosen[0], from_, to)
    if as_json:
        output.print_json(next(iter(answers.values())))
    else:
        _print(read.roster, answers)
    return 0


def escalate(
    file: FileArgument,
    at: Annotated[str, typer.Option(help="When it starts (ISO 8601 with offset).")],
    policy: Annotated[
        str | None, typer.Argument(help="Escalation policy, by id or title; needed when the file has several.")
    ] = None,
    urgency: Annotated[str | None, typer.Option(help="high or low, instead of the policy's own.")] = None,
    acknowledged_after: Annotated[
        str | None, typer.Option(help="Somebody acknowledges after so long, and then does nothing.")
    ] = None,
    format: FormatOption = None,
    leave: LeaveOption = None,
    out: Annotated[Path | None, typer.Option(help="Also draw it, to a .svg or .png file.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Dry run of an escalation policy: who is paged when, over which channel, if nobody answers.

    Example: blackstart oncall escalate organisation.yaml database --at 2026-03-29T02:30:00+01:00 --out pages.png
    """
    from console import output
    from console.moments import parse_moment, parse_span
    from simulator.response.oncall import OnCall
    from simulator.response.oncall import escalate as dry_run
    from timeline.instants import from_wall

    if urgency not in (None, "high", "low"):
        raise refused("--urgency", f"{urgency!r} is not an urgency", "one of: high, low")
    if out is not None and out.suffix not in (".svg", ".png"):
        raise refused("--out", f"a picture cannot be written to {out.name!r}", "name a .svg or a .png file")
    start = parse_moment(at, "--at")
    window = _window(at, at)
    read = _with_calendars(_read(file, window, format), window, leave)
    id = _one_of("policy", policy, {id: policy.title for id, policy in read.roster.policies.items()})
    _tell(read.remarks)
    start_ms = from_wall(start, _EPOCH)
    pages = dry_run(
        read.roster,
        OnCall(read.roster, _EPOCH),
        id,
        start_ms,
        urgency=urgency,  # type: ignore[arg-type]
        acknowledged_after_ms=None
        if acknowledged_after is None
        else parse_span(acknowledged_after, "--acknowledged-after"),
    )
    rows = [_page_row(page, start_ms, start) for page in pages]
    if out is not None:
        if_what = "if nobody answers" if acknowledged_after is None else f"acknowledged after {acknowledged_after}"
        _draw(out, read.roster, pages, start_ms, start, f"{read.roster.policies[id].title}, {if_what}")
    if as_json:
        output.print_json(rows)
    else:
        output.print_table([{**row, **_named(row, read.roster)} for row in rows])
    return 0


# What a file holds


def _read(file: Path, window: Window, format: str | None) -> _Read:
    """An organisation, or a roster from an export."""
    from topologies.importers.oncall import import_roster, is_native

    place = organisation_file(file)
    if format is not None or (place.exists() and is_native(place)):
        imported = import_roster(place, window, format)
        return _Read(imported.roster, imported.remarks)
    return _Read(read_organisation(place)[0])


def organisation_file(file: Path) -> Path:
    """The file that is meant by the name of a shipped estate, or by its folder."""
    from topologies.loading.estate import ORGANISATION
    from topologies.shipped import shipped_estates

    place = Path(shipped_estates().get(str(file), file))
    return place / ORGANISATION if (place / ORGANISATION).is_file() else place


def read_organisation(file: Path) -> tuple[Organisation, Document]:
    """An organisation alone, with its document: names of things that other files declare are taken as they are."""
    from topologies.loading.document import read_document
    from topologies.loading.estate import build
    from topologies.loading.gathering import Gathered
    from topologies.loading.references import declared
    from topologies.organisation import Organisation

    document = read_document(organisation_file(file))
    gathered = Gathered()
    organisation = build(document, Organisation, declared(document, Organisation), gathered)
    gathered.complete()
    assert organisation is not None, "what cannot be built has been reported"
    return organisation, document


def _with_calendars(read: _Read, window: Window, leave: Path | None) -> _Read:
    """Everybody with the leave that a calendar states beside what the file says."""
    if leave is None:
        return read
    from timeline.findings import Finding, Place, Severity, nearest
    from topologies.importers.oncall import leave_of

    by_name = {name: id for id, person in read.roster.people.items() for name in (person.title, id)}
    people: dict[str, Any] = dict(read.roster.people)
    remarks = list(read.remarks)
    for name, away in leave_of(leave, window).items():
        if name not in by_name:
            message, hint = f"nobody here is called {name!r}: this leave is left out", nearest(name, by_name)
            remarks.append(Finding("oncall.not-known", Severity.WARNING, Place(str(leave)), message, hint))
            continue
        person = people[by_name[name]]
        people[by_name[name]] = person.model_copy(update={"leave": (*person.leave, *away)})
    return _Read(read.roster.model_copy(update={"people": people}), remarks)


def _with_overrides(read: _Read, rotation: str, overrides: Path, window: Window) -> _Read:
    """A rotation with the events of a calendar on a level above all others."""
    from topologies.importers.oncall import shifts_above

    rotations: dict[str, Any] = dict(read.roster.rotations)
    rotations[rotation] = shifts_above(rotations[rotation], overrides, window)
    return _Read(read.roster.model_copy(update={"rotations": rotations}), read.remarks)


def _window(from_: str | None, to: str | None) -> Window:
    """For how long endless calendars are spelt out: what is asked for and a month around it."""
    from console.moments import parse_moment
    from topologies.importers.oncall import Window

    start = parse_moment(from_, "--from", ZoneInfo("UTC")) if from_ else datetime.now(UTC)
    end = parse_moment(to, "--to", ZoneInfo("UTC")) if to else start
    for option, moment in (("--from", start), ("--to", end)):
        if moment.year not in _YEARS:
            message = f"the year {moment.year} is out of the range in which calendars are known"
            raise refused(option, message, f"give one from {_YEARS.start} to {_YEARS.stop - 1}")
    return Window(start - timedelta(days=31), end + timedelta(days=366 if not to else 31))


def _tell(remarks: Sequence[Finding]) -> None:
    for remark in remarks:
        typer.echo(remark.render(), err=True)


def _chosen(rotation: str | None, roster: Organisation | Roster, *, one_only: bool) -> list[str]:
    titles = {id: rotation.title for id, rotation in roster.rotations.items()}
    if rotation is not None or one_only or not titles:
        return [_one_of("rotation", rotation, titles)]
    return list(titles)


def _one_of(what: str, name: str | None, titles: Mapping[str, str]) -> str:
    """The id that somebody means by an id or a title; without a name the only one."""
    from timeline.findings import nearest

    option = "--rotation" if what == "rotation" else what
    if not titles:
        raise refused("FILE", f"the file has no {what}", "")
    if name is None and len(titles) > 1:
        raise refused(option, f"there is more than one {what} ({len(titles)}); name one", "known: " + ", ".join(titles))
    if name is None or name in titles:
        return name or next(iter(titles))
    named = [id for id, title in titles.items() if title == name]
    if len(named) != 1:
        raise refused(option, f"there is no {what} {name!r}", nearest(name, [*titles, *titles.values()]))
    return named[0]


# Answers


def _holders(roster: Organisation | Roster, id: str, at: str) -> dict[str, Any]:
    from console.moments import parse_moment
    from simulator.response.oncall import OnCall
    from timeline.instants import from_wall

    moment = parse_moment(at, "--at", _zone(roster, id))
    people = OnCall(roster, _EPOCH).holders(id, from_wall(moment, _EPOCH))
    return {"at": moment.isoformat(), "people": people}


def _shifts(roster: Organisation | Roster, id: str, from_: str | None, to: str | None) -> list[dict[str, Any]]:
    from timeline.instants import to_wall

    zone = _zone(roster, id)
    return [
        {
            "from": to_wall(begin, _EPOCH).astimezone(zone).isoformat(),
            "to": to_wall(over, _EPOCH).astimezone(zone).isoformat(),
            "people": people,
        }
        for begin, over, people in _spans(roster, id, from_, to)
    ]


def _spans(
    roster: Organisation | Roster, id: str, from_: str | None, to: str | None
) -> list[tuple[int, int, list[str]]]:
    from console.moments import parse_moment
    from simulator.response.oncall import OnCall
    from timeline.instants import from_wall

    zone = _zone(roster, id)
    start = parse_moment(from_, "--from", zone) if from_ is not None else datetime.now(zone).replace(microsecond=0)
    end = parse_moment(to, "--to", zone) if to is not None else start + timedelta(weeks=1)
    if end <= start:
        raise refused("--to", f"{end.isoformat()} does not lie after {start.isoformat()}", "")
    return OnCall(roster, _EPOCH).shifts(id, from_wall(start, _EPOCH), from_wall(end, _EPOCH))


def _write_calendar(ics: Path, roster: Organisation | Roster, id: str, from_: str | None, to: str | None) -> None:
    from reports.oncall import calendar_of
    from timeline.files import write_whole

    rotation = roster.rotations[id]
    spans = _spans(roster, id, from_, to)
    write_whole(ics, calendar_of(rotation.title, rotation.timezone, spans, _names(roster), _EPOCH))
    typer.echo(f"Calendar: {ics}", err=True)


def _zone(roster: Organisation | Roster, id: str) -> ZoneInfo:
    return ZoneInfo(roster.rotations[id].timezone)


def _print(roster: Organisation | Roster, answers: Mapping[str, Any]) -> None:
    from console import output

    for id, answer in answers.items():
        title = roster.rotations[id].title
        typer.echo(id if title == id else f"{id}: {title}")
        rows = answer if isinstance(answer, list) else [answer]
        output.print_table([{**row, "people": _titles(row["people"], roster)} for row in rows])


def _page_row(page: Page, start_ms: int, start: datetime) -> dict[str, Any]:
    from timeline.instants import format_clock, to_wall

    return {
        "at": to_wall(page.at_ms, _EPOCH).astimezone(start.tzinfo).isoformat(),
        "after": format_clock(page.at_ms - start_ms),
        "round": page.round,
        "step": page.step,
        "rotation": page.rotation,
        "team": page.team,
        "person": page.person,
        "channel": page.channel,
    }


def _draw(
    out: Path, roster: Organisation | Roster, pages: Sequence[Page], start_ms: int, start: datetime, title: str
) -> None:
    from reports.oncall import draw_escalation
    from timeline.files import write_whole

    local = _EPOCH.astimezone(start.tzinfo)
    write_whole(out, draw_escalation(pages, _names(roster), start_ms, local, title, out.suffix.removeprefix(".")))
    typer.echo(f"Picture: {out}", err=True)


def _names(roster: Organisation | Roster) -> dict[str, str]:
    return {id: person.title for id, person in roster.people.items()}


def _titles(people: list[str], roster: Organisation | Roster) -> str:
    names = _names(roster)
    return ", ".join(id if names.get(id, id) == id else f"{names[id]} ({id})" for id in people) or "nobody"


def _named(row: dict[str, Any], roster: Organisation | Roster) -> dict[str, Any]:
    person = row["person"]
    return {
        "rotation": row["rotation"] or "-",
        "team": row["team"] or "-",
        "person": _titles([person] if person else [], roster),
        "channel": row["channel"] or "-",
    }
