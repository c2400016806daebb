"""`blackstart alerts route`: which receivers an alert with these labels reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption


def route(
    labels: Annotated[list[str] | None, typer.Argument(help="Labels of the alert.", metavar="LABEL=VALUE...")] = None,
    config: Annotated[
        list[Path] | None,
        typer.Option(help="Alertmanager configuration; several with AlertmanagerConfig resources. [alertmanager.yml]"),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Leave out receivers muted at this moment (ISO 8601 with offset).")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Print the receivers that an alert with these labels reaches, one a line, in the order of the routing tree.

    Example: blackstart alerts route --config alertmanager.yml severity=page team=db
    """
    from console import output
    from console.moments import parse_moment
    from simulator.monitoring.alertmanager import read_config, read_label_arguments

    configuration = read_config(config or [Path("alertmanager.yml")])
    alert = read_label_arguments(labels or [])
    moment = parse_moment(at, "--at") if at is not None else None
    routes = configuration.route.match(alert)
    muted = [configuration.muted_by(found, moment) if moment is not None else [] for found in routes]
    reached = [found.receiver for found, by in zip(routes, muted, strict=True) if not by]
    if as_json:
        held_back = [{"receiver": found.receiver, "by": by} for found, by in zip(routes, muted, strict=True) if by]
        output.print_json({"receivers": reached, "muted": held_back})
        return 0
    for receiver in reached:
        typer.echo(receiver)
    for found, by in zip(routes, muted, strict=True):
        if by:
            typer.echo(f"{found.receiver} is muted then: {', '.join(by)}", err=True)
    return 0
