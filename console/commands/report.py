"""`blackstart report`: the documents of a run, written anew from its timeline, and what else can be made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption

_DOCUMENTS, _WEBHOOKS = "documents", "webhooks"


def report(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    format: Annotated[
        str,
        typer.Option(
            "--format",
            help="What to write, comma-separated. documents: the files of the run folder. html, pdf, docx: executive "
            "summary, after-action report, technical report. xlsx: MSEL and results. webhooks: what PagerDuty and "
            "ServiceNow would have sent. csv, parquet, openmetrics, dashboard: the scores, as a table and as a page.",
        ),
    ] = _DOCUMENTS,
    classification: Annotated[
        str, typer.Option(help="Marking on every page of html, pdf, docx and xlsx; exercises are marked as such.")
    ] = "Internal",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write report.html, scores.json, junit.xml and figures of a run again, from its timeline alone.

    With --format html,pdf,docx,xlsx it writes documents to be read and edited into the folder documents of the run.
    With --format webhooks it writes webhooks/pagerduty.jsonl and webhooks/servicenow.jsonl: one body a line.

    Example: blackstart report exercises/demo --format html,pdf,docx,xlsx --classification Confidential
    """
    import blackstart
    from console import output
    from reports.documents import Format
    from reports.exports import ExportFormat

    wanted = _wanted(format, [_DOCUMENTS, _WEBHOOKS, *map(str, Format), *map(str, ExportFormat)])
    written: list[Path] = []
    if _DOCUMENTS in wanted:
        written.append(blackstart.report(run).folder / "report.html")
    if pages := [one for one in Format if one in wanted]:
        written += blackstart.export_documents(run, pages, classification=classification)
    if exports := [one for one in ExportFormat if one in wanted]:
        written += blackstart.export_scores(run, exports)
    if _WEBHOOKS in wanted:
        written += blackstart.export_webhooks(run)
    if as_json:
        report_file = {"report": str(written[0])} if _DOCUMENTS in wanted else {}
        output.print_json({"folder": str(run), **report_file, "files": [str(path) for path in written]})
    elif not quiet:
        print(*written, sep="\n")
    return 0


def _wanted(text: str, known: list[str]) -> set[str]:
    """The formats that an option names.  Raises InputError for one that is unknown."""
    from console.options import refused
    from timeline.findings import nearest

    wanted = {name.strip() for name in text.split(",")}
    for name in sorted(wanted - set(known)):
        raise refused("--format", f"there is no format {name!r}", nearest(name, known))
    return wanted
