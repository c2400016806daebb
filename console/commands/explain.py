"""`blackstart explain`: what a finding, a kind of fault or a measure means."""

from __future__ import annotations

from typing import Annotated

import typer

from console.output import JsonOption


def explain(
    id: Annotated[str, typer.Argument(help="Id of a finding (in brackets behind it), a fault or a measure.")],
    as_json: JsonOption = False,
) -> int:
    """Say what an id means, and what to do about it.

    Example: blackstart explain dependency.cycle
    """
    from console import output
    from console.explanations import explanations
    from timeline.findings import InputError, nearest

    known = explanations()
    if id not in known:
        hint = nearest(id, known) or "`blackstart list measures` and `list faults` show more ids"
        raise InputError.single("explain.unknown-id", id, "there is no finding, fault or measure with this id", hint)
    found = known[id]
    if as_json:
        output.print_json({"id": id, "kind": found.kind, "title": found.title, "text": found.text})
        return 0
    typer.echo(f"{id} ({found.kind})\n{found.title}")
    if found.text:
        typer.echo(f"\n{found.text}")
    return 0
