"""`blackstart sweep`: one scenario, or several, played many times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.options import OverlayOption, settings_of
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from studies.sweep import ArmSummary, Shard, Summary, Until

KEY_MEASURES = ("time_to_detect", "time_to_acknowledge", "time_to_declare", "time_to_restore")


def sweep(
    scenarios: Annotated[
        list[str], typer.Argument(help="Names of shipped scenarios, or paths.", metavar="SCENARIO...")
    ],
    replications: Annotated[
        int, typer.Option("-n", "--replications", min=1, help="Replications of each scenario, at most.")
    ] = 200,
    estate: Annotated[str | None, typer.Option(help="Another estate than the scenario's: a name or a path.")] = None,
    seed: Annotated[int, typer.Option(help="Master seed of all random draws.", min=0)] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a value, as for `run`; may be given again.", metavar="PATH=VALUE"),
    ] = None,
    overlay: OverlayOption = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes; by default one a processor.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="Only the i-th of n stretches of the replications.", metavar="I/N")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="Stop when the interval of an objective's probability (restore=5%) or of a measure's median "
            "(time_to_restore=2m) is at most so wide.",
            metavar="ID=WIDTH",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder; by default exercises/sweep-<scenarios>-<input hash>-<seed>.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Play scenarios many times: how probable it is to meet each objective, how measures are distributed.

    A sweep that was interrupted goes on where it was when the same command is given again.

    Example: blackstart sweep corner-lab-crash -n 1000 --until restore=3%
    """
    from blackstart import _sweeps
    from console import output

    with output.counting("sweep", quiet=quiet or as_json) as tell:
        summary = _sweeps.sweep(
            scenarios,
            replications,
            estate=estate,
            seed=seed,
            settings=settings_of(overlay, settings),
            jobs=jobs,
            shard=_shard(shard),
            until=_until(until),
            out=out,
            progress=tell,
        )
    tell_summary(summary, as_json=as_json, quiet=quiet)
    return 0


def _shard(text: str | None) -> Shard | None:
    from console.options import refused
    from studies.sweep import Shard

    if text is None:
        return None
    number, slash, of = text.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise refused("--shard", f"{text!r} is no shard", "write the number of the shard and of all, like 2/4")
    return Shard(number=int(number), of=int(of))


def _until(text: str | None) -> Until | None:
    from console.moments import parse_span
    from console.options import refused
    from studies.sweep import Until
    from timeline.instants import SECOND

    if text is None:
        return None
    id, equals, width = text.partition("=")
    if not equals or not id:
        raise refused("--until", f"{text!r} does not say how wide", "write an id and a width, like restore=5%")
    try:
        wide = float(width[:-1]) / 100 if width.endswith("%") else float(width)
    except ValueError:
        wide = parse_span(width, "--until") / SECOND
    if not 0 < wide < float("inf"):
        raise refused("--until", f"an interval cannot be {width} wide", "write a width above 0, like 5% or 2m")
    return Until(id=id, width=wide)


def tell_summary(summary: Summary, *, as_json: bool, quiet: bool) -> None:
    """The answer of every command of sweeps."""
    from console import output

    if as_json:
        from studies.sweep.document import document

        output.print_json(document(summary))
        return
    if quiet:
        return
    for arm in summary.arms:
        _print_arm(arm)
    if not summary.complete:
        typer.echo("This sweep has not finished: these are the replications that it has so far.")
    typer.echo(f"Report: {summary.folder.path / 'report.html'}")


def _print_arm(arm: ArmSummary) -> None:
    from console import output
    from reports.measures import MEASURES
    from studies.sweep.page import quantile_text, share_text

    typer.echo(f"{arm.record.title}  ({arm.record.name}, {arm.record.estate}, {arm.replications} replications)")
    output.print_table(
        [
            {"objective": objective.record.title, "met": objective.met.hits, "probability": share_text(objective.met)}
            | {"undecided": objective.undecided, "not exercised": objective.not_exercised}
            for objective in arm.objectives
        ]
    )
    typer.echo("")
    output.print_table(
        [
            {
                "measure": MEASURES[figures.measure].title,
                "median": quantile_text(figures, 0.5),
                "90th percentile": quantile_text(figures, 0.9),
                "open": figures.open,
            }
            for figures in arm.measures
            if figures.measure in KEY_MEASURES
        ]
    )
    typer.echo("")
