"""`blackstart fault status` and `fault recover`: what live runs have left behind, and restoring it."""

from __future__ import annotations

from typing import Any

import typer

from console.live import JournalsOption
from console.output import JsonOption, QuietOption


def status(journals: JournalsOption = None, as_json: JsonOption = False) -> int:
    """Show the live runs of this machine and what of them is still to be undone; ends with 1 when something is.

    Example: blackstart fault status
    """
    from console import output
    from console.live import journals_folder
    from injectors.undo.lease import Lease
    from injectors.undo.recovering import journals as all_journals

    rows: list[dict[str, Any]] = []
    for journal in all_journals(journals_folder(journals)):
        lease = Lease.read(journal.folder)
        running = lease is not None and not lease.over and lease.runner.alive and not journal.finished
        rows.append(
            {
                "id": journal.folder.name,
                "state": "finished" if journal.finished else "running" if running else "left behind",
                "changes": len(journal.changes),
                "open": [change.knob.key for change in journal.open_changes],
                "conflicts": [change.knob.key for change in journal.conflicts],
            }
        )
    if as_json:
        output.print_json(rows)
    elif rows:
        output.print_table(rows)
    else:
        typer.echo("No live run has been made here.")
    return 1 if any(row["open"] and row["state"] == "left behind" for row in rows) else 0


def recover(journals: JournalsOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> int:
    """Undo what live runs have left behind, from their journals; what was changed since is left alone and reported.

    It can be run at any time and any number of times.  Ends with 1 when something could not be restored.

    Example: blackstart fault recover
    """
    from console import output
    from console.live import journals_folder
    from injectors.undo.recovering import recover as recover_all

    recovered = recover_all(journals_folder(journals))
    rows = [
        {
            "id": run.folder.name,
            "fault": undone.change.fault,
            "knob": undone.change.knob.key,
            "outcome": str(undone.outcome),
            "reason": undone.reason,
        }
        for run in recovered
        for undone in run.undone
    ]
    if as_json:
        output.print_json(rows)
    elif rows and not quiet:
        output.print_table(rows)
    elif not quiet:
        typer.echo("Nothing is left behind.")
    for run in recovered:
        if run.busy and not quiet:
            typer.echo(f"{run.folder.name} is still running; it was left alone.", err=True)
    return 0 if all(undone.whole for run in recovered for undone in run.undone) else 1
