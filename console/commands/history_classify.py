"""`blackstart history classify`: which failure mode each incident has, and the rule that says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scenarios.history.classifying import Outcome
    from scenarios.history.failure_modes import Taxonomy
    from scenarios.history.record import IncidentRecord


def classify(
    file: Annotated[Path, typer.Argument(help="A history (Parquet), as `history import` writes it.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The history to write, with failure modes.")] = None,
    rules: Annotated[Path | None, typer.Option(help="Modes and rules of your own (YAML).")] = None,
    corrections: Annotated[
        Path | None, typer.Option(help="Modes set by hand (CSV: id, mode); they win over the rules.")
    ] = None,
    review: Annotated[
        Path | None, typer.Option(help="Write a table to look through; edited, it is a file of corrections.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Give each incident a failure mode by rules over its title, cause, service and component.

    Prints the share that has one and how often each occurs.  Corrections also show how often the rules were right.

    Example: blackstart history classify history.parquet -o classified.parquet --review review.csv
    """
    from scenarios.history.classifying import Outcome, classified, read_corrections, write_review
    from scenarios.history.failure_modes import SHIPPED, load_taxonomy
    from scenarios.history.record import iterate_records, scan_history, write_history
    from scenarios.history.steps import steps_path
    from timeline.files import write_whole

    if out is None and review is None:
        raise refused("--out", "where shall the classified history go?", "add -o classified.parquet, or --review F.csv")
    taxonomy = load_taxonomy(rules or SHIPPED)
    known = {} if corrections is None else read_corrections(corrections, taxonomy)
    outcome = Outcome()
    frame = scan_history(file).sort("opened_at", "id").collect()
    records: Iterable[IncidentRecord] = classified(iterate_records(frame), taxonomy, known, outcome)
    if review is not None:
        records = list(records)
    if out is not None:
        write_history(out, records)
        if steps_path(file).exists() and steps_path(file) != steps_path(out):
            write_whole(steps_path(out), steps_path(file).read_bytes())
    if review is not None:
        write_review(review, records)
    if as_json:
        from console import output

        output.print_json(_document(outcome, taxonomy))
    elif not quiet:
        _print(outcome, taxonomy)
    return 0


def _document(outcome: Outcome, taxonomy: Taxonomy) -> dict[str, Any]:
    return {
        "incidents": outcome.total,
        "classified_ratio": outcome.classified_ratio,
        "modes": [
            {
                "mode": mode,
                "kind": str(taxonomy.modes[mode].kind) if mode in taxonomy.modes else None,
                "incidents": count,
                "ratio": count / outcome.total,
            }
            for mode, count in outcome.modes.most_common()
        ],
        "corrections": {
            "used": outcome.corrected,
            "unused": outcome.unused,
            "agreement_ratio": outcome.agreement_ratio,
        },
    }


def _print(outcome: Outcome, taxonomy: Taxonomy) -> None:
    """The pareto of modes, and how far the rules go."""
    from console import output

    rows = []
    gathered = 0
    for mode, count in outcome.modes.most_common():
        gathered += count
        title = taxonomy.modes[mode].title if mode in taxonomy.modes else "no rule matched"
        rows.append(
            {
                "mode": mode,
                "what": title,
                "incidents": f"{count:,}",
                "share": f"{count / outcome.total:.1%}",
                "together": f"{gathered / outcome.total:.1%}",
            }
        )
    output.print_table(rows)
    ratio = outcome.classified_ratio
    typer.echo("no incidents" if ratio is None else f"{ratio:.1%} of {outcome.total:,} incidents have a failure mode")
    if outcome.agreement_ratio is not None:
        typer.echo(
            f"{outcome.corrected:,} set by hand; the rules say the same for {outcome.agreement_ratio:.1%} of them"
        )
    if outcome.unused:
        typer.echo(f"{len(outcome.unused):,} corrections are for incidents that are not here: {outcome.unused[0]}, ...")
