"""One replication of a sweep, played again with everything that happened in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from blackstart._folders import digest
from blackstart._plans import load
from blackstart._runs import Run, inputs_of, run
from studies.sweep import ArmRecord, SweepFolder, open_folder, replication_of
from timeline.findings import InputError, nearest


def explain(
    folder: Path | str,
    replication: int,
    arm: str | None = None,
    *,
    scenario: str | Path | None = None,
    estate: str | Path | None = None,
    out: Path | str | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Run:
    """Plays a replication of an arm (of the only one when left out) by its seed, into a run folder.

    `scenario` and `estate` are needed where they were files.  Raises InputError before anything is written when there
    is no such replication, or what the sweep was played from has changed since; and after it, when the run does not
    come out as its row says.
    """
    opened = open_folder(Path(folder))
    record = _arm(opened, arm)
    wanted = opened.wanted(record.name)
    if replication not in wanted:
        hint = f"it has {wanted.start} to {wanted.stop - 1}" if wanted else "the shard has none of it"
        message = f"{record.name} has no replication {replication} here"
        raise InputError.single("sweep.replication", str(folder), message, hint)
    source = scenario or record.scenario
    place = _estate_of(record, source, estate)
    played = run(
        source,
        estate=place,
        seed=opened.study.seed,
        replication=replication,
        settings=record.settings,
        out=out,
        progress=progress,
    )
    there = next((row for row in opened.rows(record.name) if row.replication == replication), None)
    if there is not None and replication_of(record.name, replication, played.scores) != there:
        message = f"replication {replication} of {record.name} came out differently from its row"
        hint = f"the sweep was played by Blackstart {opened.study.version}"
        raise InputError.single("sweep.not-the-same", str(played.folder), message, hint)
    return played


def _arm(folder: SweepFolder, name: str | None) -> ArmRecord:
    names = [arm.name for arm in folder.study.arms]
    if name is None and len(names) == 1:
        return folder.study.arms[0]
    if name not in names:
        message = "which arm is meant?" if name is None else f"there is no arm {name!r}"
        hint = nearest(name or "", names) or f"{len(names)} arms, from {names[0]} to {names[-1]}"
        raise InputError.single("sweep.replication", str(folder.path), message, hint)
    return folder.study.arm(name)


def _estate_of(record: ArmRecord, source: str | Path, estate: str | Path | None) -> str | Path | None:
    """The estate to play on, checked against what the sweep read: the scenario's own, or the one that was named."""
    tried = (estate,) if estate is not None else (None, record.estate)
    for other in tried:
        try:
            loaded = load(source, estate=other, settings=record.settings)
        except InputError:
            if other is None or other == estate:
                raise
            continue  # the estate of the record is no shipped one
        if digest(inputs_of(loaded, record.settings)) == record.inputs:
            return other
    message = f"the files of {record.scenario} are not those that the sweep was played from"
    hint = "bring them back; a scenario or estate of your own is named by --scenario, --estate"
    raise InputError.single("sweep.changed", str(source), message, hint)
