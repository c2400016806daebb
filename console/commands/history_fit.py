"""`blackstart history fit`: the parameters of exercises, fitted to the incidents of the past."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from scenarios.history.calibration.fitting import HistoryFit
    from scenarios.history.calibration.model_file import Durations, Figure, HistoryModel
    from scenarios.history.calibration.proposals import Proposal
    from scenarios.history.record import IncidentRecord
    from topologies.loading.overlay_file import Overlay

_MOST_PROPOSALS = 20


def fit(
    file: Annotated[Path, typer.Argument(help="A history (Parquet), as `history import` writes it.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The model file to write (YAML).")] = None,
    figures: Annotated[Path | None, typer.Option(help="Folder for figures of the goodness of fit.")] = None,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.99, help="Share of incidents that a proposed recovery time shall hold for.")
    ] = 0.9,
    estate: Annotated[
        str | None, typer.Option(help="The estate that parameters are fitted for: its folder, or a shipped one.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Which component each service is, as for `replay`; by default from names.")
    ] = None,
    overlay: Annotated[
        Path | None, typer.Option(help="The file of fitted parameters to write, for `run --overlay` (needs --estate).")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Fit arrivals, times to acknowledge and to restore, hand-overs and reopenings, each with its 95 % interval, and
    propose a recovery time (RTO) for each service and priority.

    The model file is for people to read and edit.  Whether it foretells anything, `history backtest` says.  With an
    estate, answers of its people and durations of its recoveries are fitted, too, and written as an overlay.

    Example: blackstart history fit history.parquet -o model.yaml --estate corner-lab --overlay fitted.yaml
    """
    from console import output
    from scenarios.history.calibration.cases import Target
    from scenarios.history.calibration.fitting import fit_history
    from scenarios.history.calibration.model_file import model_of, model_text
    from scenarios.history.calibration.proposals import propose
    from scenarios.history.record import read_history
    from timeline.files import write_whole

    if (estate is None) is not (overlay is None):
        raise refused("--overlay", "an overlay is fitted for an estate", "give --estate and --overlay together")
    records = read_history(file)
    try:
        fitted = fit_history(records)
    except ValueError as error:
        raise refused(str(file), str(error), "import one that has incidents") from None
    model = model_of(fitted, records, file.read_bytes())
    proposals: list[Proposal] = []
    if (restore := fitted.durations.get(Target.RESTORE)) is not None:
        known = restore.cases.values(restore.cases.usable)
        proposals = propose(restore.model, known, confidence, ("service", "priority"))
    if out is not None:
        write_whole(out, model_text(model))
    if figures is not None:
        from studies.calibration import draw_fit, write_page

        write_page(figures, f"Fit of {file.name}", draw_fit(fitted))
    parameters = None
    if estate is not None and overlay is not None:
        parameters = _fit_overlay(file, records, estate, mapping, overlay)
    if as_json:
        document = model.model_dump(mode="json", exclude_none=True)
        output.print_json({**document, "proposed_rto": [_proposal(p, confidence) for p in proposals]})
    elif not quiet:
        _print(model, fitted, proposals, confidence)
        if parameters is not None:
            _print_overlay(parameters, overlay)
    return 0


def _fit_overlay(history: Path, records: list[IncidentRecord], estate: str, mapping: Path | None, out: Path) -> Overlay:
    """The parameters of an estate, written to a file."""
    from blackstart._coverage import coverage_input
    from studies.calibration.overlay import fit_overlay
    from studies.replay import place, propose, read_mapping
    from timeline.files import write_whole
    from topologies.loading.overlay_file import overlay_text

    subject = coverage_input(estate).subject
    chosen = propose(records, subject.estate) if mapping is None else read_mapping(mapping, subject.estate)
    placed = place(records, chosen, subject.estate)
    if not placed.incidents:
        hint = "write a mapping: `blackstart replay --propose` prints one to begin with"
        raise refused(str(history), "no incident of it is on the estate", hint)
    found = fit_overlay(records, placed, subject, history.name)
    write_whole(out, overlay_text(found))
    return found


def _print_overlay(overlay: Overlay, out: Path | None) -> None:
    from console import output

    typer.echo(f"\nParameters of the estate: {len(overlay.values)} fitted, in {out}")
    rows = [
        {"path": path, "value": value.value, "cases": value.n, "confidence": value.confidence}
        for path, value in overlay.values.items()
    ]
    if rows:
        output.print_table(rows)
    for path, reason in overlay.left_alone.items():
        typer.echo(f"left alone: {path}: {reason}")


def _proposal(proposal: Proposal, confidence: float) -> dict[str, Any]:
    return {
        "term": proposal.term or None,
        "level": proposal.level,
        "incidents": proposal.incidents,
        "confidence": confidence,
        "quantile_s": proposal.quantile_s,
        "low_s": proposal.low_s,
        "high_s": proposal.high_s,
        "proposed_s": proposal.proposed_s,
    }


def _print(model: HistoryModel, fitted: HistoryFit, proposals: list[Proposal], confidence: float) -> None:
    from console import output
    from reports.quantities import write_seconds

    typer.echo(f"{model.history.incidents:,} incidents, {model.history.opened_from} to {model.history.opened_to}")
    output.print_table([*_arrival_rows(model), *_time_rows(model), *_transition_rows(model)])
    for target, reason in fitted.missing.items():
        typer.echo(f"time to {target}: not fitted, {reason}")
    if proposals:
        typer.echo(f"\nProposed recovery times: the {confidence:.0%} point, at the upper end of its 95 % interval")
        rows = [
            {
                "incidents of": f"{p.term} {p.level}".strip(),
                "number": f"{p.incidents:,}",
                f"{confidence:.0%} point": write_seconds(p.quantile_s),
                "95 % interval": f"{write_seconds(p.low_s)} to {write_seconds(p.high_s)}",
                "proposed RTO": write_seconds(p.proposed_s),
            }
            for p in proposals[:_MOST_PROPOSALS]
        ]
        output.print_table(rows)
        if len(proposals) > len(rows):
            typer.echo(f"... and {len(proposals) - len(rows)} more: --json gives them all")


def _row(what: str, value: str, low: str, high: str, n: int, note: str = "") -> dict[str, Any]:
    return {"parameter": what, "value": value, "95 % interval": f"{low} to {high}", "n": f"{n:,}", "": note}


def _number(what: str, figure: Figure | None, note: str = "") -> list[dict[str, Any]]:
    if figure is None:
        return []
    return [_row(what, f"{figure.value:g}", f"{figure.low:g}", f"{figure.high:g}", figure.n, note)]


def _arrival_rows(model: HistoryModel) -> list[dict[str, Any]]:
    arrivals = model.arrivals
    rows = _number("incidents a week", arrivals.incidents_a_week, "the level at the end")
    if arrivals.daily_dispersion is not None:
        uneven = arrivals.daily_dispersion.value > arrivals.daily_dispersion.high
        note = "more uneven than chance" if uneven else "no more uneven than chance; the interval is that of chance"
        rows += _number("variance over mean by day", arrivals.daily_dispersion, note)
    if arrivals.clusters is not None:
        note = f"after {_written(arrivals.clusters.delay)} in the mean" if arrivals.clusters.shown else "not shown"
        rows += _number("incidents that one brings", arrivals.clusters.offspring, note)
    if arrivals.between is not None:
        rows += _times("between incidents", arrivals.between)
    return rows


def _time_rows(model: HistoryModel) -> list[dict[str, Any]]:
    rows = []
    for what, times in (("time to acknowledge", model.acknowledge), ("time to restore", model.restore)):
        rows += [] if times is None else _times(what, times)
    return rows


def _times(what: str, times: Durations) -> list[dict[str, Any]]:
    effects = ", ".join(times.effects) or "nothing"
    note = f"{times.family}; stretched by {effects}; {times.open:,} not over yet"
    return [
        _row(f"{what}, {name}", _written(t.value), _written(t.low), _written(t.high), t.n, note)
        for name, t, note in (("median", times.median, note), ("90 % point", times.p90, ""))
    ]


def _transition_rows(model: HistoryModel) -> list[dict[str, Any]]:
    transitions = model.transitions
    return [
        *_number("share handed on", transitions.reassigned),
        *_number("share handed on again, after each", transitions.reassigned_again),
        *_number("share reopened", transitions.reopened),
    ]


def _written(ms: int) -> str:
    from reports.quantities import write_ms

    return write_ms(ms)
