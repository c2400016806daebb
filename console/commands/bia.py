"""`blackstart bia`: the business impact analysis of an estate as a workbook, out and in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from topologies.bia_workbook import Merged


def export(
    estate: Annotated[str, typer.Argument(help="Folder of an estate, its topology file, or a shipped one.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="An .xlsx file, or a folder for CSV files; must not exist yet.")
    ],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write what the estate knows of its business functions as a workbook: targets, impact over time, dependencies,
    workforce, manual fallback, sources.  What is not known is an empty cell.

    Example: blackstart bia export meridian-bank -o bia.xlsx
    """
    from console import output
    from topologies.bia_workbook import sheets_of, write_workbook
    from topologies.loading.document import read_document
    from topologies.loading.estate import load_topology, locate_estate

    topology = load_topology(estate)
    data = read_document(locate_estate(estate)).data
    assert isinstance(data, dict), "a topology that loads is a mapping"
    sheets = sheets_of(data)
    write_workbook(out, topology.title, sheets)
    if as_json:
        output.print_json({"file": str(out), "rows": {sheet.name: len(rows) for sheet, rows in sheets.items()}})
    elif not quiet:
        rows = ", ".join(f"{len(rows)} {sheet.name.lower()}" for sheet, rows in sheets.items())
        typer.echo(f"{out}: {rows}", err=True)
    return 0


def import_(
    workbook: Annotated[Path, typer.Argument(help="An .xlsx file, or a folder of CSV files.")],
    estate: Annotated[str, typer.Option(help="The estate that it belongs to: a folder, or a shipped one.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the changed copy; left out: only tell.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Bring a workbook into an estate: what it says is set, what it leaves empty is removed, all else stays, comments
    too.  Tells every change; with --out writes the estate anew, if it is sound.

    Example: blackstart bia import bia.xlsx --estate meridian-bank -o meridian-next
    """
    from console import output
    from topologies.bia_workbook import merge, read_workbook
    from topologies.loading.document import read_document
    from topologies.loading.estate import load_topology, locate_estate
    from topologies.writing import copy_estate

    load_topology(estate)
    document = read_document(locate_estate(estate))
    assert isinstance(document.data, dict), "a topology that loads is a mapping"
    sheets, remarks = read_workbook(workbook)
    merged = merge(document.text, document.data, sheets)
    if out is not None:
        copy_estate(locate_estate(estate), merged.text, out, load_topology)
    if as_json:
        output.print_json(_document(merged, [remark.message for remark in remarks]))
        return 0
    for remark in remarks:
        typer.echo(remark.render(), err=True)
    if not quiet:
        _print(merged)
    return 0


def _document(merged: Merged, remarks: list[str]) -> dict[str, Any]:
    return {
        "changes": [{"path": c.path, "before": c.before, "after": c.after} for c in merged.changes],
        "kept": list(merged.kept),
        "remarks": remarks,
    }


def _print(merged: Merged) -> None:
    from console import output

    rows = [
        {"value": c.path, "before": c.before or "not known", "after": c.after or "not known"} for c in merged.changes
    ]
    if rows:
        output.print_table(rows)
    typer.echo(f"{len(rows)} values change" if rows else "nothing changes")
    for id in merged.kept:
        typer.echo(f"the function {id} is not in the workbook: it stays as it is")
