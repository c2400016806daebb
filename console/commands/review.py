"""`blackstart review`: the review of an incident, begun; `review compare`: two reviews of the same one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from reports.review import Comparison, Review
    from reports.review.comparison import Overlap


class HowCauses(StrEnum):
    """The methods, without loading what knows them."""

    FIVE_WHYS = "five-whys"
    CAUSE_AND_EFFECT = "cause-and-effect"


def review(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the review.")],
    method: Annotated[HowCauses, typer.Option(help="How causes are looked for.")] = HowCauses.CAUSE_AND_EFFECT,
    incident: Annotated[
        str | None, typer.Option(help="Id of the incident; by default the one that hurt longest.")
    ] = None,
    by: Annotated[str, typer.Option(help="The team that reviews.")] = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Begin the review of an incident: review.md to complete, review.html with the chart of causes, review.json to
    compare, and edits/*.diff as proposed changes to the files of the run.

    Example: blackstart review exercises/demo --out reviews/demo --by "Core systems"
    """
    import blackstart
    from console import output
    from reports.review import Method

    made = blackstart.review(run, out=out, method=Method(method), incident=incident, by=by)
    if as_json:
        output.print_json(made.model_dump(mode="json"))
    elif not quiet:
        print(out / "review.html")
        _print_review(made)
    return 0


def _print_review(made: Review) -> None:
    print(f"{made.incident}: {len(made.factors)} contributing factors, {len(made.actions)} actions, ", end="")
    print(f"{len(made.edits)} proposed edits")
    for why in made.whys:
        print(f"  {why.question} {why.answer}")


def compare(
    first: Annotated[Path, typer.Argument(help="A folder with a review.json, or the file.")],
    second: Annotated[Path, typer.Argument(help="Another one, of the same incident.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Tell where two reviews of one incident agree: causes, factors, actions.

    Example: blackstart review compare reviews/core reviews/platform
    """
    import blackstart
    from console import output

    found = blackstart.compare_reviews(first, second)
    if as_json:
        output.print_json(found.model_dump(mode="json"))
    elif not quiet:
        _print_comparison(found)
    return 0


def _print_comparison(found: Comparison) -> None:
    print(f"{found.incident} of {found.scenario}")
    print(f"  first: {found.first}\n  second: {found.second}")
    for title, overlap in (
        ("Causes", found.causes),
        ("Factors", found.factors),
        ("Actions", found.actions),
        ("Failure modes", found.failure_modes),
    ):
        _print_overlap(title, overlap)
    kappa = "not defined" if found.factor_kappa is None else f"{found.factor_kappa:.2f}"
    print(f"Agreement on factors beyond chance (Cohen's kappa): {kappa}")


def _print_overlap(title: str, overlap: Overlap) -> None:
    share = "nothing in either" if overlap.ratio is None else f"{overlap.ratio:.0%} in both"
    print(f"{title}: {share}")
    for words, names in (
        ("both", overlap.both),
        ("only first", overlap.only_first),
        ("only second", overlap.only_second),
    ):
        for name in names:
            print(f"  {words}: {name}")
