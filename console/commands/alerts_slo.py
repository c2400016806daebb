"""`blackstart alerts slo`: burn-rate rules out of OpenSLO files, and whether existing rules fit them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.output import JsonOption, QuietOption
from timeline.findings import Finding, InputError, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.monitoring.rules import RuleGroup
    from simulator.monitoring.slo import Objective, Outlook, Watched

Files = Annotated[list[Path], typer.Argument(help="OpenSLO files; all are read together.", metavar="FILE...")]


def generate(
    files: Files,
    output: Annotated[
        Path | None, typer.Option("-o", "--out", help="The rule file; standard output if left out.")
    ] = None,
    tests: Annotated[Path | None, typer.Option(help="Write unit tests of the rules to this file, too.")] = None,
    page_severity: Annotated[str, typer.Option(help="Label `severity` of alerts that page.")] = "page",
    ticket_severity: Annotated[str, typer.Option(help="Label `severity` of alerts that make a ticket.")] = "ticket",
    quiet: QuietOption = False,
) -> int:
    """Make multi-window burn-rate rules for Prometheus out of SLOs.

    The windows and factors are those of the Site Reliability Workbook, scaled to the window of each SLO.

    Example: blackstart alerts slo generate payments.slo.yaml -o rules.yaml --tests rules_test.yaml
    """
    import os

    from simulator.monitoring.slo import Severities, left_out, rule_file, unit_test_file
    from timeline.files import write_whole

    if tests is not None and output is None:
        raise typer.BadParameter("tests name the rule file that they are for: give -o, too", param_hint="--tests")
    objectives = _objectives(files)
    severities = Severities(page_severity, ticket_severity)
    rules = rule_file(objectives, severities)
    written = {} if output is None else {output: rules}
    if tests is not None and output is not None:
        beside = os.path.relpath(output.resolve(), tests.resolve().parent)
        written[tests] = unit_test_file(objectives, beside, severities)
    for path in written:
        if not path.parent.is_dir():
            raise InputError.single("output.no-folder", str(path), "there is no such folder to write to")
    for path, text in written.items():
        write_whole(path, text)
    if output is None:
        typer.echo(rules, nl=False)
    if not quiet:
        for finding in left_out(objectives):
            typer.echo(finding.render(), err=True)
        count = f"{len(objectives)} objective{'s' if len(objectives) != 1 else ''}"
        typer.echo(f"rules for {count}" + "".join(f", {path}" for path in written), err=True)
    return 0


def check(
    files: Files,
    rules: Annotated[list[Path], typer.Option("--rules", help="Rule files, folders or globs; may be repeated.")],
    bad_ratio: Annotated[
        list[float] | None, typer.Option(help="Share of events that are bad; may be repeated.", min=0.0, max=1.0)
    ] = None,
    run: Annotated[bool, typer.Option(help="Also run the rules in virtual time, to compare.")] = True,
    fail_on: Annotated[Severity, typer.Option(help="Least severity that ends with status 1.")] = Severity.WARNING,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Check burn-rate alerts against SLOs: what is missing or wrong, when they fire, how much budget is gone by then.

    Example: blackstart alerts slo check payments.slo.yaml --rules alerts/rules
    """
    from simulator.monitoring.rules import load_rules
    from simulator.monitoring.slo import check_objectives, telling_ratios, watched

    objectives, groups = _objectives(files), load_rules(rules)
    findings = check_objectives(objectives, groups)
    found: list[Outlook] = []
    for one in watched(objectives, groups):
        ratios = bad_ratio or telling_ratios(one.objective)
        found += _outlooks(one, groups, ratios, run=run)
    failing = [finding for finding in findings if finding.severity.at_least(fail_on)]
    if as_json:
        from console import output

        document = {"findings": [f.to_json() for f in findings], "alerts": [_document(one) for one in found]}
        output.print_json(document)
    else:
        _tell(failing if quiet else findings, found, quiet=quiet)
    return 1 if failing else 0


def _objectives(files: list[Path]) -> list[Objective]:
    """The objectives of all files.  Raises InputError when there are none."""
    from simulator.monitoring.slo import load_objectives

    objectives = load_objectives(files)
    if not objectives:
        hint = "give the file with `kind: SLO`, too"
        raise InputError.single("slo.none", ", ".join(map(str, files)), "there is no SLO in these files", hint)
    return objectives


def _outlooks(watched: Watched, groups: Sequence[RuleGroup], ratios: Sequence[float], *, run: bool) -> list[Outlook]:
    """With a run where series can be made for the indicator, by the formula alone where not."""
    from simulator.monitoring.slo import outlooks

    try:
        return outlooks(watched, groups, ratios, run=run)
    except InputError as error:
        for finding in error.findings:
            typer.echo(
                Finding(finding.id, Severity.INFO, finding.place, finding.message, finding.hint).render(), err=True
            )
        return outlooks(watched, groups, ratios, run=False)


def _tell(findings: Sequence[Finding], found: Sequence[Outlook], *, quiet: bool) -> None:
    from console import output
    from console.commands.check import summary

    for finding in findings:
        typer.echo(finding.render())
    if quiet:
        return
    if found:
        output.print_table([_row(one) for one in found])
    typer.echo(summary(list(findings)), err=True)


def _row(one: Outlook) -> dict[str, str]:
    from reports.quantities import write_ms
    from timeline.instants import format_duration

    rate, after, fired = one.expected.rate, one.expected.after_ms, one.fired
    windows = [] if rate is None else [format_duration(ms) for ms in (rate.long_ms, rate.short_ms) if ms is not None]
    return {
        "SLO": one.objective.name,
        "bad": f"{one.bad_ratio:.4g}",
        "alert": one.expected.watching.alert.rule.alert,
        "burn rate": "-" if rate is None else f"{rate.factor:.4g} over {', '.join(windows)}",
        "fires after": "never" if after is None else write_ms(round(after)),
        "budget spent": "-" if one.expected.spent_ratio is None else f"{one.expected.spent_ratio:.1%}",
        "when run": "-" if fired is None else write_ms(fired.at_ms),
        "then spent": "-" if fired is None else f"{fired.spent_ratio:.1%}",
    }


def _document(one: Outlook) -> dict[str, Any]:
    expected, fired = one.expected, one.fired
    return {
        "slo": one.objective.name,
        "alert": expected.watching.alert.rule.alert,
        "place": str(expected.watching.place),
        "bad_ratio": one.bad_ratio,
        "fires_after_s": None if expected.after_ms is None else expected.after_ms / 1000,
        "budget_spent_ratio": expected.spent_ratio,
        "run": None
        if fired is None
        else {"fires_after_s": fired.at_ms / 1000, "budget_spent_ratio": fired.spent_ratio},
    }
