"""`blackstart history import`: incidents that another tool exported, into a history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scenarios.history.importers.importing import Importer, Summary
    from scenarios.history.importers.intake import Imported, Intake, Reading
    from scenarios.history.importers.mapping import Mapping

_LISTED = 10
_CSV = "csv"


def import_(
    format: Annotated[
        str,
        typer.Argument(
            help="servicenow, servicenow-log (one row an update), pagerduty, opsgenie, jsm, statuspage, gcp, upptime, "
            "xes, or csv with --mapping or --propose."
        ),
    ],
    file: Annotated[Path, typer.Argument(help="The export.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The history to write (Parquet); its steps go beside it.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="What the columns of a CSV file mean (YAML).")] = None,
    propose: Annotated[
        bool,
        typer.Option(
            help="Propose a mapping by looking at the columns: print it, or with --out import by it and keep it there."
        ),
    ] = False,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of times that name none, like Europe/Rome; UTC otherwise.")
    ] = None,
    day_first: Annotated[
        bool | None,
        typer.Option("--day-first/--month-first", help="How 02/03/2026 is meant; found out from the file otherwise."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of a text file, unless it says it itself.")] = "utf-8",
    pseudonymise: Annotated[
        Path | None,
        typer.Option(metavar="KEYFILE", help="Replace names of people by a hash with the key in this file."),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Read incidents that another tool exported into a history (Parquet): one row an incident.

    Rows that cannot be used are counted and told with line and reason, never dropped in silence; what is odd is a
    finding.  Ends with 1 where no row at all can be used.

    Example: blackstart history import servicenow-log audit.csv --timezone Europe/Rome -o history.parquet
    """
    from scenarios.history.importers.intake import Intake
    from scenarios.history.importers.proposal import propose as propose_mapping

    reading = _reading(timezone, day_first, encoding, pseudonymise)
    if propose:
        if format != _CSV or mapping is not None:
            raise refused("--propose", "a mapping is proposed for csv only, and instead of one", "leave out --mapping")
        proposal = propose_mapping(Intake(file, reading))
        if out is None:
            _print_proposal(proposal.mapping, proposal.to_yaml(), as_json=as_json)
            return 0
        importer: Importer = _by_mapping(proposal.mapping)
        kept = out.with_name(f"{out.name.removesuffix('.parquet')}.mapping.yaml")
    else:
        importer = _importer(format, mapping)
    if out is None:
        raise refused("--out", "where shall the history go?", "add -o history.parquet")
    out.parent.mkdir(parents=True, exist_ok=True)
    summary = _run(importer, Intake(file, reading), out)
    if propose:
        from timeline.files import write_whole

        write_whole(kept, proposal.to_yaml())
    if as_json:
        from console import output

        output.print_json(_document(summary))
    elif not quiet:
        _print(summary, out)
        if propose:
            typer.echo(f"mapping: {kept} (proposed: look through it)")
    return 1 if summary.rows and not summary.incidents else 0


def _run(importer: Importer, intake: Intake, out: Path) -> Summary:
    from scenarios.history.importers.importing import import_history
    from simulator.collection import rarely_collecting

    with rarely_collecting():
        return import_history(importer, intake, out)


def _reading(timezone: str | None, day_first: bool | None, encoding: str, keyfile: Path | None) -> Reading:
    """How to read, from the options.  Raises InputError where one cannot be meant."""
    import codecs
    from zoneinfo import ZoneInfo, available_timezones

    from console.keys import key_of
    from scenarios.history.importers.intake import Reading
    from scenarios.history.importers.moments import DateOrder
    from scenarios.history.importers.pseudonyms import Names
    from timeline.findings import nearest

    if timezone is not None and timezone not in available_timezones():
        raise refused("--timezone", f"{timezone!r} is no time zone", nearest(timezone, available_timezones()))
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise refused("--encoding", f"{encoding!r} is no encoding", "like utf-8, cp1252 or utf-16") from None
    order = None if day_first is None else DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST
    names = Names()
    if keyfile is not None:
        names = Names(key_of(keyfile, "--pseudonymise"))
    return Reading(None if timezone is None else ZoneInfo(timezone), order, names, encoding)


def _importer(format: str, mapping: Path | None) -> Importer:
    """The importer of a format.  Raises InputError where there is none, or csv has no mapping."""
    from scenarios.history.importers import IMPORTERS
    from scenarios.history.importers.mapping import Mapping
    from timeline.findings import nearest
    from topologies.loading.document import read_document
    from topologies.loading.validation import validate

    if format == _CSV:
        if mapping is None:
            raise refused("--mapping", "csv needs to know what the columns mean", "let --propose make a mapping")
        return _by_mapping(validate(read_document(mapping), Mapping))
    if mapping is not None:
        raise refused("--mapping", "only csv has a mapping", f"use csv instead of {format}, or leave it out")
    if format not in IMPORTERS:
        raise refused("FORMAT", f"there is no format {format!r}", nearest(format, [*IMPORTERS, _CSV]))
    return IMPORTERS[format]


def _by_mapping(mapping: Mapping) -> Callable[[Intake], Iterator[Imported]]:
    from scenarios.history.importers.csv_file import read

    return lambda intake: read(intake, mapping)


def _print_proposal(mapping: Mapping, text: str, *, as_json: bool) -> None:
    from console import output

    if as_json:
        output.print_json(mapping.model_dump(mode="json", exclude_defaults=True))
    else:
        typer.echo(text, nl=False)


def _document(summary: Summary) -> dict[str, Any]:
    return {
        "incidents": summary.incidents,
        "rows": summary.rows,
        "rejected": [{"line": refused.line, "reason": refused.reason} for refused in summary.refused],
        "from": None if summary.first is None else summary.first.isoformat(),
        "to": None if summary.last is None else summary.last.isoformat(),
        "time_basis": "relative" if summary.relative else "calendar",
        "updates": summary.updates,
        "steps": summary.steps,
        "findings": [finding.to_json() for finding in summary.findings],
    }


def _print(summary: Summary, out: Path) -> None:
    """Counts, then what was refused and what is odd."""
    span = "nothing"
    if summary.first is not None and summary.last is not None:
        length = summary.last - summary.first
        span = (
            f"{length.total_seconds() / 86_400:.1f} days, without a calendar"
            if summary.relative
            else f"{summary.first:%Y-%m-%d %H:%M} to {summary.last:%Y-%m-%d %H:%M} UTC"
        )
    steps = f", {summary.steps:,} steps" if summary.steps else ""
    typer.echo(f"{summary.incidents:,} incidents from {summary.rows:,} rows{steps}; {span}")
    typer.echo(f"history: {out}")
    if summary.refused:
        typer.echo(f"{len(summary.refused):,} rows rejected:")
        for row in summary.refused[:_LISTED]:
            typer.echo(f"  line {row.line}: {row.reason}")
        if len(summary.refused) > _LISTED:
            typer.echo(f"  and {len(summary.refused) - _LISTED:,} more (all of them with --json)")
    for finding in summary.findings:
        typer.echo(finding.render(), err=True)
