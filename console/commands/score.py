"""`blackstart score`: the scores of a run, judged from its timeline alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def score(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Score a run and end with 0 when every objective was met, 1 when not.

    Example: blackstart score exercises/demo --json
    """
    import blackstart
    from console import output

    result = blackstart.open_run(run)
    if as_json:
        output.print_json(result.scores.model_dump(mode="json"))
    elif not quiet:
        output.print_summary(result)
    return 0 if result.scores.objectives_met else 1
