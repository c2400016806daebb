"""`blackstart alerts script`: the script language of Prometheus' own PromQL tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def script(
    files: Annotated[list[Path], typer.Argument(help="Scripts.", metavar="FILE...")],
    prometheus: Annotated[
        str, typer.Option(help="Which Prometheus is meant: 2, 3, or late-names (3 with late removal of names).")
    ] = "late-names",
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Run PromQL test scripts and end with the line `N passed, N failed, N skipped`.

    Example: blackstart alerts script operators.test
    """
    from console import output
    from simulator.monitoring.promql import Semantics
    from simulator.monitoring.ruletests.promql_script import Outcome, ScriptError, Verdict, run_script
    from timeline.findings import InputError, Place, nearest

    known = {
        "2": Semantics.PROMETHEUS_2,
        "3": Semantics.PROMETHEUS_3,
        "late-names": Semantics.PROMETHEUS_3_LATE_NAMES,
    }
    if prometheus not in known:
        hint = nearest(prometheus, known)
        raise InputError.single("script.version", "--prometheus", f"{prometheus!r} is not a version known here", hint)
    verdicts: dict[Path, list[Verdict]] = {}
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
            verdicts[path] = list(run_script(text, known[prometheus]))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError.single("script.unreadable", str(path), f"the file cannot be read: {error}") from None
        except ScriptError as error:
            line = text.splitlines()[error.line - 1]
            raise InputError.single("script.syntax", Place(str(path), error.line, 1, line), str(error)) from None
    totals = Counter(verdict.outcome for found in verdicts.values() for verdict in found)
    counts = {str(outcome): totals[outcome] for outcome in Outcome}
    if as_json:
        listed = [
            {"file": str(path), "line": v.line, "command": v.command, "outcome": str(v.outcome), "reason": v.reason}
            for path, found in verdicts.items()
            for v in found
        ]
        output.print_json({**counts, "evaluations": listed})
        return 1 if counts["failed"] else 0
    for path, found in verdicts.items():
        features = Counter(v.reason for v in found if v.outcome is Outcome.SKIPPED)
        for verdict in found:
            if verdict.outcome is Outcome.FAILED:
                typer.echo(f"{path}:{verdict.line}: FAILED {verdict.command}\n    {verdict.reason}")
        if not quiet:
            for feature, count in features.most_common():
                typer.echo(f"{path}: {count} skipped: {feature}", err=True)
    typer.echo(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0
