"""`blackstart estate draw`: the map of an estate as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import QuietOption


def draw(
    estate: Annotated[str, typer.Argument(help="Folder of an estate, its topology file, or a shipped one.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the picture, as SVG.")] = Path("estate.svg"),
    quiet: QuietOption = False,
) -> int:
    """Draw what stands on what: business functions on top, each thing above what it needs, coloured by site.

    Example: blackstart estate draw meridian-bank -o meridian.svg
    """
    from reports.figures.estate_map import draw_estate
    from timeline.files import write_whole
    from topologies.loading.estate import load_topology

    figure = draw_estate(load_topology(estate))
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, figure.svg)
    if not quiet:
        typer.echo(f"{out}\n{figure.caption}", err=True)
    return 0
