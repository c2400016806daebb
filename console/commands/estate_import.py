"""`blackstart estate import`: an estate from what other tools know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from topologies.importers.estate import Imported

_SHOWN = 12


def import_(
    format: Annotated[str, typer.Argument(help="What the files are; `blackstart list importers` shows the formats.")],
    files: Annotated[list[str], typer.Argument(help="Files or folders; for servicenow also the URL of an instance.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the estate; must not hold anything yet.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the estate; by default the name of the folder.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone of the estate, as Europe/Vienna.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="How columns, kinds and relationships are to be read (csv, servicenow).")
    ] = None,
    propose: Annotated[
        Path | None, typer.Option(help="Only write the mapping that would be used to this file, to be edited.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Import an estate: what runs and what depends on what, with the account of every record that was read.  What the
    source cannot know (RTO, capacity, owners) stays unknown and is listed.

    Example: blackstart estate import compose compose.yaml -o shop
    """
    from console import output
    from topologies.importers.estate import Head, estate_files, import_estate, propose_mapping
    from topologies.writing import write_estate

    if propose is not None:
        _write_proposal(propose, propose_mapping(format, files), quiet=quiet)
        return 0
    if out is None:
        raise refused("--out", "there is no folder for the estate", "give -o DIR, or --propose FILE")
    if timezone is not None:
        _check_timezone(timezone)
    imported = import_estate(format, files, mapping)
    write_estate(out, estate_files(imported, Head(title or out.resolve().name, timezone)))
    if as_json:
        output.print_json(_summary(imported, out, timezone_given=timezone is not None))
    elif not quiet:
        _print(imported, out, timezone_given=timezone is not None)
    return 0


def _check_timezone(name: str) -> None:
    from zoneinfo import available_timezones

    from timeline.findings import nearest

    if name not in available_timezones():
        raise refused("--timezone", f"{name!r} is not a time zone", nearest(name, available_timezones()))


def _write_proposal(file: Path, text: str, *, quiet: bool) -> None:
    from timeline.files import write_whole

    if file.exists():
        raise refused("--propose", f"{file} exists already", "name a new file: nobody's mapping is written over")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, text)
    if not quiet:
        typer.echo(f"{file}: edit it, then import with --mapping {file}", err=True)


def _summary(imported: Imported, folder: Path, *, timezone_given: bool) -> dict[str, Any]:
    from dataclasses import asdict

    from topologies.importers.estate import reasons, unknowns

    unknown = unknowns(imported, timezone_given=timezone_given)
    return {
        "folder": str(folder),
        "format": imported.format,
        "nodes": asdict(imported.node_counts),
        "edges": asdict(imported.edge_counts),
        "left_out": [{"what": what, "reason": reason, "records": n} for what, reason, n in reasons(imported)],
        "unknown": [{"fact": u.fact, "of": list(u.of), "instead": u.instead} for u in unknown],
        "remarks": [remark.to_json() for remark in imported.remarks],
    }


def _print(imported: Imported, folder: Path, *, timezone_given: bool) -> None:
    """What a person needs to judge the import, on standard error."""
    from topologies.importers.estate import reasons, unknowns

    def say(line: str) -> None:
        typer.echo(line, err=True)

    nodes, edges = imported.node_counts, imported.edge_counts
    for remark in imported.remarks[:_SHOWN]:
        say(f"{remark.place}: {remark.message}")
    if len(imported.remarks) > _SHOWN:
        say(f"... and {len(imported.remarks) - _SHOWN} more remarks, in {folder / 'import.json'}")
    say(f"{folder}: {nodes.read} things read, {nodes.kept} kept, {nodes.merged} merged, {nodes.left_out} left out")
    if nodes.mentioned:
        say(f"{nodes.mentioned} more things that only dependencies name")
    say(f"{edges.read} dependencies read, {edges.kept} kept, {edges.merged} merged, {edges.left_out} left out")
    for what, reason, count in reasons(imported)[:_SHOWN]:
        say(f"  {count} {what}{'s' if count > 1 else ''} left out: {reason}")
    say("unknown:")
    for unknown in unknowns(imported, timezone_given=timezone_given):
        say(f"  {unknown}")
