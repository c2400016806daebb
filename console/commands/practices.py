"""`blackstart practices`: practice by scenario: exercised, how well, and which events say so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from reports.practices.rehearsal import Rehearsed, Row

_SCORE_WIDTH = 5
_LISTED = 6
"""Events that are told of one measure in one run."""


def practices(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Scenarios, by name or file; all shipped ones when left out.")
    ] = None,
    runs: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="In place of scenarios: a run folder.  May be repeated.")
    ] = None,
    practice: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this practice, as in 5.3, with its figures and events.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the runs.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write it as a page of HTML.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Show which of the 48 practices are exercised by which scenario, how well they went, and the events behind it.

    A practice is exercised by a run when one of its measures has a sample there.  Its score is out of 100, from the
    objectives that name it and the targets on its measures.

    Example: blackstart practices corner-lab-crash datacentre-loss --practice 5.5
    """
    from console import output
    from console.options import refused
    from reports.practices import PRACTICES
    from reports.practices.page import practices_page
    from reports.practices.rehearsal import document_of, rows_of
    from timeline.files import write_whole
    from timeline.findings import nearest

    if scenarios and runs:
        raise refused("--runs", "either scenarios are played or runs are read", "leave out SCENARIO, or --runs")
    if practice is not None and practice not in PRACTICES:
        message = f"there is no practice {practice!r}"
        raise refused("--practice", message, nearest(practice, PRACTICES) or "they go from 1.1 to 8.6")
    read = _read(scenarios, runs or [], seed, quiet=quiet or as_json)
    rows = [row for row in rows_of(read) if practice in (None, row.practice.id)]
    if out is not None:
        write_whole(out, practices_page(rows, read))
    if as_json:
        output.print_json(document_of(rows))
    elif not quiet:
        if practice is None:
            _print_matrix(rows, read)
        else:
            _print_practice(rows[0])
    return 0


def _read(scenarios: list[str] | None, runs: list[Path], seed: int, *, quiet: bool) -> list[Rehearsed]:
    """Everything is loaded before anything is played."""
    import blackstart
    from console import output
    from reports.practices.rehearsal import rehearsed
    from scenarios.shipped import shipped_scenarios

    if runs:
        opened = [blackstart.open_run(folder) for folder in runs]
        return rehearsed([(run.timeline, run.scores) for run in opened])
    plans = [blackstart.plan_of(blackstart.load(name)) for name in scenarios or shipped_scenarios()]
    played = []
    with output.progress("Playing", quiet=quiet) as tell:
        for number, plan in enumerate(plans):
            tell(number / len(plans))
            timeline = blackstart.simulate(plan, seed=seed)
            played.append((timeline, blackstart.score(timeline)))
    return rehearsed(played)


def _print_matrix(rows: list[Row], runs: list[Rehearsed]) -> None:
    """One line a practice; runs are columns of one sign, under their numbers."""
    from rich.console import Console
    from rich.text import Text

    from reports.practices.cells import Cell, cell_of, summary_of

    console = Console(highlight=False, soft_wrap=True)
    titles = max(len(row.practice.title) for row in rows)
    width = 2 + max(len(str(len(runs))), 1)
    for number, run in enumerate(runs, 1):
        console.print(Text(f"{number:>3}  {run.name}"))
    head = "".join(f"{number:>{width}}" for number in range(1, len(runs) + 1))
    module = ""
    for row in rows:
        if row.practice.module != module:
            module = row.practice.module
            label = f"{module:<{titles + 6}}"
            console.print(
                Text.assemble("\n", (label, "bold"), (f"{head}{'score':>{_SCORE_WIDTH + 3}}", "bright_black"))
            )
        line = Text(f"{row.practice.id}  {row.practice.title:<{titles + 1}}")
        for rehearsal in row.rehearsals:
            cell = cell_of(rehearsal)
            line.append(f"{cell.sign:>{width}}", cell.colour)
        line.append(f"{'-' if row.score is None else f'{row.score:.0f}':>{_SCORE_WIDTH + 3}}")
        console.print(line)
    console.print()
    for cell in Cell:
        console.print(Text.assemble((f"{cell.sign} ", cell.colour), cell.meaning))
    console.print()
    for sentence in summary_of(rows):
        console.print(Text(sentence))


def _print_practice(row: Row) -> None:
    """Every figure of one practice, with the events behind it."""
    from rich.console import Console
    from rich.text import Text

    from reports.practices.cells import cell_of
    from reports.quantities import write_value

    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(f"{row.practice.id}  {row.practice.title}", "bold"))
    for rehearsal in row.rehearsals:
        cell = cell_of(rehearsal)
        score = "" if rehearsal.score is None else f", {rehearsal.score:.0f} of 100"
        console.print(Text.assemble("\n", (f"{cell.sign} ", cell.colour), f"{rehearsal.run}{score}"))
        for measure in rehearsal.measures:
            assert measure.value is not None
            events = [f"#{seq}" for seq in measure.evidence]
            more = f" and {len(events) - _LISTED} more" if len(events) > _LISTED else ""
            value = write_value(measure.value, measure.unit)
            console.print(Text(f"    {measure.title}: {value}  ({' '.join(events[:_LISTED])}{more})"))
    if not row.measures:
        console.print(Text("\nNo measure of a run tells about it."))
