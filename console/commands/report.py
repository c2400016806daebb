"""`blackstart report`: the documents of a run, written anew from its timeline, and what else can be made of it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


class ReportFormat(StrEnum):
    """What is written."""

    DOCUMENTS = "documents"
    WEBHOOKS = "webhooks"


def report(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    format: Annotated[
        ReportFormat,
        typer.Option("--format", help="documents, or webhooks: what PagerDuty and ServiceNow would have sent."),
    ] = ReportFormat.DOCUMENTS,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write report.html, scores.json, junit.xml and figures of a run again, from its timeline alone.

    With --format webhooks it writes webhooks/pagerduty.jsonl and webhooks/servicenow.jsonl instead: one body a line.

    Example: blackstart report exercises/demo
    """
    import blackstart
    from console import output

    if format is ReportFormat.WEBHOOKS:
        written = blackstart.export_webhooks(run)
        if as_json:
            output.print_json({"folder": str(run), "files": [str(path) for path in written]})
        elif not quiet:
            print(*written, sep="\n")
        return 0
    result = blackstart.report(run)
    if as_json:
        output.print_json({"folder": str(result.folder), "report": str(result.folder / "report.html")})
    elif not quiet:
        print(result.folder / "report.html")
    return 0
