"""`blackstart fault plan`: what a live run would do, in full, without doing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.live import BindingOption, JournalsOption
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from injectors.plan import Plan


def plan(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario, or a file.")],
    binding: BindingOption,
    approve_as: Annotated[
        str | None, typer.Option(metavar="NAME", help="Approve this plan as a second person; with --out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="With --approve-as: the approval to write.")] = None,
    journals: JournalsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Show every fault of a scenario on the real targets of a binding: knobs, values, how each is undone.

    Proofs of non-production are read, and nothing is changed.  Ends with 3 when the plan is refused.

    Example: blackstart fault plan game-day-live --binding lab/binding.yaml
    """
    from console import output
    from console.live import journals_folder, live_plan
    from console.options import refused
    from injectors.approval import write_approval

    if (approve_as is None) != (out is None):
        raise refused("--approve-as", "an approval has a name and a file", "give --approve-as NAME and --out FILE")
    _, made = live_plan(scenario, binding)
    shown = _shown(made, journals_folder(journals))
    if as_json:
        output.print_json(shown)
    elif not quiet:
        _print(shown)
    if approve_as is not None and out is not None:
        write_approval(out, made.digest, approve_as)
    return 0


def _shown(plan: Plan, journals: Path) -> dict[str, Any]:
    from injectors.plan import dry_run

    faults = []
    for fault, turns in dry_run(plan, journals):
        turned = [] if isinstance(turns, str) else [{"knob": t.knob.key, "becomes": t.after} for t in turns]
        faults.append(
            {
                "id": fault.id,
                "at_ms": fault.at_ms,
                "duration_ms": fault.duration_ms,
                "kind": fault.fault.kind,
                "way": fault.fault.id,
                "target": fault.target,
                "parameters": fault.parameters.model_dump(mode="json"),
                "knobs": turned,
                "undone": fault.fault.undone,
                "reversible": fault.fault.reversible,
                "approval": plan.target_of(fault).approval,
                "not_ready": turns if isinstance(turns, str) else "",
            }
        )
    return {
        "plan": plan.digest,
        "scenario": plan.scenario,
        "environment": plan.binding.environment,
        "faults": faults,
        "left_out": [{"fault": f.fault, "target": f.target, "reason": f.reason} for f in plan.left_out],
    }


def _print(shown: dict[str, Any]) -> None:
    from timeline.instants import format_duration

    typer.echo(f"Plan {shown['plan'][:12]}: {shown['scenario']} in {shown['environment']}\n")
    for fault in shown["faults"]:
        at, lasts = format_duration(fault["at_ms"]), format_duration(fault["duration_ms"])
        typer.echo(f"  +{at}  {fault['kind']} on {fault['target']} for {lasts}  ({fault['way']})")
        for knob in fault["knobs"]:
            typer.echo(f"        {knob['knob']}  becomes  {knob['becomes']}")
        if fault["not_ready"]:
            typer.echo(f"        not ready: {fault['not_ready']}")
        typer.echo(f"        undone: {fault['undone']}")
        if fault["approval"]:
            typer.echo("        asks for the approval of a second person")
    for left in shown["left_out"]:
        typer.echo(f"  left out: {left['fault']} on {left['target']}: {left['reason']}")
