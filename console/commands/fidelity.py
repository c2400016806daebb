"""`blackstart fidelity`: alerts as expected, as predicted by the model, and as real monitoring gives them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.live import JournalsOption
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from studies.fidelity.history import Regression
    from studies.fidelity.study import Fidelity
    from studies.fidelity.verdicts import Cell


def fidelity(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario, or a file.")],
    binding: Annotated[
        Path | None, typer.Option(help="The real targets; by default those of the shipped stack, which has to be up.")
    ] = None,
    approval: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of a second person, where a target asks for it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; one that was ended there is resumed.")] = None,
    draws: Annotated[int, typer.Option(min=1, max=64, help="Draws of the prediction.")] = 10,
    journals: JournalsOption = None,
    history: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Earlier runs, to compare with; by default beside the folder of the run."),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Break real targets one fault after the other and hold real alerts beside expectations and prediction.

    The prediction is written and hashed before the first fault.  Ends with 0 when every expectation is met and every
    cell is as predicted, with 1 when not or when an alert that fired last time no longer does, with 3 when it was
    refused or ended for safety.

    Example: blackstart fidelity game-day-live
    """
    from console import output
    from console.fidelity_run import inside_the_stack, run

    if binding is None:
        return inside_the_stack(quiet=quiet)
    found, folder, gone = run(scenario, binding, approval, out, draws, journals, history, quiet=quiet or as_json)
    if as_json:
        from studies.fidelity.document import document

        output.print_json(document(found, gone))
    elif not quiet:
        _print(found, folder, gone)
    from studies.coverage.verdicts import Verdict

    met = all(one.verdict is Verdict.MET for one in found.judgements)
    return 0 if met and not found.disagreeing and not gone and not any(one.left for one in found.observed) else 1


def _print(found: Fidelity, folder: Path, gone: list[Regression]) -> None:
    from console import output
    from studies.fidelity.verdicts import brier, off_by_ms

    output.print_table([_row(cell) for cell in found.cells if cell.predicted or cell.observed])
    for cell in found.disagreeing:
        typer.echo(f"  {cell.alert} in {cell.fault}: {'; '.join(found.reasons_of(cell))}")
    for regression in gone:
        typer.echo(f"  regression: {regression.alert} in {regression.fault} {regression.words}")
    for one in found.unseen_harm:
        typer.echo(f"  users were hurt and nothing fired: {one.fault}")
    for left in found.left_out:
        typer.echo(f"  left out: {left.fault} on {left.target}: {left.reason}")
    off = off_by_ms(found.cells)
    typer.echo(
        f"\n{len(found.cells)} cells, {len(found.disagreeing)} disagree; Brier score {brier(found.cells):.3f}"
        + (f"; {off[0]} fired on both sides, half of them within {off[1] / 1000:g} s of the prediction" if off else "")
    )
    typer.echo(f"Report: {folder / 'fidelity.html'}")
    met = sum(str(one.verdict) == "met" for one in found.judgements)
    typer.echo(f"{met} passed, {len(found.judgements) - met} failed")


def _row(cell: Cell) -> dict[str, str]:
    predicted, observed = cell.predicted, cell.observed
    foretold = "-"
    if predicted is not None:
        low, high = predicted.fired_ms
        foretold = f"{_s(low)} to {_s(high)} ({cell.share:.0%})"
    return {
        "fault": cell.fault,
        "alert": cell.alert,
        "predicted": foretold,
        "fired": _s(observed.firing_ms) if observed else "-",
        "told": ", ".join(f"{r} {_s(ms)}" for r, ms in observed.told_ms.items()) if observed else "-",
        "verdict": str(cell.verdict) if cell.told_as_predicted else f"{cell.verdict}, told elsewhere",
    }


def _s(ms: int | None) -> str:
    return "-" if ms is None else f"{ms / 1000:.0f} s"
