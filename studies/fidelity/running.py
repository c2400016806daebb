"""A fidelity run: one fault after the other on real targets, with real monitoring watched; it can be resumed.

For each fault: wait until all is steady, inject, watch, undo, wait until alerts are resolved and that has been told.
What was observed is written at once, with the digest of the prediction that was on record before; a run that was ended
goes on after the last fault that it has written, as long as plan and prediction are the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from injectors.conditions import check_all
from injectors.live_timeline import LiveClock, live_timeline
from injectors.monitoring.watching import Watched, wall_now_ms, watching
from injectors.plan import Plan, PlannedFault
from injectors.proofs import prove
from injectors.running import Runner, RunResult
from studies.coverage.inventory import Inventory
from studies.fidelity.observing import ObservedFault, alerts_of, read, write
from studies.fidelity.predicting import Prediction
from timeline.events import Event
from timeline.files import write_whole
from timeline.findings import InputError, SafetyRefused

PREDICTION = "prediction.json"
STEADY_PATIENCE_S = 180.0
RESOLVED_PATIENCE_S = 90.0
LOOK_S = 0.5


@dataclass(frozen=True)
class Folder:
    """Where a fidelity run is kept."""

    path: Path

    @property
    def observed(self) -> Path:
        return self.path / "observed"

    def of(self, fault: PlannedFault) -> Path:
        return self.observed / f"{fault.id}.json"

    def prepare(self, prediction: Prediction) -> None:
        """Puts the prediction on record.  Raises InputError where another one is there."""
        self.observed.mkdir(parents=True, exist_ok=True)
        path = self.path / PREDICTION
        if path.exists() and path.read_text(encoding="utf-8") != prediction.text:
            raise InputError.single(
                "fidelity.another-prediction",
                str(path),
                "there is another prediction here: plan, rules or model have changed since",
                "name another folder with --out",
            )
        write_whole(path, prediction.text)


def observe(
    plan: Plan,
    prediction: Prediction,
    inventory: Inventory,
    folder: Folder,
    journals: Path,
    tell: Callable[[ObservedFault], None],
) -> list[ObservedFault]:
    """Every fault of the plan.  Raises SafetyRefused where a fault must not be begun, or one ended for safety."""
    folder.prepare(prediction)
    found = []
    for fault in plan.faults:
        path = folder.of(fault)
        known = read(path) if path.exists() else None
        if known is None or known.prediction != prediction.digest:
            known = _one(plan, fault, prediction, inventory, folder, journals)
            write(path, known)
            tell(known)
        found.append(known)
        if known.ended_for_safety:
            raise SafetyRefused(list(known.ended_for_safety))
    return found


def _one(
    plan: Plan, fault: PlannedFault, prediction: Prediction, inventory: Inventory, folder: Folder, journals: Path
) -> ObservedFault:
    _wait_until_steady(plan)
    proven = {fault.target: prove(fault.target, plan.target_of(fault))}
    alone = replace(plan, faults=(replace(fault, at_ms=0),), proven=proven)
    clock = LiveClock()
    runs = folder.path / "runs"
    runs.mkdir(exist_ok=True)
    stamp = f"{clock.started:%Y%m%dT%H%M%S%f}"
    onset_ms = ended_ms = wall_now_ms()

    def note(event: Event) -> None:
        nonlocal onset_ms, ended_ms
        if event.kind == "fault.started":
            onset_ms = wall_now_ms()
        elif event.kind == "fault.ended":
            ended_ms = wall_now_ms()

    with live_timeline(runs / f"{stamp}-{fault.id}.jsonl", clock) as timeline:
        timeline.listen(note)
        with watching(plan.binding.monitoring, plan.binding.journeys) as watched:
            result = Runner(alone, journals, journals / f"{stamp}-{fault.id}", timeline, clock).run()
            _wait_until_resolved(watched, onset_ms)
    return _observed(fault, prediction, inventory, watched, result, onset_ms, ended_ms)


def _observed(
    fault: PlannedFault,
    prediction: Prediction,
    inventory: Inventory,
    watched: Watched,
    result: RunResult,
    onset_ms: int,
    ended_ms: int,
) -> ObservedFault:
    hurt = [at for journey in watched.journeys if (at := journey.first_failure_ms(onset_ms)) is not None]
    tries = [well for journey in watched.journeys for at_ms, well in journey.tries if onset_ms <= at_ms <= ended_ms]
    return ObservedFault(
        fault.id,
        prediction.digest,
        onset_ms,
        ended_ms - onset_ms,
        alerts_of(watched, onset_ms, inventory),
        min(hurt) - onset_ms if hurt else None,
        len(tries),
        tries.count(False),
        watched.clock_ahead_ms,
        tuple(f"{left.change.knob.key}: {left.reason}" for left in result.left),
        tuple(result.refused),
        result.steady_after,
    )


def _wait_until_steady(plan: Plan) -> None:
    """Raises SafetyRefused when it does not come about."""
    deadline = time.monotonic() + STEADY_PATIENCE_S
    while True:
        unsteady = [held for held in check_all(plan.binding.steady_state, plan.binding) if not held.holds]
        if not unsteady:
            return
        if time.monotonic() > deadline:
            raise SafetyRefused([f"Not steady: {held.title} ({held.seen})." for held in unsteady])
        time.sleep(LOOK_S)


def _wait_until_resolved(watched: Watched, onset_ms: int) -> None:
    """Alerts of the fault may take a while to clear; what does not is left for the next steady state to find."""
    deadline = time.monotonic() + RESOLVED_PATIENCE_S
    while time.monotonic() < deadline:
        made = [seen for seen in list(watched.alerts.values()) if (seen.pending_ms or 0) >= onset_ms]
        if all(seen.gone_ms is not None for seen in made):
            return
        time.sleep(LOOK_S)
