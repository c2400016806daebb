"""`blackstart estate diff`: what differs between two estates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption

if TYPE_CHECKING:
    from topologies.drift import Drift


def diff(
    first: Annotated[str, typer.Argument(help="The estate as documented: folder, topology file, or a shipped one.")],
    second: Annotated[str, typer.Argument(help="The estate as found.")],
    as_json: JsonOption = False,
) -> int:
    """Say what differs from one estate to another: things gone and new, fields stated otherwise, and drift of the map:
    edges that are stale (only documented) or missing (only found).

    Status 0: no difference; 1: some.

    Example: blackstart estate diff documented/ imported/
    """
    from console import output
    from topologies.drift import drift
    from topologies.loading.estate import load_topology

    found = drift(load_topology(first), load_topology(second))
    if as_json:
        output.print_json(
            {
                "gone": list(found.gone),
                "new": list(found.new),
                "changed": [{"path": c.path, "before": c.before, "after": c.after} for c in found.changed],
                "stale_edges": [list(edge) for edge in found.stale_edges],
                "missing_edges": [list(edge) for edge in found.missing_edges],
            }
        )
    else:
        _print(found)
    return 1 if found else 0


def _print(found: Drift) -> None:
    for title, lines in (
        ("gone", list(found.gone)),
        ("new", list(found.new)),
        ("stale edges", [f"{dependent} -> {dependency}" for dependent, dependency in found.stale_edges]),
        ("missing edges", [f"{dependent} -> {dependency}" for dependent, dependency in found.missing_edges]),
        ("changed", [f"{c.path}: {_written(c.before)} -> {_written(c.after)}" for c in found.changed]),
    ):
        for line in lines:
            typer.echo(f"{title}: {line}")
    if not found:
        typer.echo("no difference")


def _written(value: object) -> str:
    return "not stated" if value is None else str(value)
