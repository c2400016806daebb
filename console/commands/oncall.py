"""`blackstart oncall`: who is on call, and whom an escalation policy would page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from console.output import JsonOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from topologies.organisation import Organisation

FileArgument = Annotated[
    Path, typer.Argument(help="Organisation file, the folder of an estate, or the name of a shipped one.")
]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def show(
    file: FileArgument,
    rotation: Annotated[str | None, typer.Option(help="Only this rotation; needed when the file has several.")] = None,
    at: Annotated[str | None, typer.Option(help="Who is on call at this moment (ISO 8601).")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="Start of a span; by default now.")] = None,
    to: Annotated[str | None, typer.Option(help="End of a span; by default a week after its start.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Show the final schedule: layers, restrictions and overrides put together, gaps included.

    Moments without an offset are local time of the rotation.

    Example: blackstart oncall show organisation.yaml --from 2026-03-28 --to 2026-03-31
    """
    organisation = read_organisation(file)
    if at is not None and (from_ is not None or to is not None):
        raise _refused("--at", "a moment and a span exclude each other", "give --at, or --from and --to")
    chosen = _chosen(rotation, organisation, as_json=as_json)
    answers = {
        id: _holders(organisation, id, at) if at is not None else _shifts(organisation, id, from_, to) for id in chosen
    }
    if as_json:
        from console import output

        output.print_json(next(iter(answers.values())))
    else:
        _print(organisation, answers)
    return 0


def escalate(
    file: FileArgument,
    policy: Annotated[str, typer.Argument(help="Escalation policy.")],
    at: Annotated[str, typer.Option(help="When it starts (ISO 8601 with offset).")],
    as_json: JsonOption = False,
) -> int:
    """Dry run of an escalation policy: who is paged when, over which channel, if nobody answers.

    Example: blackstart oncall escalate organisation.yaml database --at 2026-03-29T02:30:00+01:00
    """
    from console import output
    from console.moments import parse_moment
    from simulator.response.oncall import OnCall
    from simulator.response.oncall import escalate as dry_run
    from timeline.findings import nearest
    from timeline.instants import format_clock, from_wall, to_wall

    organisation = read_organisation(file)
    if policy not in organisation.policies:
        raise _refused("policy", f"there is no policy {policy!r}", nearest(policy, organisation.policies))
    start = parse_moment(at, "--at")
    start_ms = from_wall(start, _EPOCH)
    pages = dry_run(organisation, OnCall(organisation, _EPOCH), policy, start_ms)
    rows: list[dict[str, Any]] = [
        {
            "at": to_wall(page.at_ms, _EPOCH).astimezone(start.tzinfo).isoformat(),
            "after": format_clock(page.at_ms - start_ms),
            "round": page.round,
            "step": page.step,
            "rotation": page.rotation,
            "person": page.person,
            "channel": page.channel,
        }
        for page in pages
    ]
    if as_json:
        output.print_json(rows)
    else:
        output.print_table([{**row, **_named(row, organisation)} for row in rows])
    return 0


def read_organisation(file: Path) -> Organisation:
    """An organisation alone: names of things that other files declare are taken as they are."""
    from topologies.loading.document import read_document
    from topologies.loading.estate import ORGANISATION, build
    from topologies.loading.gathering import Gathered
    from topologies.loading.references import declared
    from topologies.organisation import Organisation
    from topologies.shipped import shipped_estates

    folder = shipped_estates().get(str(file), file)
    document = read_document(folder / ORGANISATION if folder.is_dir() else file)
    gathered = Gathered()
    organisation = build(document, Organisation, declared(document, Organisation), gathered)
    gathered.complete()
    assert organisation is not None, "what cannot be built has been reported"
    return organisation


def _chosen(rotation: str | None, organisation: Organisation, *, as_json: bool) -> list[str]:
    from timeline.findings import nearest

    ids = list(organisation.rotations)
    if rotation is not None:
        if rotation not in ids:
            raise _refused("--rotation", f"there is no rotation {rotation!r}", nearest(rotation, ids))
        return [rotation]
    if not ids:
        raise _refused("FILE", "the organisation has no rotations", "")
    if as_json and len(ids) > 1:
        raise _refused("--rotation", f"there are {len(ids)} rotations; name one", "known: " + ", ".join(ids))
    return ids


def _holders(organisation: Organisation, id: str, at: str) -> dict[str, Any]:
    from console.moments import parse_moment
    from simulator.response.oncall import OnCall
    from timeline.instants import from_wall

    moment = parse_moment(at, "--at", _zone(organisation, id))
    people = OnCall(organisation, _EPOCH).holders(id, from_wall(moment, _EPOCH))
    return {"at": moment.isoformat(), "people": people}


def _shifts(organisation: Organisation, id: str, from_: str | None, to: str | None) -> list[dict[str, Any]]:
    from console.moments import parse_moment
    from simulator.response.oncall import OnCall
    from timeline.instants import from_wall, to_wall

    zone = _zone(organisation, id)
    now = datetime.now(zone).replace(microsecond=0)
    start = parse_moment(from_, "--from", zone) if from_ is not None else now
    end = parse_moment(to, "--to", zone) if to is not None else start + timedelta(weeks=1)
    if end <= start:
        raise _refused("--to", f"{end.isoformat()} does not lie after {start.isoformat()}", "")
    shifts = OnCall(organisation, _EPOCH).shifts(id, from_wall(start, _EPOCH), from_wall(end, _EPOCH))
    return [
        {
            "from": to_wall(begin, _EPOCH).astimezone(zone).isoformat(),
            "to": to_wall(over, _EPOCH).astimezone(zone).isoformat(),
            "people": people,
        }
        for begin, over, people in shifts
    ]


def _zone(organisation: Organisation, id: str) -> ZoneInfo:
    return ZoneInfo(organisation.rotations[id].timezone)


def _print(organisation: Organisation, answers: Mapping[str, Any]) -> None:
    from console import output

    for id, answer in answers.items():
        typer.echo(f"{id}: {organisation.rotations[id].title}")
        rows = answer if isinstance(answer, list) else [answer]
        output.print_table([{**row, "people": _titles(row["people"], organisation)} for row in rows])


def _titles(people: list[str], organisation: Organisation) -> str:
    return ", ".join(f"{organisation.people[id].title} ({id})" for id in people) or "nobody"


def _named(row: dict[str, Any], organisation: Organisation) -> dict[str, Any]:
    person = row["person"]
    return {
        "rotation": row["rotation"] or "-",
        "person": _titles([person] if person else [], organisation),
        "channel": row["channel"] or "-",
    }


def _refused(option: str, message: str, hint: str) -> Exception:
    from timeline.findings import InputError

    return InputError.single("input.option", option, message, hint)
