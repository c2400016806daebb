"""`blackstart score`: the scores of a run, judged from its timeline alone, and a gate for a build."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    import blackstart


def score(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    gate: Annotated[
        Path | None, typer.Option(help="A gate: conditions that the run has to fulfil, instead of its objectives.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="With --gate: also write the conditions as JUnit XML.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Score a run and end with 0 when every objective was met, 1 when not; with --gate, by the conditions of a file.

    Example: blackstart score exercises/demo --gate gate.yaml --junit gate.xml
    """
    import blackstart
    from console import output
    from console.options import refused

    if junit is not None and gate is None:
        raise refused("--junit", "only conditions of a gate are written there", "name the gate with --gate")
    result = blackstart.open_run(run)
    if gate is not None:
        return _judge(result, gate, junit, as_json=as_json, quiet=quiet)
    if as_json:
        output.print_json(result.scores.model_dump(mode="json"))
    elif not quiet:
        output.print_summary(result)
    return 0 if result.scores.objectives_met else 1


def _judge(result: blackstart.Run, file: Path, junit: Path | None, *, as_json: bool, quiet: bool) -> int:
    from console import output
    from reports.gate import Gate, judge, junit_xml
    from timeline.files import write_whole
    from topologies.loading.document import read_document
    from topologies.loading.validation import validate

    conditions = judge(validate(read_document(file), Gate), result.timeline, result.scores)
    failed = sum(not condition.holds for condition in conditions)
    if junit is not None:
        write_whole(junit, junit_xml(result.scores.scenario, conditions))
    if as_json:
        output.print_json(
            {
                "passed": len(conditions) - failed,
                "failed": failed,
                "conditions": [{"name": c.name, "holds": c.holds, "explanation": c.explanation} for c in conditions],
            }
        )
    elif not quiet:
        for condition in conditions:
            print(f"{'passed' if condition.holds else 'FAILED'}  {condition.name}: {condition.explanation}")
        print(f"{len(conditions) - failed} passed, {failed} failed")
    return 1 if failed else 0
