"""The whole of a fidelity run joined: prediction, observation, expectations, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from injectors.monitoring.prometheus import LoadedRule
from injectors.plan import LeftOut, Plan
from simulator.monitoring.rules import AlertingRule
from studies.coverage.faults import Case, TriedFault
from studies.coverage.inventory import Inventory
from studies.coverage.matrix import Addressees, row
from studies.coverage.study import Subject
from studies.coverage.verdicts import Judgement, judge
from studies.fidelity.observing import ObservedFault
from studies.fidelity.predicting import PredictedFault, Prediction
from studies.fidelity.reasons import reasons
from studies.fidelity.verdicts import ASKING_MS, Cell, RuleScore, cells_of, scores_of


@dataclass(frozen=True)
class Fidelity:
    """What was found out.  `loaded` are the rules of the real Prometheus."""

    subject: Subject
    plan: Plan
    prediction: Prediction
    observed: tuple[ObservedFault, ...]
    inventory: Inventory
    loaded: tuple[LoadedRule, ...]

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        return self.plan.left_out

    @cached_property
    def tolerance_ms(self) -> int:
        intervals = [group.interval_ms or 0 for group in self.subject.files.groups]
        return self.subject.estate.monitoring.scrape_interval + max(intervals, default=0) + ASKING_MS

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        alerts = [alert.id for alert in self.inventory.alerts]
        return tuple(cells_of(self.prediction, self.observed, alerts, self.tolerance_ms))

    @property
    def disagreeing(self) -> list[Cell]:
        return [cell for cell in self.cells if not cell.agrees]

    @cached_property
    def scores(self) -> list[RuleScore]:
        return scores_of(self.cells)

    def reasons_of(self, cell: Cell) -> list[str]:
        return reasons(cell, self._rules, self.loaded)

    @cached_property
    def judgements(self) -> tuple[Judgement, ...]:
        """Expectations held against what was observed."""
        addressees = Addressees(self.subject.organisation)
        predicted = {fault.fault: fault for fault in self.prediction.faults}
        found = []
        for one in self.observed:
            ids = self._expectations(predicted[one.fault])
            tried = TriedFault(predicted[one.fault].kind, predicted[one.fault].target, {})
            seen = row(Case(one.fault, (tried,), tuple(ids), one.lasted_ms), [one.as_trial()])
            found += [judge(id, self.subject.expectations[id], seen, addressees, self.inventory) for id in ids]
        return tuple(found)

    def expected_in(self, fault: str) -> set[str]:
        """Names of the alerts that expectations name for a fault."""
        predicted = next(one for one in self.prediction.faults if one.fault == fault)
        return {name for id in self._expectations(predicted) for name in self.subject.expectations[id].alerts}

    def _expectations(self, fault: PredictedFault) -> list[str]:
        wanted = (fault.kind, fault.target)
        return [id for id, e in self.subject.expectations.items() if (e.fault, e.target) == wanted]

    @cached_property
    def _rules(self) -> Sequence[AlertingRule]:
        rules = [rule for group in self.subject.files.groups for rule in group.rules]
        return [rule for rule in rules if isinstance(rule, AlertingRule)]

    @property
    def unseen_harm(self) -> list[ObservedFault]:
        """Faults that hurt users and made no alert fire."""
        return [one for one in self.observed if one.users_hurt_ms is not None and not one.as_trial().alerts]

    @property
    def needless(self) -> list[ObservedFault]:
        """Faults that made alerts fire and hurt no user."""
        return [one for one in self.observed if one.users_hurt_ms is None and one.as_trial().alerts]
