"""`blackstart replay`: the past against the plan."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import OverlayOption, refused, settings_of
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from studies.replay import HistoryReplay

_SHOWN = 10


class Detection(StrEnum):
    """As `studies.replay.DetectionSource` names them."""

    MODELLED = "modelled"
    RECORDED = "recorded"


def replay(
    history: Annotated[
        Path, typer.Argument(help="A history (Parquet), or a model of one (YAML, by `history fit`): then a future.")
    ],
    estate: Annotated[str, typer.Argument(help="Folder of an estate, its topology file, or a shipped one.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="Which component each service of the history is; by default proposed from names."),
    ] = None,
    propose: Annotated[
        bool, typer.Option("--propose", help="Only print the mapping that is proposed, to correct and hand in.")
    ] = False,
    deal: Annotated[
        bool, typer.Option("--deal", help="Deal services that no component is named like over the components.")
    ] = False,
    detection: Annotated[
        Detection, typer.Option(help="First notice by the modelled monitoring, or as recorded.")
    ] = Detection.MODELLED,
    fitted: Annotated[
        bool, typer.Option("--fitted", help="Incidents take as long as was fitted, not as long as the people need.")
    ] = False,
    stress: Annotated[
        str | None,
        typer.Option(metavar="NAME[=VALUE]", help="worst-week=N, overlap=K, scale=F, holiday=DATE or peak=FUNCTION."),
    ] = None,
    against: Annotated[str | None, typer.Option(help="Another estate, replayed beside: paired differences.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change the estate beside; may be given again."),
    ] = None,
    overlay: OverlayOption = None,
    as_dated: Annotated[
        bool, typer.Option("--as-dated", help="Do not move a history that is older than the schedules of the estate.")
    ] = False,
    replications: Annotated[int, typer.Option("--replications", "-n", min=1, max=10_000, help="How often.")] = 20,
    weeks: Annotated[int, typer.Option(min=1, max=5_200, help="Length of a future, where a model is given.")] = 52,
    at: Annotated[
        str | None, typer.Option(help="When monitoring is tried (ISO 8601 with offset); by default a Tuesday at 10:00.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 1,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes; the answer is the same.")] = 1,
    detection_table: Annotated[
        Path | None, typer.Option(help="A file that keeps what trials of detection told, to spare them next time.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for replay.html, replay.json and incidents.csv.")
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Let the incidents of a history happen again on an estate: who would be paged, when would service be back, which
    RTOs would hold.  A stress or a changed estate is replayed beside, on the same random numbers.

    Exit status 0 whatever comes out: the answer says what holds.

    Example: blackstart replay history.parquet meridian-bank --stress scale=2 --out replay
    """
    from blackstart import _replays
    from console import output
    from console.moments import parse_moment
    from studies import replay as study

    if mapping is not None and (deal or propose):
        raise refused("--mapping", "a mapping that is given is not proposed", "leave out --deal and --propose")
    given = _replays.past(history, weeks=weeks, seed=seed)
    if propose:
        from blackstart._coverage import coverage_input

        proposed = _replays.mapping_for(given, coverage_input(estate), None, deal=deal)
        typer.echo(study.mapping_text(proposed), nl=False)
        return 0
    with output.progress("replay", quiet=quiet or as_json) as progress:
        done = _replays.replay(
            given,
            estate,
            mapping=mapping,
            deal=deal,
            detection="modelled" if detection is Detection.MODELLED else "recorded",
            fitted=fitted,
            stress=stress,
            against=against,
            overlay=settings_of(overlay, None),
            settings=setting or [],
            as_dated=as_dated,
            replications=replications,
            at=None if at is None else parse_moment(at, "--at"),
            seed=seed,
            jobs=jobs,
            detection_table=detection_table,
            out=out,
            progress=progress,
        )
    if as_json:
        output.print_json(study.document(done))
    elif not quiet:
        _print(done)
        if out is not None:
            typer.echo(f"\nReport: {out / 'replay.html'}")
    return 0


def _print(done: HistoryReplay) -> None:
    from console import output
    from studies.replay.page import write_estimate, write_figure

    placed = done.placed
    typer.echo(
        f"{len(placed.incidents):,} of {done.records:,} incidents on {done.base.title}, {placed.left_out:,} not;"
        f" {done.asked.replications} replications, {_phases(done)}"
    )
    for unmapped in placed.unmapped[:_SHOWN]:
        mode = f", {unmapped.mode}" if unmapped.mode else ""
        typer.echo(f"  not replayed: {unmapped.name}{mode}: {unmapped.reason} ({unmapped.records:,})")
    if len(placed.unmapped) > _SHOWN:
        typer.echo(f"  ... and {len(placed.unmapped) - _SHOWN} more: --json lists them")
    if done.moved_weeks:
        typer.echo(f"older than the schedules: moved by {done.moved_weeks} weeks, weekdays and hours unchanged")
    if not done.calendar:
        typer.echo("the history has no calendar: what hours and nights do here means nothing")
    for one in done.compared:
        typer.echo(
            f"\n{one.target}: {len(one.incidents):,} compared; median recorded {write_figure(one.recorded[0.5], 's')},"
            f" modelled {write_estimate(one.modelled[0.5], 's')}; 90 % recorded {write_figure(one.recorded[0.9], 's')},"
            f" modelled {write_estimate(one.modelled[0.9], 's')}; distance {one.distance.value:.2f}"
        )
    if done.base.survival:
        typer.echo("")
        output.print_table(_functions(done))
    if done.changed and done.other is not None:
        typer.echo(f"\nbeside it: {done.other.title}")
        output.print_table(_changes(done))


def _phases(done: HistoryReplay) -> str:
    if done.asked.fitted is not None:
        return "times as fitted"
    return f"first notice {done.asked.source}"


def _functions(done: HistoryReplay) -> list[dict[str, Any]]:
    from reports.quantities import write_ms
    from studies.replay.page import write_estimate, write_figure

    others = {} if done.other is None else {one.function: one for one in done.other.survival}
    rows = []
    for one in done.base.survival:
        row: dict[str, Any] = {
            "function": one.function,
            "RTO": "-" if one.rto_ms is None else write_ms(one.rto_ms),
            "losses": write_figure(one.incidents, "count"),
            "within the RTO": "-" if one.attained is None else write_estimate(one.attained, "ratio"),
            "99 % over by": write_figure(one.worst_s, "s"),
            "first to break": "-" if one.first is None else f"{one.first.incident.pair}: {one.first.stage}",
        }
        if others:
            other = others.get(one.function)
            held = None if other is None else other.attained
            row["beside it"] = "-" if held is None else write_estimate(held, "ratio")
        rows.append(row)
    return rows


def _changes(done: HistoryReplay) -> list[dict[str, Any]]:
    from studies.replay.page import write_difference, write_figure

    rows = []
    for one in done.changed:
        unit, difference = one.measure.unit, one.difference
        interval = (
            "too few replications"
            if difference is None
            else f"{write_difference(difference.low, unit)} to {write_difference(difference.high, unit)}"
        )
        rows.append(
            {
                "measure": one.measure.title,
                "as recorded": write_figure(one.first.value, unit),
                "beside it": write_figure(one.second.value, unit),
                "difference": write_difference(one.second.value - one.first.value, unit),
                "95 % interval": interval,
            }
        )
    return rows
