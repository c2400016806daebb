"""`blackstart stack`: the non-production stack that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption

FolderOption = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Where it lives; by default in the user's state folder.")
]


def up(folder: FolderOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> int:
    """Start the stack: a shop of real parts in namespaces of its own, watched by a real Prometheus and Alertmanager.

    Needs root, and the packages that `make test` installs.

    Example: blackstart stack up
    """
    import time

    from console import output
    from console.live import stack_layout
    from injectors.stack.control import up as start

    layout = stack_layout(folder)
    began = time.monotonic()
    supervisor = start(layout)
    took = time.monotonic() - began
    if as_json:
        output.print_json({"folder": str(layout.folder), "supervisor": supervisor.pid, "seconds": round(took, 1)})
    elif not quiet:
        typer.echo(f"The stack is up after {took:.0f} s.  Its binding: {layout.binding}")
        typer.echo("Commands on its targets run inside its namespaces: blackstart fidelity does so by itself.")
    return 0


def down(folder: FolderOption = None, quiet: QuietOption = False) -> int:
    """End the stack and everything of it.

    Example: blackstart stack down
    """
    from console.live import stack_layout
    from injectors.stack.control import down as end

    ended = end(stack_layout(folder))
    if not quiet:
        typer.echo("The stack is down." if ended else "No stack is running.")
    return 0


def status(folder: FolderOption = None, as_json: JsonOption = False) -> int:
    """Show which parts of the stack run; ends with 1 when none runs, or a part is missing.

    Example: blackstart stack status
    """
    from console import output
    from console.live import stack_layout
    from injectors.stack.control import status as look

    parts = look(stack_layout(folder))
    rows = [{"id": name, "running": running} for name, running in parts.items()]
    if as_json:
        output.print_json(rows)
    elif rows:
        output.print_table(rows)
    else:
        typer.echo("No stack is running; start it with: blackstart stack up")
    return 0 if rows and all(parts.values()) else 1
