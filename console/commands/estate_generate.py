"""`blackstart estate generate`: a made-up enterprise of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def generate(
    services: Annotated[int, typer.Option(min=1, max=100_000, help="How many services it has.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the estate; must not hold anything yet.")],
    seed: Annotated[int, typer.Option(help="Another seed gives another enterprise.")] = 1,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write a synthetic estate: services in domains, data, foundations, people, rules and routes.  Nothing in it is
    real, and every figure is made up: it is for trying things out at scale.

    Example: blackstart estate generate --services 200 --seed 7 -o enterprise
    """
    from console import output
    from topologies.synthetic import generate as make
    from topologies.writing import write_estate

    estate = make(services, seed)
    write_estate(
        out,
        {
            "topology.yaml": estate.topology,
            "organisation.yaml": estate.organisation,
            "alerts/rules/services.yaml": estate.rules,
            "alerts/alertmanager.yaml": estate.alertmanager,
        },
    )
    counts = {
        "folder": str(out),
        "components": len(estate.topology["components"]),
        "functions": len(estate.topology["functions"]),
        "people": len(estate.organisation["people"]),
    }
    if as_json:
        output.print_json(counts)
    elif not quiet:
        typer.echo(f"{out}: {counts['components']} components, {counts['functions']} functions", err=True)
    return 0
