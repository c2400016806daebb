"""`blackstart report diff`: what differs between two runs, as text for a code review."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def diff(
    first: Annotated[Path, typer.Argument(help="A run folder.")],
    second: Annotated[Path, typer.Argument(help="The run folder to compare with it.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Say what differs from one run to another: scores, objectives, measures, and the first event at which the
    timelines part.  The same two runs give the same lines.

    Status 0: no difference; 1: some.

    Example: blackstart report diff exercises/before exercises/after
    """
    from dataclasses import asdict

    import blackstart
    from console import output
    from reports.documents.difference import difference

    found = difference(blackstart.open_run(first).timeline, blackstart.open_run(second).timeline)
    if as_json:
        output.print_json({"same": not found, **asdict(found)})
    elif not quiet:
        print(*(found.lines() or ["no difference"]), sep="\n")
    return 1 if found else 0
