"""`blackstart alerts notify-test`: batch tests of an Alertmanager configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def notify_test(
    files: Annotated[list[Path], typer.Argument(help="Test files.")],
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit report to this file.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Test routing, grouping, inhibition, silences, mute times, repeats and counts of notifications in virtual time.

    Ends with 1 when a test fails.

    Example: blackstart alerts notify-test alertmanager_test.yml --junit report.xml
    """
    from console import output
    from simulator.monitoring.notifytests import load_tests, run_test, to_junit
    from timeline.files import write_whole
    from topologies.loading.document import read_document
    from topologies.loading.gathering import Gathered

    gathered = Gathered()
    loaded = [gathered.attempt(lambda path=path: load_tests(read_document(path), path.parent)) for path in files]  # type: ignore[misc]
    gathered.complete()
    results = [run_test(test) for suite in loaded if suite is not None for test in suite]
    failed = sum(bool(result.failures) for result in results)
    if junit is not None:
        write_whole(junit, to_junit(results))
    if as_json:
        output.print_json(
            [{"file": r.file, "test": r.name, "passed": not r.failures, "failures": list(r.failures)} for r in results]
        )
    else:
        for result in results if not quiet else ():
            typer.echo(f"{'FAIL' if result.failures else 'ok  '} {result.file}: {result.name}")
            for failure in result.failures:
                typer.echo(f"     {failure}")
        typer.echo(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0
