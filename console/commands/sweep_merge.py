"""`blackstart sweep merge`: one sweep from its shards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.sweep import tell_summary
from console.output import JsonOption, QuietOption


def merge(
    shards: Annotated[list[Path], typer.Argument(help="Folders of all shards, in any order.", metavar="FOLDER...")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the whole sweep; made where needed.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Put the shards of a sweep together: what one run of all replications would have given, to the byte.

    Example: blackstart sweep merge part-1 part-2 --out whole
    """
    from blackstart import _sweeps

    tell_summary(_sweeps.merge_sweep(shards, out), as_json=as_json, quiet=quiet)
    return 0
