"""`blackstart run`: one simulated exercise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.options import OverlayOption, settings_of
from console.output import JsonOption, QuietOption


def run(
    scenario: Annotated[str, typer.Argument(help="Name of a shipped scenario, or a path.")],
    estate: Annotated[str | None, typer.Option(help="Another estate than the scenario's: a name or a path.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random draws.", min=0)] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Run folder; by default exercises/<scenario>-<input hash>-<seed>.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change a value: path=value, as in estate.functions.payments.rto=30m.", metavar="PATH=VALUE"
        ),
    ] = None,
    experience: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What people know from earlier runs: the experience.yaml of the last one."),
    ] = None,
    overlay: OverlayOption = None,
    story: Annotated[bool, typer.Option(help="Tell the run minute by minute; each line is an event.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Simulate one exercise and score it.

    Example: blackstart run datacentre-loss --seed 7 --set estate.functions.payments.rto=30m
    """
    import blackstart
    from console import output

    with output.progress(f"Simulating {scenario}", quiet=quiet or as_json) as tell:
        given = settings_of(overlay, settings)
        result = blackstart.run(
            scenario, estate=estate, seed=seed, settings=given, out=out, experience=experience, progress=tell
        )
    if as_json:
        output.print_json({"folder": str(result.folder), "scores": result.scores.model_dump(mode="json")})
    elif not quiet:
        if story:
            output.print_story(result)
        output.print_summary(result)
    return 0 if result.scores.objectives_met else 1
