"""`blackstart alerts test`: unit tests of rules, with the grammar and the verdicts of promtool."""

# ruff: noqa: PT028  (the command is named test; it is none)
from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import Version
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.monitoring.ruletests.unit_tests import FileResult, Settings
    from timeline.findings import Finding


def test(
    files: Annotated[list[Path], typer.Argument(help="Files of unit tests.", metavar="FILE...")],
    prometheus: Annotated[Version, typer.Option(help="Which Prometheus is meant.")] = Version.THREE,
    junit: Annotated[Path | None, typer.Option(help="Write the results as JUnit XML to this file.")] = None,
    to_end: Annotated[
        bool, typer.Option("--to-end", help="Evaluate to the end of the input: finds rules that fail later.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the series around each failure.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse extensions that promtool does not know.")] = False,
    compare_versions: Annotated[
        bool, typer.Option("--compare-versions", help="Also tell which rules differ between Prometheus 2 and 3.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Run again whenever a file changes.")] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Run unit tests of rules and end with the line `N passed, N failed`.

    Example: blackstart alerts test --prometheus 2 tests/alerts_test.yaml
    """
    from simulator.monitoring.promql import Semantics
    from simulator.monitoring.ruletests.unit_tests import Settings

    settings = Settings(Semantics(prometheus.value), to_end=to_end, plots=debug)
    if watch:
        return _watch(files, settings, strict=strict)
    results = _run(files, settings, strict=strict)
    differing = _differing(files, strict=strict) if compare_versions else []
    if junit is not None:
        from simulator.monitoring.ruletests.junit import as_junit
        from timeline.files import write_whole

        write_whole(junit, as_junit(results))
    if as_json:
        from console import output

        document = _document(results)
        if compare_versions:
            document["versions"] = [finding.to_json() for finding in differing]
        output.print_json(document)
    else:
        for finding in differing:
            typer.echo(finding.render())
        _tell(results, quiet=quiet)
    return 1 if _failed(results) or differing else 0


def _run(files: Sequence[Path], settings: Settings, *, strict: bool) -> list[FileResult]:
    """Results of all files.  Raises InputError with the findings of all files that cannot be read."""
    from simulator.monitoring.ruletests.test_files import read_test_file
    from simulator.monitoring.ruletests.unit_tests import run_test_file
    from topologies.loading.gathering import Gathered

    gathered = Gathered()

    def run(path: Path) -> FileResult:
        return run_test_file(read_test_file(path, strict=strict), settings)

    results = [gathered.attempt(partial(run, path)) for path in files]
    gathered.complete()
    return [result for result in results if result is not None]


def _differing(files: Sequence[Path], *, strict: bool) -> list[Finding]:
    """Rules that differ between Prometheus 2 and 3 on the series of their tests."""
    from simulator.monitoring.ruletests.test_files import read_test_file
    from simulator.monitoring.ruletests.versions import compare_versions

    return [finding for path in files for finding in compare_versions(read_test_file(path, strict=strict))]


def _failed(results: Sequence[FileResult]) -> int:
    return sum(not case.passed for result in results for case in result.cases)


def _tell(results: Sequence[FileResult], *, quiet: bool) -> None:
    for result in results:
        for warning in result.warnings:
            typer.echo(f"{result.path}: warning: {warning}", err=True)
        for case in result.cases:
            if case.passed:
                continue
            typer.echo(f"{case.place}: FAILED ({case.group}) {case.case}")
            for line in (case.reason + ("\n" + case.plot if case.plot else "")).splitlines():
                typer.echo(f"    {line}")
        if result.untested and not quiet:
            typer.echo(f"{result.path}: no test touches {', '.join(result.untested)}", err=True)
    passed = sum(len(result.cases) for result in results) - _failed(results)
    typer.echo(f"{passed} passed, {_failed(results)} failed")


def _document(results: Sequence[FileResult]) -> dict[str, Any]:
    return {
        "passed": sum(len(result.cases) for result in results) - _failed(results),
        "failed": _failed(results),
        "files": [
            {
                "file": str(result.path),
                "warnings": result.warnings,
                "untested": result.untested,
                "cases": [
                    {
                        "group": case.group,
                        "case": case.case,
                        "place": str(case.place),
                        "passed": case.passed,
                        "reason": case.reason,
                    }
                    for case in result.cases
                ],
            }
            for result in results
        ],
    }


def _watch(files: Sequence[Path], settings: Settings, *, strict: bool) -> int:
    """Run again whenever a file beside the tests changes, until interrupted."""
    import time

    from timeline.findings import InputError

    seen: dict[Path, int] = {}
    while True:
        folders = {path.parent for path in files}
        now = {
            file: file.stat().st_mtime_ns
            for folder in folders
            for file in folder.rglob("*")
            if file.suffix in (".yaml", ".yml", ".rules")
        }
        if now != seen:
            seen = now
            try:
                _tell(_run(files, settings, strict=strict), quiet=False)
            except InputError as error:
                typer.echo(str(error), err=True)
        time.sleep(0.5)
