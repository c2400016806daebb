"""`blackstart fault run`: controlled faults on real targets that prove to be non-production."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.live import BindingOption, JournalsOption
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from injectors.running import RunResult


def run(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario, or a file.")],
    binding: BindingOption,
    approval: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of a second person, where a target asks for it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder; by default exercises/<scenario>-live-<time>.")
    ] = None,
    journals: JournalsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Run the faults of a scenario on the targets of a binding; everything is undone, whatever happens.

    Ends with 0 when all faults were active and undone and the steady state came back, 1 when something is left or is
    not steady, 3 when it was refused or ended for safety.

    Example: blackstart fault run game-day-live --binding lab/binding.yaml
    """
    import getpass
    from datetime import UTC, datetime

    from console import output
    from console.live import journals_folder, live_plan
    from injectors.approval import require_approval
    from injectors.exercise import play

    loaded, made = live_plan(scenario, binding)
    require_approval(made, approval, getpass.getuser())
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = out or Path("exercises") / f"{loaded.name}-live-{stamp}"
    result = play(loaded, made, folder, journals_folder(journals))
    if as_json:
        output.print_json(
            {
                "run": str(folder),
                "done": result.done,
                "refused": result.refused,
                "left": [{"fault": u.change.fault, "knob": u.change.knob.key, "reason": u.reason} for u in result.left],
                "steady_after": result.steady_after,
            }
        )
    elif not quiet:
        _print(result, folder)
    if result.refused:
        return 3
    return 0 if result.steady_after and not result.left else 1


def _print(result: RunResult, folder: Path) -> None:
    for id in result.done:
        typer.echo(f"  done and undone: {id}")
    for reason in result.refused:
        typer.echo(f"  ended for safety: {reason}", err=True)
    for left in result.left:
        typer.echo(f"  NOT AS BEFORE: {left.change.knob.key}: {left.reason}", err=True)
    for seen in result.seen_after:
        typer.echo(f"  not steady afterwards: {seen}", err=True)
    typer.echo(f"Timeline: {folder / 'timeline.jsonl'}")
