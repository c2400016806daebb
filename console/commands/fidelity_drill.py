"""`blackstart fidelity drill`: the alarm check; for each real alert rule a marked alert goes to the real receivers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from studies.drill.drilling import Arrival


def drill(
    binding: Annotated[
        Path | None, typer.Option(help="The real monitoring; by default that of the shipped stack, which has to be up.")
    ] = None,
    rule: Annotated[list[str] | None, typer.Option(help="Only this rule; may be repeated.")] = None,
    pages: Annotated[int, typer.Option(min=1, help="So many notifications at most, ends included.")] = 50,
    out: Annotated[Path | None, typer.Option(help="Folder for drill.json and junit.xml.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only rehearse: say what would be sent to whom.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Send a marked alert for every alert rule through the real Alertmanager and time its arrival.

    Rehearsed against the live alerts first: refused (3) when it would mute one of them or sends more than the budget.
    Ends with 0 when every alarm arrives, with 1 when one does not.  Nothing is broken, and every alarm ends by itself.

    Example: blackstart fidelity drill --pages 40
    """
    from console import output
    from console.drill_run import run
    from console.fidelity_run import inside_the_stack
    from studies.drill.document import document

    if binding is None:
        return inside_the_stack(quiet=quiet or as_json)

    def tell(arrival: Arrival) -> None:
        if not (quiet or as_json):
            typer.echo(f"  {arrival.foretold.alarm.id}: {arrival.verdict}", err=True)

    rehearsal, arrivals = run(binding, rule or [], pages, out, tell, dry_run=dry_run)
    if as_json:
        output.print_json(document(rehearsal, arrivals))
    elif not quiet:
        output.print_table([_row(one) for one in arrivals])
        typer.echo(f"{rehearsal.notifications} notifications foretold, in {len(rehearsal.waves)} waves")
        well = sum(one.arrived for one in arrivals)
        typer.echo("nothing was sent" if dry_run else f"{well} passed, {len(arrivals) - well} failed")
    return 0 if dry_run or all(one.arrived for one in arrivals) else 1


def _row(one: Arrival) -> dict[str, str]:
    return {
        "alarm": one.foretold.alarm.id,
        "foretold": _moments(one.foretold.told_ms) or one.foretold.held_back,
        "told": _moments(one.told_ms),
        "labels of": "a series" if one.foretold.alarm.of_a_series else "the rule only",
    }


def _moments(told: Mapping[str, int]) -> str:
    return ", ".join(f"{receiver} {ms / 1000:.1f} s" for receiver, ms in told.items())
