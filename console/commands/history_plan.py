"""`blackstart history plan`: what the past feeds into plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from scenarios.history.record import IncidentRecord
    from studies.backtest.store import SampleStore
    from studies.history_plan import HistoryPlan, Limits, OnEstate

_SHOWN = 10


def plan(
    file: Annotated[Path, typer.Argument(help="A history (Parquet), as `history import` writes it.")],
    estate: Annotated[
        str | None, typer.Option(help="The estate whose recovery objectives are held against the past.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Which component each service is, as for `replay`; by default from names.")
    ] = None,
    utilisation: Annotated[
        list[Path] | None,
        typer.Option(help="Recorded series: CSV, OpenMetrics or query_range answers; may be given again."),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="[METRIC=]LEVEL", help="What a busy week must stay below; by default 0.8."),
    ] = None,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.99, help="Share of losses that a proposed objective shall hold for.")
    ] = 0.9,
    incidents: Annotated[int, typer.Option(min=2, help="So many incidents of a kind are a problem ...")] = 3,
    within: Annotated[str, typer.Option(help="... when they come within this time.")] = "90d",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for plan.html, plan.json and problems.csv/.json.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Turn the past into plans: what costs most and whether it grows, when capacity runs out, what deserves a problem
    record, which RTO and RPO the past has kept.

    Example: blackstart history plan history.parquet --estate meridian-bank --utilisation cpu.csv --out plan
    """
    from datetime import timedelta

    from console import output
    from console.moments import parse_span
    from scenarios.history.record import read_history
    from studies import history_plan

    policy = history_plan.Policy(incidents, timedelta(milliseconds=parse_span(within, "--within")))
    limits = _limits(limit or [])
    if estate is None and mapping is not None:
        raise refused("--mapping", "a mapping leads to an estate", "give --estate, too")
    records = read_history(file)
    if not records:
        raise refused(str(file), "this history has no incidents", "import one that has")
    found = history_plan.plan_from_history(
        records,
        policy,
        on_estate=None if estate is None else _on_estate(records, estate, mapping),
        utilisation=_series(utilisation) if utilisation else None,
        limits=limits,
        confidence=confidence,
    )
    if out is not None:
        history_plan.write_folder(out, f"Plans from {file.name}", found)
    if as_json:
        output.print_json(history_plan.document(found))
    elif not quiet:
        _print(found)
        if out is not None:
            typer.echo(f"\nReport: {out / 'plan.html'}")
    return 0


def _on_estate(records: list[IncidentRecord], estate: str, mapping: Path | None) -> OnEstate:
    from blackstart._coverage import coverage_input
    from studies.history_plan import OnEstate
    from studies.replay import place, propose, read_mapping

    things = coverage_input(estate).subject.estate
    chosen = propose(records, things) if mapping is None else read_mapping(mapping, things)
    return OnEstate(things, place(records, chosen, things))


def _series(files: list[Path]) -> SampleStore:
    from studies.backtest import Reading, read_recording

    return read_recording(files, Reading()).store


def _limits(written: list[str]) -> Limits:
    from studies.history_plan import Limits

    usual, of_metric = Limits().usual, {}
    for text in written:
        metric, equals, level = text.rpartition("=")
        try:
            value = float(level)
        except ValueError:
            value = float("nan")
        if not 0 < value < float("inf") or (equals and not metric):
            raise refused("--limit", f"{text!r} is no limit", "write a level above 0 like 0.8, or METRIC=LEVEL")
        if metric:
            of_metric[metric] = value
        else:
            usual = value
    return Limits(usual, of_metric)


def _print(found: HistoryPlan) -> None:
    from console import output
    from studies.history_plan.page import sections

    typer.echo(f"{found.incidents:,} incidents, {found.without_service:,} of them without a service")
    for section in sections(found, _SHOWN):
        typer.secho(f"\n{section.title}", bold=True)
        typer.echo(section.text)
        if section.rows:
            output.print_table(section.rows)
        else:
            typer.echo("none")
        if section.left_out:
            typer.echo(f"... and {section.left_out} more: --json has them all")
