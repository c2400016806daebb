"""`blackstart check`: whether files can be loaded, and where they are weak, before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption
from timeline.findings import Finding, InputError, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(
    paths: Annotated[list[str], typer.Argument(help="Estates, scenarios, their files, or folders of these.")],
    fail_on: Annotated[Severity, typer.Option(help="Least severity that ends with status 1.")] = Severity.ERROR,
    watch: Annotated[bool, typer.Option(help="Check again whenever a file changes, until interrupted.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Find weak spots of estates and scenarios, and everything that cannot be read.

    Status 0: nothing at or above `--fail-on`; 1: something; 2: not readable.

    Example: blackstart check meridian-bank my-scenario.yaml --fail-on warning
    """
    status = _check_once(paths, fail_on, as_json=as_json, quiet=quiet)
    if watch:
        for _ in _changes(paths):
            typer.echo("", err=True)
            status = _check_once(paths, fail_on, as_json=as_json, quiet=quiet)
    return status


def _check_once(paths: list[str], fail_on: Severity, *, as_json: bool, quiet: bool) -> int:
    findings, readable = _findings(paths)
    failing = [finding for finding in findings if finding.severity.at_least(fail_on)]
    if as_json:
        from console import output

        output.print_json({"readable": readable, "findings": [finding.to_json() for finding in findings]})
    else:
        _print(failing if quiet else findings)
        if not quiet:
            typer.echo(summary(findings), err=True)
    if not readable:
        return 2
    return 1 if failing else 0


def _findings(paths: list[str]) -> tuple[list[Finding], bool]:
    """Findings on all paths, and whether all of them could be read; what cannot be read is among the findings."""
    import blackstart

    found: dict[Finding, None] = {}
    readable = True
    for path in paths:
        try:
            found.update(dict.fromkeys(blackstart.check(path)))
        except InputError as error:
            readable = False
            found.update(dict.fromkeys(error.findings))
    return list(found), readable


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        typer.echo(finding.render())


def summary(findings: list[Finding]) -> str:
    """How many there are of each severity, in words."""
    if not findings:
        return "nothing found"
    counts = {severity: sum(f.severity is severity for f in findings) for severity in reversed(Severity)}
    said = ", ".join(f"{count} {severity}{'s' if count > 1 else ''}" for severity, count in counts.items() if count)
    return f"{said}; `blackstart explain <id in brackets>` says what each means"


def _changes(paths: list[str]) -> Iterator[None]:
    """Yields whenever a file below one of the paths has changed, appeared or gone."""
    import time

    before = watched_state(paths)
    while True:
        time.sleep(0.5)
        now = watched_state(paths)
        if now != before:
            before = now
            yield


def watched_state(paths: list[str]) -> dict[Path, tuple[int, int]]:
    """Modification time and size of every file below the paths."""
    files = [
        file for path in paths for file in ([Path(path)] if not Path(path).is_dir() else Path(path).rglob("*.y*ml"))
    ]
    state = {}
    for file in files:
        try:
            entry = file.stat()
        except OSError:
            continue  # gone between listing and looking: seen as a change
        state[file] = (entry.st_mtime_ns, entry.st_size)
    return state
