"""`blackstart report`: the documents of a run, written anew from its timeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def report(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write report.html, scores.json, junit.xml and figures of a run again, from its timeline alone.

    Example: blackstart report exercises/demo
    """
    import blackstart
    from console import output

    result = blackstart.report(run)
    if as_json:
        output.print_json({"folder": str(result.folder), "report": str(result.folder / "report.html")})
    elif not quiet:
        print(result.folder / "report.html")
    return 0
