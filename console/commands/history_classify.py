"""`blackstart history classify`: which failure mode each incident has, and what says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scenarios.history.classifying import Classified, Outcome
    from scenarios.history.failure_modes import Taxonomy
    from scenarios.triage.agreement import Agreement


def classify(
    file: Annotated[Path, typer.Argument(help="A history (Parquet), as `history import` writes it.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The history to write, with failure modes.")] = None,
    rules: Annotated[Path | None, typer.Option(help="Modes and rules of your own (YAML).")] = None,
    corrections: Annotated[
        Path | None, typer.Option(help="Modes set by hand (CSV: id, mode); they win, and others are likened to them.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Modes known from elsewhere (CSV: id, mode), only to measure by.")
    ] = None,
    review: Annotated[
        Path | None, typer.Option(help="Write a table to look through; edited, it is a file of corrections.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="With corrections: the least confidence of a mode that is given.")
    ] = 0.5,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Give each incident a failure mode by rules over its title, cause, service and component.

    Prints the share that has one and how often each occurs.  Incidents that were corrected by hand become examples:
    what is like them is classified as they are.  With --labels, shows how far what is said agrees with them.

    Example: blackstart history classify history.parquet -o classified.parquet --review review.csv
    """
    import polars as pl

    from scenarios.history.classification import Classifier
    from scenarios.history.classifying import Outcome, classified, examples, write_review
    from scenarios.history.failure_modes import SHIPPED, load_taxonomy
    from scenarios.history.record import iterate_records, scan_history, write_history
    from scenarios.history.steps import steps_path
    from scenarios.triage.classifier import Settings, TriageClassifier
    from scenarios.triage.labels import read_labels
    from timeline.files import write_whole

    if out is None and review is None and labels is None:
        hint = "add -o classified.parquet, --review F.csv, or --labels F.csv"
        raise refused("--out", "where shall the classified history go?", hint)
    taxonomy = load_taxonomy(rules or SHIPPED)
    corrected = {} if corrections is None else read_labels(corrections, taxonomy)
    known = {} if labels is None else read_labels(labels, taxonomy)
    outcome = Outcome()
    frame = scan_history(file).sort("opened_at", "id").collect()
    taught = examples(iterate_records(frame.filter(pl.col("id").is_in(list(corrected)))), corrected)
    classifier = TriageClassifier(Classifier(taxonomy), taught, Settings(threshold=threshold))
    rows: Iterable[Classified] = classified(iterate_records(frame), classifier, corrected, outcome, known)
    if review is not None or out is None:
        rows = list(rows)
    if out is not None:
        write_history(out, (row.record for row in rows))
        if steps_path(file).exists() and steps_path(file) != steps_path(out):
            write_whole(steps_path(out), steps_path(file).read_bytes())
    if review is not None:
        write_review(review, rows)
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
        "abstained": outcome.abstained,
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
            "used": outcome.corrected.total,
            "unused": outcome.unused,
            "agreement_ratio": outcome.agreement_ratio,
        },
        "labels": _measured(outcome.measured) if outcome.measured.total else None,
    }


def _measured(agreement: Agreement) -> dict[str, Any]:
    from studies.intervals import proportion

    accuracy = proportion(agreement.right, agreement.total)
    return {
        "labelled": agreement.total,
        "right": agreement.right,
        "accuracy": accuracy.p,
        "accuracy_low": accuracy.low,
        "accuracy_high": accuracy.high,
        "right_or_second": agreement.admitted,
        "answered": agreement.answered,
        "right_of_answered": agreement.right_of_answered,
        "macro_f1": agreement.macro_f1,
        "kappa": agreement.kappa,
        "confusion": [
            {"label": label, "answer": answer, "incidents": count}
            for (label, answer), count in sorted(agreement.pairs.items())
        ],
    }


def _print(outcome: Outcome, taxonomy: Taxonomy) -> None:
    """The pareto of modes, and how far the answers go."""
    from console import output

    rows = []
    gathered = 0
    for mode, count in outcome.modes.most_common():
        gathered += count
        title = taxonomy.modes[mode].title if mode in taxonomy.modes else "nothing speaks for a mode"
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
    if outcome.abstained:
        typer.echo(f"{outcome.abstained:,} have none because what speaks for one was right too seldom")
    if outcome.agreement_ratio is not None:
        typer.echo(
            f"{outcome.corrected.total:,} set by hand; without that the same is said of {outcome.agreement_ratio:.1%}"
        )
    if outcome.unused:
        typer.echo(f"{len(outcome.unused):,} modes are given for incidents that are not here: {outcome.unused[0]}, ...")
    if outcome.measured.total:
        _print_agreement(outcome.measured)


def _print_agreement(agreement: Agreement) -> None:
    """Labels against answers: one row a label, one column an answer."""
    from console import output
    from studies.intervals import proportion

    modes = agreement.modes
    typer.echo("\nLabels (rows) and what is said (columns)")
    rows = []
    for row in modes:
        cells = {column.mode: str(agreement.pairs[row.mode, column.mode] or "") for column in modes if column.answered}
        rows.append({"label": row.mode, **cells, "labelled": str(row.labelled), "F1": f"{row.f1:.2f}"})
    output.print_table(rows)
    accuracy = proportion(agreement.right, agreement.total)
    typer.echo(
        f"{accuracy.p:.1%} of {agreement.total:,} labelled incidents are said as labelled "
        f"(95 % interval {accuracy.low:.1%} to {accuracy.high:.1%}), "
        f"{agreement.admitted / agreement.total:.1%} with second modes"
    )
    if agreement.answered:
        given = proportion(agreement.right_of_answered, agreement.answered)
        typer.echo(
            f"of the {agreement.answered:,} that were given a mode, {given.p:.1%} as labelled "
            f"({given.low:.1%} to {given.high:.1%})"
        )
    kappa = "-" if agreement.kappa is None else f"{agreement.kappa:.2f}"
    typer.echo(f"macro-F1 {agreement.macro_f1:.2f}, kappa {kappa}")
