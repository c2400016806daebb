"""The prediction: for each planned fault the alerts that fire in the model, when, and whom they reach.

Each fault is played alone in several *draws* (where in the scrape interval it begins, rule offsets, noise), as coverage
plays it; what fires in some draws only is uncertain.  The prediction is one JSON document whose SHA-256 is known before
the first fault is injected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property

from injectors.plan import PlannedFault
from scenarios.faults import FAULTS
from scenarios.models import ScenarioFault
from studies.coverage.faults import Case, TriedFault
from studies.coverage.matrix import Cell, Trial, row, trial
from studies.coverage.running import Draw, QuietRun, Watch
from studies.coverage.study import Subject, inventory_of
from timeline.instants import MINUTE
from topologies.estate import Estate

DRAWS = 10


@dataclass(frozen=True, slots=True)
class PredictedAlert:
    """One alert of one fault; times in milliseconds from the onset, least and most over the draws."""

    alert: str
    draws: int
    """In so many of the draws it fires."""
    fired_ms: tuple[int, int]
    told_ms: Mapping[str, tuple[int, int]]
    """By receiver."""


@dataclass(frozen=True, slots=True)
class PredictedFault:
    """What the model says of one fault."""

    fault: str
    kind: str
    target: str
    parameters: Mapping[str, object]
    alerts: tuple[PredictedAlert, ...]
    disrupted: tuple[str, ...]


@dataclass(frozen=True)
class Prediction:
    """Of a whole plan."""

    estate: str
    draws: int
    faults: tuple[PredictedFault, ...]

    @cached_property
    def text(self) -> str:
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def predict(
    subject: Subject,
    planned: Sequence[PlannedFault],
    scenario: Mapping[str, ScenarioFault],
    epoch: datetime,
    draws: int = DRAWS,
    seed: int = 1,
) -> Prediction:
    """`scenario` holds the faults as the scenario states them, with the parameters of the model."""
    cases = {fault.id: _case(fault, scenario[fault.id.partition("@")[0]], subject) for fault in planned}
    longest = max((case.lasts_ms for case in cases.values()), default=MINUTE)
    watch = Watch(subject.estate, subject.files, epoch, seed, longest)
    inventory = inventory_of(watch)
    watch = replace(watch, files=replace(subject.files, groups=inventory.groups))
    trials: dict[str, list[Trial]] = {id: [] for id in cases}
    for number in range(draws):
        draw = Draw.of(number, subject.estate.monitoring.scrape_interval)
        quiet = QuietRun(watch, draw)
        labels = subject.estate.monitoring.external_labels
        for id, case in cases.items():
            record = quiet.run(case)
            trials[id].append(
                trial(record, quiet.record, inventory, labels, draw.onset_ms, draw.onset_ms + case.lasts_ms)
            )
    return Prediction(
        subject.name, draws, tuple(_predicted(fault, cases[fault.id], trials[fault.id]) for fault in planned)
    )


def _case(planned: PlannedFault, wanted: ScenarioFault, subject: Subject) -> Case:
    """The fault on the component that the target stands for, where it really acts, for as long as on the real one."""
    parameters = wanted.parameters or FAULTS[wanted.fault].typical
    if planned.fault.at_entrance:
        parameters = {**_from_callers(subject.estate, wanted), **parameters}
    tried = TriedFault(wanted.fault, wanted.target, parameters)
    expectations = [
        id for id, e in subject.expectations.items() if (e.fault, e.target) == (wanted.fault, wanted.target)
    ]
    return Case(planned.id, (tried,), tuple(expectations), planned.duration_ms)


def _from_callers(estate: Estate, wanted: ScenarioFault) -> Mapping[str, object]:
    """Parameters that confine a fault to the calls of those who call its target, by itself or by the name of its pair
    or group; none where nobody but users does."""
    asked = {wanted.target}
    asked |= {id for id, pair in estate.standby_pairs.items() if wanted.target in (pair.primary, pair.standby)}
    asked |= {id for id, group in estate.groups.items() if wanted.target in group.members}
    callers = tuple(id for id, component in estate.components.items() if asked & component.depends_on.keys())
    if not callers:
        return {}
    return {"callers" if FAULTS[wanted.fault].has_scope else "peers": callers}


def _predicted(planned: PlannedFault, case: Case, trials: Sequence[Trial]) -> PredictedFault:
    made = row(case, trials)
    (tried,) = case.faults
    return PredictedFault(
        planned.id,
        tried.kind,
        tried.target,
        dict(tried.parameters),
        tuple(_alert(cell) for cell in made.cells),
        made.disrupted,
    )


def _alert(cell: Cell) -> PredictedAlert:
    told = {receiver: (interval.low_ms, interval.high_ms) for receiver, interval in cell.told.items()}
    return PredictedAlert(cell.alert, cell.draws, (cell.fired.low_ms, cell.fired.high_ms), told)
