"""Sweeps and comparisons: from names and settings to what is played, and the folder with its documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from blackstart._folders import digest
from blackstart._plans import load, plan_of
from blackstart._runs import inputs_of
from studies.comparison import FIRST, SECOND, Comparison, comparison_of
from studies.comparison import write_documents as write_comparison
from studies.paired import FEWEST
from studies.sweep import (
    Arm,
    Progress,
    Shard,
    Study,
    Summary,
    SweepFolder,
    Until,
    arm_of,
    backend_for,
    merge,
    open_folder,
    play,
    study_of,
    summarise,
    usual_jobs,
    writing,
)
from studies.sweep.folder import write_documents
from timeline.findings import InputError
from topologies.loading.overlay import Given


def load_arm(
    scenario: str | Path, *, estate: str | Path | None = None, settings: Sequence[Given] = (), name: str | None = None
) -> Arm:
    """An arm of a sweep, by the name of the scenario when it is given no other."""
    loaded = load(scenario, estate=estate, settings=settings)
    plan = plan_of(loaded)
    return arm_of(name or plan.name, plan, tuple(map(str, settings)), digest(inputs_of(loaded, settings)))


def sweep(
    scenarios: Sequence[str | Path],
    replications: int,
    *,
    estate: str | Path | None = None,
    seed: int = 1,
    settings: Sequence[Given] = (),
    jobs: int | None = None,
    shard: Shard | None = None,
    until: Until | None = None,
    out: Path | str | None = None,
    progress: Progress = lambda _, __: None,
) -> Summary:
    """Plays every scenario so many times and leaves the folder `out`, by default
    `exercises/sweep-<scenarios>-<input hash>-<seed>`; one that was interrupted goes on where it was.

    `jobs` are processes, by default one a processor that memory suffices for.  Raises InputError before anything is
    written when an input is wrong or `out` holds something else.
    """
    arms = tuple(load_arm(scenario, estate=estate, settings=settings) for scenario in scenarios)
    _refuse_namesakes(arms)
    study = study_of(arms, seed, replications, shard, until)
    _refuse_empty_shards(study)
    _refuse_unknown(study, arms)
    names = arms[0].record.name if len(arms) == 1 else f"{len(arms)}-scenarios"
    folder = Path(out) if out is not None else _usual_folder("sweep", names, study)
    with writing(folder, study) as opened:
        _play(opened, arms, jobs, progress)
        summary = summarise(opened)
        write_documents(summary)
        opened.finish()
    return summary


Variant = tuple[str | Path | None, Sequence[Given]]
"""Another estate than the scenario's own, or None, and settings."""


def compare(
    first: Variant,
    second: Variant,
    scenario: str | Path,
    replications: int,
    *,
    seed: int = 1,
    jobs: int | None = None,
    out: Path | str | None = None,
    progress: Progress = lambda _, __: None,
) -> Comparison:
    """Plays both variants of a scenario under the same random numbers and leaves the folder `out`, by default
    `exercises/compare-<scenario>-<input hash>-<seed>`; one that was interrupted goes on where it was.

    Raises InputError before anything is written when an input is wrong, there are too few replications for paired
    intervals, or `out` holds something else.
    """
    if replications < FEWEST:
        message = f"{replications} pairs are too few for an interval"
        raise InputError.single("input.option", "--replications", message, f"compare at least {FEWEST}")
    arms = tuple(
        load_arm(scenario, estate=estate, settings=settings, name=name)
        for name, (estate, settings) in ((FIRST, first), (SECOND, second))
    )
    study = study_of(arms, seed, replications)
    folder = Path(out) if out is not None else _usual_folder("compare", arms[0].record.scenario, study)
    with writing(folder, study) as opened:
        _play(opened, arms, jobs, progress)
        comparison = comparison_of(opened)
        write_comparison(comparison)
        opened.finish()
    return comparison


def merge_sweep(shards: Sequence[Path | str], out: Path | str) -> Summary:
    """One folder from all shards of a sweep.  Raises InputError when they do not belong together."""
    summary = summarise(merge([open_folder(Path(shard)) for shard in shards], Path(out)))
    write_documents(summary)
    summary.folder.finish()
    return summary


def open_sweep(folder: Path | str) -> Summary:
    """A sweep from its folder, finished or not.  Raises InputError when there is none, or nothing in it yet."""
    summary = summarise(open_folder(Path(folder)))
    if not summary.arms:
        message = "no replication is finished here"
        raise InputError.single("sweep.empty", str(folder), message, "the command that began it goes on with it")
    return summary


def report_sweep(folder: Path | str) -> Summary:
    """Writes the documents of a sweep anew from its rows."""
    summary = open_sweep(folder)
    write_documents(summary)
    return summary


def _play(folder: SweepFolder, arms: Sequence[Arm], jobs: int | None, progress: Progress) -> None:
    plans = {arm.record.name: arm.plan for arm in arms}
    with backend_for(plans, folder.study.seed, jobs or usual_jobs()) as backend:
        play(folder, backend, progress)


def _usual_folder(kind: str, names: str, study: Study) -> Path:
    inputs = digest({arm.name: arm.inputs for arm in study.arms})
    part = "" if study.shard.whole else f"-{study.shard.number}-of-{study.shard.of}"
    return Path("exercises") / f"{kind}-{names}-{inputs[:10]}-{study.seed}{part}"


def _refuse_namesakes(arms: Sequence[Arm]) -> None:
    names = [arm.record.name for arm in arms]
    for name in names:
        if names.count(name) > 1:
            message = f"two scenarios are called {name!r}"
            raise InputError.single("input.option", "SCENARIO", message, "give each once, under names of their own")


def _refuse_empty_shards(study: Study) -> None:
    if study.shard.of > study.replications:
        message = f"{study.replications} replications cannot be cut into {study.shard.of} shards"
        raise InputError.single("input.option", "--shard", message, "ask for fewer shards, or more replications")


def _refuse_unknown(study: Study, arms: Sequence[Arm]) -> None:
    """What `until` watches must be there in every arm, and shards cannot stop by what only all of them know."""
    from reports.measures import MEASURES
    from timeline.findings import nearest

    if study.until is None:
        return
    if not study.shard.whole:
        message = "a shard cannot tell when the interval of all shards is narrow enough"
        raise InputError.single("input.option", "--until", message, "leave out --until, or --shard")
    for arm in arms:
        known = [*arm.plan.scenario.objectives, *MEASURES]
        if study.until.id not in known:
            message = f"{arm.record.name} has no objective, and there is no measure, {study.until.id!r}"
            raise InputError.single("input.option", "--until", message, nearest(study.until.id, known))
