"""`blackstart estate status`: operational status written back to the CMDB that an estate was imported from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console.output import JsonOption


def status(
    estate: Annotated[Path, typer.Argument(help="Folder of an estate imported from ServiceNow.")],
    instance: Annotated[str, typer.Argument(help="URL of the instance.")],
    changes: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="component=status: operational, non-operational, repair-in-progress, dr-standby, ready or retired.",
        ),
    ],
    send: Annotated[bool, typer.Option("--send", help="Really send; without it, only say what would be sent.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Write the operational status of CIs back to ServiceNow.  Without --send nothing leaves this machine.

    Credentials come from the environment: SERVICENOW_TOKEN, or SERVICENOW_USER and SERVICENOW_PASSWORD.

    Example: blackstart estate status cmdb https://example.service-now.com --set orders-db=non-operational --send
    """
    from console import output
    from topologies.importers.estate.servicenow import status as writing
    from topologies.importers.estate.servicenow.table_api import Instance

    planned = writing.plan(estate, changes)
    target = Instance.named(instance)
    rows: list[dict[str, Any]] = []
    for change in writing.send(target, planned) if send else planned:
        rows.append(
            {"component": change.component, "sys_id": change.sys_id, "status": str(change.status), "sent": send}
        )
        if not as_json:
            typer.echo(f"{'sent' if send else 'would send'}: {change.name} ({change.sys_id}) is {change.status}")
    if as_json:
        output.print_json(rows)
    elif not send:
        typer.echo("nothing was sent: --send does it", err=True)
    return 0
