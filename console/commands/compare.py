"""`blackstart compare`: two variants of a scenario under the same random numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.options import OverlayOption, settings_of
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from studies.comparison import Comparison
    from topologies.loading.overlay import Given

_VARIANT = (
    "An estate with its organisation (a name or a path), path=value as for --set, overlay=FILE, or `own`: the "
    "scenario's own."
)
_OVERLAY = "overlay="


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help=_VARIANT)],
    second: Annotated[str, typer.Argument(metavar="B", help="The same, for the other variant.")],
    scenario: Annotated[str, typer.Argument(help="Name of a shipped scenario, or a path.")],
    replications: Annotated[
        int, typer.Option("-n", "--replications", min=1, help="Pairs of replications, at least 20.")
    ] = 200,
    seed: Annotated[int, typer.Option(help="Master seed of all random draws.", min=0)] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a value in both variants; may be given again.", metavar="PATH=VALUE"),
    ] = None,
    settings_first: Annotated[
        list[str] | None, typer.Option("--set-a", help="Change a value in A alone.", metavar="PATH=VALUE")
    ] = None,
    settings_second: Annotated[
        list[str] | None, typer.Option("--set-b", help="Change a value in B alone.", metavar="PATH=VALUE")
    ] = None,
    overlay: OverlayOption = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes; by default one a processor.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder; by default exercises/compare-<scenario>-<input hash>-<seed>.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Compare two organisations, estates or settings in one scenario, pair by pair: what does the change do?

    Example: blackstart compare own organisation.working.decision=20m corner-lab-crash -n 500
    """
    from blackstart import _sweeps
    from console import output

    both = settings_of(overlay, settings)
    with output.counting("compare", quiet=quiet or as_json) as tell:
        comparison = _sweeps.compare(
            _variant(first, [*both, *(settings_first or [])]),
            _variant(second, [*both, *(settings_second or [])]),
            scenario,
            replications,
            seed=seed,
            jobs=jobs,
            out=out,
            progress=tell,
        )
    if as_json:
        from studies.comparison import document

        output.print_json(document(comparison))
    elif not quiet:
        _print(comparison)
    return 0


def _variant(text: str, settings: list[Given]) -> tuple[str | None, list[Given]]:
    """An estate or None for the scenario's own, with settings."""
    if text == "own":
        return None, settings
    if text.startswith(_OVERLAY):
        return None, [*settings, *settings_of(Path(text.removeprefix(_OVERLAY)), None)]
    if "=" in text:
        return None, [*settings, text]
    return text, settings


def _print(comparison: Comparison) -> None:
    from console import output
    from reports.measures import MEASURES
    from studies.comparison import PAGE
    from studies.comparison.words import probability_words, ratio_words, value_words, variant_words, verdict

    typer.echo(f"A: {variant_words(comparison.first)}\nB: {variant_words(comparison.second)}\n{verdict(comparison)}\n")
    output.print_table(
        [
            {
                "objective": objective.title,
                "probability, A to B": probability_words(objective),
                "McNemar p": f"{objective.pairs.p_value:.3g}",
                "variance ratio": ratio_words(objective.variance_ratio),
            }
            for objective in comparison.objectives
        ]
    )
    moved = [measure for measure in comparison.measures if measure.differing]
    if moved:
        typer.echo("")
        output.print_table(
            [
                {
                    "measure": MEASURES[measure.measure].title,
                    "median, A to B": value_words(measure, measure.median),
                    "90th percentile, A to B": value_words(measure, measure.p90),
                    "differ": f"{measure.differing} of {measure.pairs}",
                }
                for measure in moved
            ]
        )
    alike = len(comparison.measures) - len(moved)
    typer.echo(f"\n{alike} measures are alike in every pair\nReport: {comparison.folder.path / PAGE}")
