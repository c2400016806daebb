"""`blackstart history backtest`: does what was fitted to the past foretell what came after?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from studies.history_backtest import HistoryBacktest, TargetTest
    from studies.history_backtest.skill import Skill


def backtest(
    file: Annotated[Path, typer.Argument(help="A history (Parquet), as `history import` writes it.")],
    cut: Annotated[
        str | None, typer.Option(help="Moment of the cut, like 2024-01-31; else --share of the incidents before it.")
    ] = None,
    share: Annotated[float, typer.Option(min=0.1, max=0.95, help="Share of the incidents before the cut.")] = 0.7,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave a term out of the model: priority, service, hour, load, period, ...")
    ] = None,
    trust_last_state: Annotated[
        bool, typer.Option(help="Use priority, component and team even where only their last value was exported.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for figures and the whole answer.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Fit to the incidents before a moment, forecast the times of those after it, and score the forecasts (CRPS,
    smaller is better) beside two naive ones: the distribution of all earlier times, and that of the last period.

    Exit status 0 whether or not there is skill: the answer says which.

    Example: blackstart history backtest history.parquet --share 0.8 -o backtest
    """
    from console import output
    from scenarios.history.calibration.cases import TERMS
    from scenarios.history.record import read_history
    from studies.history_backtest import backtest_history, document, write_folder
    from timeline.findings import nearest

    for term in without or ():
        if term not in TERMS:
            raise refused("--without", f"the model has no term {term!r}", nearest(term, TERMS))
    records = read_history(file)
    try:
        test = backtest_history(
            records,
            share=share,
            cut_s=None if cut is None else _seconds(cut),
            without=tuple(without or ()),
            trusted=trust_last_state,
        )
    except ValueError as error:
        raise refused(str(file) if cut is None else "--cut", str(error), _span(records)) from None
    if out is not None:
        write_folder(out, test)
    if as_json:
        output.print_json(document(test))
    elif not quiet:
        _print(test)
        if out is not None:
            typer.echo(f"\nFigures and the whole answer: {out}")
    return 0


def _seconds(text: str) -> float:
    from datetime import UTC

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise refused(
            "--cut", f"{text!r} is not a moment", "write one like 2024-01-31 or 2024-01-31T18:00+01:00"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _span(records: Any) -> str:
    if not records:
        return "import one that has incidents"
    return f"incidents were opened from {records[0].opened_at:%Y-%m-%d} to {records[-1].opened_at:%Y-%m-%d}"


def _print(test: HistoryBacktest) -> None:
    from console import output
    from reports.quantities import write_seconds
    from studies.history_backtest.document import moment

    cut = moment(test.cut_s, test)
    at = f"{write_seconds(cut)} after the beginning" if isinstance(cut, float) else cut
    typer.echo(f"{test.incidents:,} incidents, cut at {at}; the model may use: {', '.join(test.inputs)}")
    if test.tested:
        output.print_table([_row(tested) for tested in test.tested])
    for tested in test.tested:
        typer.echo(f"\n{tested.target}: {_verdict(tested.against_empirical, 'all earlier times')}")
        typer.echo(f"{' ' * len(tested.target)}  {_verdict(tested.against_last_period, 'the last period')}")
        typer.echo(f"{' ' * len(tested.target)}  {_coverage(tested)}")
    for untested in test.untested:
        typer.echo(f"\n{untested.target}: not tested, {untested.reason}")
    if test.arrivals is not None:
        arrivals = test.arrivals
        scores = (
            f"CRPS {arrivals.model:.3f}, all weeks {arrivals.empirical:.3f}, last period {arrivals.last_period:.3f}"
        )
        typer.echo(f"\nincidents a week ({arrivals.test_weeks} weeks): {scores}")
        typer.echo(f"  {_verdict(arrivals.against_empirical, 'all earlier weeks')}")
        typer.echo(f"  {_verdict(arrivals.against_last_period, 'the last period')}")


def _row(tested: TargetTest) -> dict[str, Any]:
    from studies.history_backtest.forecasting import Opinion

    return {
        "time to": str(tested.target),
        "before / after the cut": f"{tested.train:,} / {tested.test:,}",
        "not over then": f"{tested.train_open:,} / {tested.test_open:,}",
        "CRPS in hours: model": _hours(tested.model.hours),
        "all earlier": _hours(tested.of[Opinion.EMPIRICAL].hours),
        "last period": _hours(tested.of[Opinion.LAST_PERIOD].hours),
        "family alone": f"{_hours(tested.of[Opinion.FITTED].hours)} ({tested.fitted.family.name})",
        "effects": [term.name for term in tested.fitted.design.terms] or "none",
    }


def _hours(hours: float) -> str:
    return f"{hours:.4g}"


def _verdict(skill: Skill, against: str) -> str:
    if skill.low is None or skill.high is None:
        return f"no skill shown against {against}: too few stretches of time for an interval ({skill.value:+.1%})"
    interval = f"95 % interval {skill.low:+.1%} to {skill.high:+.1%}"
    return f"{skill.verdict} against {against}: skill {skill.value:+.1%}, {interval}"


def _coverage(tested: TargetTest) -> str:
    from reports.quantities import write_seconds
    from studies.history_backtest.scores import LEAST_FOR_COVERAGE

    if tested.coverage is None:
        return f"no figure of coverage: fewer than {LEAST_FOR_COVERAGE} test cases"
    parts = [f"{c.level} %: {c.inside:.1%} (median width {write_seconds(c.median_width_s)})" for c in tested.coverage]
    return f"coverage of central intervals {', '.join(parts)}"
