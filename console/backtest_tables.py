"""What `alerts backtest` prints: tables for people, in the order in which they ask."""

from __future__ import annotations

from typing import Any

import typer

from console import output
from reports.quantities import write_ms
from studies.backtest import Answer, Backtest, Comparison, Question
from studies.backtest.caveats import write_local
from studies.backtest.measures import RuleFigures
from studies.backtest.study import Range

_MOST_DIFFERENCES = 40


def print_backtest(answer: Answer) -> None:
    """One back-test, or two and what differs between them."""
    store, question = answer.recording.store, answer.question
    begins, ends = (write_local(at_ms, question.zone) for at_ms in (question.from_ms, question.to_ms))
    typer.echo(
        f"{len(store.series)} series, {store.samples} samples; counted from {begins} to {ends} ({question.zone.key})"
    )
    for test in answer.tests:
        _print_one(test, question)
    if answer.comparison is not None:
        _print_comparison(answer.comparison, question)
    typer.echo("\nWhat is not known:")
    for sentence in answer.caveats:
        typer.echo(f"- {sentence}")


def _print_one(test: Backtest, question: Question) -> None:
    figures = test.figures
    typer.echo(f"\n{test.variant.name}: {_headline(test)}")
    rows = [_row(one, test) for one in sorted(figures.rules, key=lambda one: (-one.pages, -one.alerts))]
    output.print_table(rows)
    if figures.receivers:
        typer.echo("")
        output.print_table(
            [
                {
                    "receiver": one.receiver,
                    "pages": one.pages,
                    "repeats": one.repeats,
                    "in the night": one.asleep,
                    "busiest hour": f"{one.busiest.pages} from {write_local(one.busiest.from_ms, question.zone)}",
                    "people": [f"{person} {pages}" for person, pages in one.people.items()] or "-",
                }
                for one in figures.receivers
            ]
        )
    for duplicate in figures.duplicates:
        typer.echo(
            f"duplicate: every one of the {duplicate.alerts} alerts {duplicate.rule.name} went along with "
            f"{duplicate.other.name}"
        )
    for both in figures.together:
        typer.echo(f"told together: {' and '.join(both.receivers)}, {both.alerts} alerts")
    if figures.missed is not None:
        typer.echo(f"incidents without an alert: {', '.join(one.name for one in figures.missed) or 'none'}")


def _headline(test: Backtest) -> str:
    alerts = f"{len(test.figures.episodes)} alerts"
    if not test.outcome.notified:
        return f"{alerts} (nobody is notified without --config)"
    repeats = sum(one.repeats for one in test.figures.receivers)
    asleep = sum(one.asleep for one in test.figures.receivers)
    return f"{alerts}, {len(test.figures.pages)} pages, {repeats} of them repeats, {asleep} in the night"


def _row(one: RuleFigures, test: Backtest) -> dict[str, Any]:
    spread = test.spread
    row: dict[str, Any] = {
        "alert": one.rule.name,
        "alerts": _ranged(one.alerts, spread.alerts[one.rule] if spread else None),
        "firing": write_ms(one.firing_ms),
        "median": write_ms(one.median_ms),
        "pages": _ranged(one.pages, spread.pages[one.rule] if spread else None) if test.outcome.notified else "-",
        "short": one.short,
        "gone": one.gone,
        "never told": one.never_told,
        "flapping": one.flapping,
        "near misses": one.near_misses,
    }
    if one.inside is not None:
        row["in incidents"] = one.inside if one.precision is None else f"{one.inside} ({one.precision * 100:.0f} %)"
    return row


def _ranged(count: int, over: Range | None) -> str:
    return str(count) if over is None or over.least == over.most else f"{count} ({over.least} to {over.most})"


def _print_comparison(comparison: Comparison, question: Question) -> None:
    typer.echo("\nbefore and after:")
    if not comparison.tallies:
        typer.echo("no alert on either side")
    output.print_table(
        [
            {
                "alert": one.alert,
                "receiver": one.receiver or "-",
                "before": one.before,
                "after": one.after,
                "added": one.added,
                "gone": one.gone,
                "moved": one.moved,
                "same": one.same,
            }
            for one in comparison.tallies
        ]
    )
    if comparison.differences:
        typer.echo("")
        output.print_table(
            [
                {
                    "": str(one.change),
                    "before": "-" if one.before_ms is None else write_local(one.before_ms, question.zone),
                    "after": "-" if one.after_ms is None else write_local(one.after_ms, question.zone),
                    "receiver": one.receiver or "-",
                    "alert": str(one.labels),
                }
                for one in comparison.differences[:_MOST_DIFFERENCES]
            ]
        )
    if len(comparison.differences) > _MOST_DIFFERENCES:
        typer.echo(f"and {len(comparison.differences) - _MOST_DIFFERENCES} more (--json or --out tell all)")
