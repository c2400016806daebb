"""`blackstart alerts coverage`: every fault on everything that it fits, and what the alerts make of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.options import Version
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studies.coverage import Acceptance, Coverage, CoverageFinding, Kind, Question
    from topologies.estate import Estate

_SHOWN = 8
"""Findings of a kind that are shown unless all are asked for."""
_TUESDAY_MORNING = datetime(2026, 3, 3, 10)


class FailOn(StrEnum):
    """Kinds of finding, as `studies.coverage.Kind` names them."""

    MISSED = "missed"
    LATE = "late"
    WRONG_TEAM = "wrong-team"
    UNCOVERED = "uncovered"
    MASKED = "masked"
    NEVER = "never"
    TWINS = "twins"
    FALSE = "false"
    FAILING = "failing"
    UNOWNED = "unowned"
    MUTANTS = "mutants"
    NOT_ASSESSABLE = "not-assessable"
    UNTRIED = "untried"
    BASELINE = "baseline"
    NOTHING = "nothing"


def coverage(
    estate: Annotated[str, typer.Argument(help="Folder of an estate, its topology file, or a shipped one.")],
    rules: Annotated[
        list[Path] | None, typer.Option(help="Rule files or globs in place of the estate's own; may be given again.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="Only this kind of fault; may be given again.  By default every one.")
    ] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Also every two of the faults that have expectations, at once.")
    ] = False,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Also change each rule in small ways: which changes would nothing tell?")
    ] = False,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(help="Kinds of finding that end with 1; by default missed, late, wrong-team and baseline."),
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="Accepted findings, with reason and expiry.")] = None,
    at: Annotated[
        str | None, typer.Option(help="When faults begin (ISO 8601 with offset); by default a Tuesday at 10:00.")
    ] = None,
    lasts: Annotated[str, typer.Option(help="How long each fault lasts and is watched.")] = "2h",
    quiet_time: Annotated[str, typer.Option(help="Length of the time in which nothing is wrong.")] = "1w",
    draws: Annotated[
        int, typer.Option(min=1, max=64, help="Draws of offsets and noise for faults with expectations: intervals.")
    ] = 3,
    draws_for_all: Annotated[
        bool, typer.Option("--draws-for-all", help="So many draws for every fault; by default one for the others.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the noise.")] = 1,
    prometheus: Annotated[Version, typer.Option(help="Which Prometheus is meant.")] = Version.THREE,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the estate; may be given again.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; by default one a processor.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write report.html, coverage.json and the matrix here.")] = None,
    junit: Annotated[
        Path | None, typer.Option(help="Write expectations and findings as JUnit XML to this file.")
    ] = None,
    sarif: Annotated[Path | None, typer.Option(help="Write findings as SARIF 2.1.0 to this file.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Show every fault and every finding.")] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Try every fault on everything that it fits: which alerts fire, when, and whom they reach; what nobody would see.

    Ends with the line `N passed, N failed` of the expectations that the estate states.

    Example: blackstart alerts coverage meridian-bank --mutate --out coverage --fail-on missed --fail-on uncovered
    """
    from dataclasses import replace

    from blackstart._coverage import coverage_input
    from console import output
    from studies.coverage import Kind, failing, findings_of, study

    acceptance = _acceptance(baseline)
    given = coverage_input(estate, rules=rules or [], settings=setting or [])
    question = replace(
        _question(given.subject.estate, at, lasts, quiet_time, draws, seed, prometheus),
        pairs=pairs,
        mutate=mutate,
        draws_for_all=draws_for_all,
        kinds=_known_kinds(fault or []),
    )
    with output.progress("coverage", quiet=quiet or as_json) as progress:
        found = study(given.subject, question, jobs=jobs or _processors(), progress=progress)
    findings = findings_of(found, given.places, acceptance)
    chosen = [FailOn.MISSED, FailOn.LATE, FailOn.WRONG_TEAM, FailOn.BASELINE] if fail_on is None else fail_on
    kinds = [Kind(kind.value) for kind in chosen if kind is not FailOn.NOTHING]
    _write(found, findings, kinds, out=out, junit=junit, sarif=sarif)
    if as_json:
        from studies.coverage.document import document

        output.print_json(document(found, findings))
    else:
        _print(found, findings, out, every=every, quiet=quiet)
    return 1 if failing(findings, kinds) else 0


def _acceptance(baseline: Path | None) -> Acceptance | None:
    from datetime import date

    from studies.coverage import read_baseline

    return None if baseline is None else read_baseline(baseline, date.today())


def _question(
    estate: Estate,
    at: str | None,
    lasts: str,
    quiet_time: str,
    draws: int,
    seed: int,
    prometheus: Version,
) -> Question:
    from zoneinfo import ZoneInfo

    from console.moments import parse_moment
    from simulator.monitoring.promql import Semantics
    from studies.coverage import Question

    epoch = _TUESDAY_MORNING.replace(tzinfo=ZoneInfo(estate.timezone)) if at is None else parse_moment(at, "--at")
    return Question(
        epoch,
        lasts_ms=_length(lasts, "--lasts"),
        quiet_ms=_length(quiet_time, "--quiet-time"),
        draws=draws,
        seed=seed,
        semantics=Semantics(prometheus.value),
    )


def _known_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    from scenarios.faults import FAULTS
    from timeline.findings import InputError, nearest

    for kind in kinds:
        if kind not in FAULTS:
            message = f"there is no kind of fault {kind!r}"
            raise InputError.single("input.not-found", "--fault", message, nearest(kind, FAULTS))
    return tuple(kinds)


def _length(text: str, option: str) -> int:
    from console.moments import parse_span
    from timeline.findings import InputError

    length_ms = parse_span(text, option)
    if length_ms <= 0:
        raise InputError.single("input.option", option, "this takes no time at all", "write one like 2h or 1w")
    return length_ms


def _processors() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _write(
    found: Coverage,
    findings: Sequence[CoverageFinding],
    kinds: Sequence[Kind],
    *,
    out: Path | None,
    junit: Path | None,
    sarif: Path | None,
) -> None:
    import json

    from timeline.files import write_whole

    if out is not None:
        from studies.coverage.folder import write_folder

        write_folder(out, found, findings)
    if junit is not None:
        from studies.coverage.junit import junit_xml

        write_whole(junit, junit_xml(found, findings, kinds))
    if sarif is not None:
        from studies.coverage.sarif import sarif as as_sarif

        write_whole(sarif, json.dumps(as_sarif(findings, Path.cwd()), ensure_ascii=False, indent=2) + "\n")


def _print(found: Coverage, findings: Sequence[CoverageFinding], out: Path | None, *, every: bool, quiet: bool) -> None:
    from console import output
    from studies.coverage import Verdict
    from studies.coverage.words import sentences

    if not quiet:
        for sentence in sentences(found):
            typer.echo(sentence)
        if found.judgements:
            typer.echo("")
            output.print_table(_expectations(found))
        if every:
            typer.echo("")
            output.print_table(_faults(found))
        _print_findings(findings, every=every)
        if found.fates is not None:
            survived = sum(fate.killed_by is None for fate in found.fates)
            typer.echo(f"\n{len(found.fates)} mutants, {survived} survived")
        if out is not None:
            typer.echo(f"\nReport: {out / 'report.html'}")
    counted = [one.verdict for one in found.judgements if one.verdict is not Verdict.NOT_ASSESSABLE]
    passed = sum(verdict is Verdict.MET for verdict in counted)
    skipped = len(found.judgements) - len(counted)
    typer.echo(f"{passed} passed, {len(counted) - passed} failed" + (f", {skipped} skipped" if skipped else ""))


def _expectations(found: Coverage) -> list[dict[str, str]]:
    from reports.quantities import write_ms
    from studies.coverage.words import span

    rows = []
    for one in found.judgements:
        expected = found.subject.expectations[one.expectation]
        some = f" in {one.met_in} of {one.draws} draws" if 0 < one.met_in < one.draws else ""
        rows.append(
            {
                "expectation": one.expectation,
                "fault": one.case,
                "expected": f"{' or '.join(expected.alerts)} within {write_ms(expected.within)}",
                "team": expected.team or "any",
                "predicted": ", ".join(one.alerts) or "none of them",
                "first told": "-" if one.told is None else span(one.told),
                "teams told": ", ".join(one.teams) or "-",
                "verdict": f"{one.verdict}{', met' + some if some else ''}",
            }
        )
    return rows


def _faults(found: Coverage) -> list[dict[str, str]]:
    from studies.coverage.words import cell_words

    return [
        {
            "fault": row.case.id,
            "disrupts": ", ".join(row.disrupted) or "-",
            "alerts": "\n".join(cell_words(c, found.addressees, len(row.trials)) for c in row.cells) or "none",
        }
        for row in (*found.rows, *found.pairs)
    ]


def _print_findings(findings: Sequence[CoverageFinding], *, every: bool) -> None:
    from itertools import groupby

    from studies.coverage.findings import MEANINGS

    for kind, group in groupby(findings, key=lambda one: one.kind):
        ones = list(group)
        accepted = sum(one.accepted is not None for one in ones)
        typer.echo(f"\n{MEANINGS[kind]} ({kind}): {len(ones)}" + (f", {accepted} accepted" if accepted else ""))
        counting = [one for one in ones if one.accepted is None]
        counting.sort(key=lambda one: -one.finding.severity.rank)
        shown = counting if every else counting[:_SHOWN]
        for one in shown:
            typer.echo(f"  {one.finding.place}: {one.finding.severity}: {one.finding.message} [{one.id}]")
            if one.finding.hint:
                typer.echo(f"      hint: {one.finding.hint}")
        if len(shown) < len(counting):
            typer.echo(f"  ... and {len(counting) - len(shown)} more: --all shows them")
