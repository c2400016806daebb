"""Runs over time: what fired and was told last time, so that a rule that no longer does is named.

The history is a file of one JSON document a line, one for each run, appended when a run is complete.  A run is held
beside the last one before it of the same scenario; faults that were not played this time prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from studies.fidelity.study import Fidelity
from studies.fidelity.verdicts import brier
from timeline.findings import InputError, Place
from topologies.fields import Model

HISTORY = "fidelity-history.jsonl"


class Fired(Model):
    """An alert that fired in a fault, and the receivers that were told."""

    fault: str
    alert: str
    told: tuple[str, ...]


class PastRun(Model):
    """What is kept of a run."""

    scenario: str
    began: str
    """Of the first fault, in UTC."""
    prediction: str
    cells: int
    disagreeing: int
    brier: float
    fired: tuple[Fired, ...]


class Regression(Model):
    """An alert that fired, or reached a receiver, last time and no longer does."""

    fault: str
    alert: str
    seen: str
    """When it last did."""
    receivers: tuple[str, ...] = ()
    """That no longer hear of it; none named where it does not fire at all."""

    @property
    def words(self) -> str:
        return f"no longer told to {', '.join(self.receivers)}" if self.receivers else "no longer fires"


def as_past(fidelity: Fidelity) -> PastRun:
    """Raises ValueError where nothing was observed."""
    began_ms = min(one.onset_wall_ms for one in fidelity.observed)
    return PastRun(
        scenario=fidelity.plan.scenario,
        began=datetime.fromtimestamp(began_ms / 1000, UTC).isoformat(timespec="milliseconds"),
        prediction=fidelity.prediction.digest,
        cells=len(fidelity.cells),
        disagreeing=len(fidelity.disagreeing),
        brier=round(brier(fidelity.cells), 6),
        fired=tuple(
            Fired(fault=cell.fault, alert=cell.alert, told=tuple(sorted(cell.observed.told_ms)))
            for cell in fidelity.cells
            if cell.observed is not None
        ),
    )


def read(path: Path) -> list[PastRun]:
    """In order of the file; empty where there is none.  Raises InputError with the line that is no run."""
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(PastRun.model_validate_json(line))
        except ValidationError as error:
            told = str(error.errors()[0]["msg"])
            raise InputError.single(
                "fidelity.damaged-history",
                Place(str(path), number),
                f"this line is no run: {told}",
                "remove the line, or name another file with --history",
            ) from None
    return found


def before(runs: Sequence[PastRun], now: PastRun) -> PastRun | None:
    """The last run of the same scenario that is not this one itself."""
    others = [run for run in runs if run.scenario == now.scenario and run.began < now.began]
    return max(others, key=lambda run: run.began, default=None)


def remember(path: Path, runs: Sequence[PastRun], now: PastRun) -> None:
    """Appends a run, once: a run that is only looked at again is known already."""
    if any((run.scenario, run.began) == (now.scenario, now.began) for run in runs):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(now.model_dump_json() + "\n")


def regressions(last: PastRun | None, now: PastRun, played: Sequence[str]) -> list[Regression]:
    """Of the faults `played` now, what fired or was told last time and not now."""
    return [] if last is None else list(_gone(last, now, played))


def _gone(last: PastRun, now: PastRun, played: Sequence[str]) -> Iterator[Regression]:
    told = {(one.fault, one.alert): set(one.told) for one in now.fired}
    for one in last.fired:
        if one.fault not in played:
            continue
        still = told.get((one.fault, one.alert))
        if still is None:
            yield Regression(fault=one.fault, alert=one.alert, seen=last.began)
        elif lost := tuple(sorted(set(one.told) - still)):
            yield Regression(fault=one.fault, alert=one.alert, seen=last.began, receivers=lost)
