"""`blackstart search`: the fewest faults, absences and hours that break an objective; the worst moment to begin."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from blackstart._search import Compared, Searched
    from simulator.exercise import ExercisePlan
    from studies.search import Limits, Rule

ALL, NONE = "all", "none"


class Over(StrEnum):
    """What `--when` goes through."""

    WEEK = "week"
    YEAR = "year"


def search(
    scenario: Annotated[str, typer.Argument(help="Name of a shipped scenario, or a path.")],
    objective: Annotated[
        list[str] | None, typer.Option(help="An objective to break; may be given again.  By default any of them.")
    ] = None,
    order: Annotated[int, typer.Option(min=1, max=6, help="The largest combinations that are looked for.")] = 3,
    exhaustive: Annotated[
        int,
        typer.Option(min=1, max=6, help="Up to here all combinations are tried; beyond, those that good runs suggest."),
    ] = 2,
    kinds: Annotated[
        str | None, typer.Option(help="Kinds of fault, with commas; `all`, or by default those that take a thing away.")
    ] = None,
    targets: Annotated[
        str | None, typer.Option(help="Only faults on these components, sites or shared things, with commas.")
    ] = None,
    absent: Annotated[str, typer.Option(help="People who may be away, with commas; `all` or `none`.")] = ALL,
    start: Annotated[
        list[str] | None,
        typer.Option(
            help="A moment to begin instead; may be given again; `none`.  By default the next night, weekend, busy "
            "hour and holiday."
        ),
    ] = None,
    given: Annotated[
        bool, typer.Option("--given", help="Keep the scenario's own faults in every combination; critical tasks count.")
    ] = False,
    share: Annotated[
        str, typer.Option(help="A combination breaks an objective if it does in more than this share of exercises.")
    ] = "50%",
    when: Annotated[
        Over | None, typer.Option(help="Instead: which hour of a week, or day of a year, the scenario hurts most.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="With --when: hurt is this measure; by default the points lost of 100.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="Stop after this time, like 10m; the same command goes on.")
    ] = None,
    exercises: Annotated[
        int | None, typer.Option(min=1, help="Play so many exercises at most, over all sessions.")
    ] = None,
    play_all: Annotated[
        bool,
        typer.Option("--play-all", help="Also play combinations that disrupt nothing by the levels of the estate."),
    ] = False,
    estate: Annotated[str | None, typer.Option(help="Another estate than the scenario's: a name or a path.")] = None,
    seed: Annotated[int, typer.Option(help="First seed of the exercises.", min=0)] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a value, as for `run`; may be given again.", metavar="PATH=VALUE"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes; by default one a processor.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; by default exercises/search-<scenario>-<hash>.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Find the fewest things (faults, people away, the hour) that together break an objective; each finding becomes a
    scenario that anyone can run.  Ends with 1 when something was found.

    Example: blackstart search corner-lab-crash --objective restore --kinds crash --order 3
    """
    from blackstart import _search

    tell = _telling(quiet=quiet or as_json)
    spent = _search.Budget(exercises, None if budget is None else _seconds(budget))
    if when is not None:
        compared = _search.search_worst_start(
            scenario,
            when.value,
            by=by,
            seed=seed,
            budget=spent,
            estate=estate,
            settings=settings or [],
            jobs=jobs,
            out=out,
            progress=tell,
        )
        _tell_worst(compared, by or "points lost", as_json=as_json, quiet=quiet)
        return 0
    from studies.search import Question

    searched = _search.search(
        scenario,
        objectives=objective or [],
        limits=lambda plan: _limits(plan, kinds, targets, absent, start, given=given),
        question=Question(order, exhaustive, _rule(share), seed, by_levels=not play_all),
        budget=spent,
        estate=estate,
        settings=settings or [],
        jobs=jobs,
        out=out,
        progress=tell,
    )
    _tell_findings(searched, as_json=as_json, quiet=quiet)
    return 1 if searched.outcome.findings else 0


def _limits(
    plan: ExercisePlan, kinds: str | None, targets: str | None, absent: str, start: list[str] | None, *, given: bool
) -> Limits:
    from zoneinfo import ZoneInfo

    from studies.search import LOSSES, Limits, usual_starts

    zone = ZoneInfo(plan.estate.timezone)
    return Limits(
        kinds=LOSSES if kinds is None else _names(kinds),
        targets=None if targets is None else _names(targets),
        people=_names(absent),
        starts=usual_starts(plan) if start is None else tuple(_start(text, zone) for text in start if text != NONE),
        given=given,
    )


def _names(text: str) -> tuple[str, ...] | None:
    """None stands for all."""
    if text == ALL:
        return None
    return () if text == NONE else tuple(dict.fromkeys(name.strip() for name in text.split(",")))


def _start(text: str, zone: ZoneInfo) -> tuple[str, datetime]:
    from console.moments import parse_moment

    moment = parse_moment(text, "--start", zone)
    return f"{moment:%Y-%m-%d-%H%M}", moment


def _rule(share: str) -> Rule:
    from console.options import refused
    from studies.search import Rule

    try:
        wanted = float(share[:-1]) / 100 if share.endswith("%") else float(share)
    except ValueError:
        wanted = 0.0
    if not 0.01 <= wanted <= 0.95:
        raise refused("--share", f"{share!r} is no share between 1 % and 95 %", "write one like 50%")
    return Rule(share=wanted)


def _seconds(budget: str) -> float:
    from console.moments import parse_span
    from timeline.instants import SECOND

    return parse_span(budget, "--budget") / SECOND


def _telling(*, quiet: bool) -> Callable[[str, int], None]:
    def tell(what: str, exercises: int) -> None:
        if not quiet:
            print(f"search: {what} ({exercises} exercises so far)", file=sys.stderr, flush=True)

    return tell


def _tell_findings(searched: Searched, *, as_json: bool, quiet: bool) -> None:
    from console import output
    from studies.search.document import document

    outcome, space = searched.outcome, searched.space
    if as_json:
        answer = document(space, outcome)
        output.print_json({**answer, "files": [str(path) for path in searched.files]})
        return
    if quiet:
        return
    if outcome.findings:
        output.print_table(
            [
                {
                    "": number,
                    "what together breaks it": " + ".join(space.titles(finding.combination)) or "the scenario itself",
                    "breaks": ", ".join(finding.objectives),
                    "broken in": f"{finding.broken.hits} of {finding.broken.trials}",
                    "interval": f"{finding.broken.low:.0%} to {finding.broken.high:.0%}",
                    "seed": finding.seed,
                }
                for number, finding in enumerate(outcome.findings, start=1)
            ]
        )
    else:
        typer.echo("Nothing was found that breaks an objective.")
    typer.echo("")
    typer.echo(_how_far(searched))
    for doubt in outcome.doubts:
        share = f"{doubt.broken.hits} of {doubt.broken.trials}"
        typer.echo(f"Unsure: {' + '.join(space.titles(doubt.combination))} (broken in {share})")
    for path, finding in zip(searched.files, outcome.findings, strict=True):
        typer.echo(f"{path}: blackstart run {path} --seed {finding.seed}")


def _how_far(searched: Searched) -> str:
    outcome = searched.outcome
    tried = ", ".join(f"{count} of order {order}" for order, count in sorted(outcome.searched.items()))
    far = "nothing is complete" if outcome.complete_to < 1 else f"complete to order {outcome.complete_to}"
    spared = sum(outcome.by_levels.values())
    levels = f"; {spared} disrupt nothing by the levels of the estate and were not played" if spared else ""
    return (
        f"{len(searched.space.elements)} things to combine, {outcome.exercises} exercises; tried {tried or 'nothing'}"
        f"{levels}; {far}."
    )


def _tell_worst(compared: Compared, hurt: str, *, as_json: bool, quiet: bool) -> None:
    from console import output
    from studies.search.document import worst_start_document

    answer = compared.answer
    if as_json:
        output.print_json(worst_start_document(answer))
        return
    if quiet:
        return
    output.print_table(
        [
            {
                "": number,
                "begins at": f"{one.beginning.at:%a %Y-%m-%d %H:%M}",
                "which is": ", ".join(one.beginning.words),
                hurt: f"{one.hurt:.1f}",
                "objective broken": f"{one.broken:.0%}",
                "less than the worst": ""
                if one.less is None
                else f"{one.less.difference:.1f} ({one.less.low:.1f} to {one.less.high:.1f})",
            }
            for number, one in enumerate(answer.last, start=1)
        ]
    )
    alike = [one for one in answer.last[1:] if not one.can_be_told_apart]
    if alike:
        typer.echo(f"\n{len(alike)} of the others cannot be told apart from the worst.")
    typer.echo(f"{len(answer.seen)} beginnings, {answer.exercises} exercises.  Everything: {compared.folder}")
