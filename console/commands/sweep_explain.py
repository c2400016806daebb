"""`blackstart sweep explain`: one replication of a sweep with everything that happened in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def explain(
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep or comparison.")],
    replication: Annotated[int, typer.Argument(help="Number of the replication, as its row has it.", min=0)],
    arm: Annotated[str | None, typer.Option(help="Scenario, variant or point, where the sweep has several.")] = None,
    scenario: Annotated[str | None, typer.Option(help="Its file, where it is not a shipped one.")] = None,
    estate: Annotated[
        str | None, typer.Option(help="The estate, where the scenario was played on another one.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder; by default exercises/<scenario>-<input hash>-<seed>-<replication>.")
    ] = None,
    story: Annotated[bool, typer.Option(help="Tell the run minute by minute; each line is an event.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Play one replication of a sweep again by its seed and leave its run folder: timeline, scores, report.

    It comes out as its row says, or the command says that it did not.

    Example: blackstart sweep explain exercises/sweep-corner-lab-crash-0123456789-1 17
    """
    from blackstart import _replications
    from console import output

    with output.progress(f"Simulating replication {replication}", quiet=quiet or as_json) as tell:
        result = _replications.explain(
            folder, replication, arm, scenario=scenario, estate=estate, out=out, progress=tell
        )
    if as_json:
        output.print_json({"folder": str(result.folder), "scores": result.scores.model_dump(mode="json")})
    elif not quiet:
        if story:
            output.print_story(result)
        output.print_summary(result)
    return 0
