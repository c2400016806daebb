"""`blackstart sweep report`: the documents of a sweep, from its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.sweep import tell_summary
from console.output import JsonOption, QuietOption


def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep, finished or not.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write report.html, figures and sweep.json anew from the replications that are there.

    Example: blackstart sweep report exercises/sweep-corner-lab-crash-0123456789-1
    """
    from blackstart import _sweeps

    tell_summary(_sweeps.report_sweep(folder), as_json=as_json, quiet=quiet)
    return 0
