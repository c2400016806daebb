"""Combinations that need not be played: the levels of the estate say that no function is disrupted by them.

Where objectives speak of nothing but functions that come back in time, a function that is never below its minimum keeps
them.  Levels are those of `simulator.estate.columns`, in the busiest hour, **with no fail-over at all**: so whoever
needs a standby to be saved is played.

What load brings about (retries that overload, queues that grow) is not in levels.  So this is only asked of two
elements and more: each alone has been played, and so has every combination where this is switched off.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenarios.faults import FAULTS, Effect
from scenarios.models import ScenarioFault
from simulator.estate.columns import Columns
from simulator.estate.continuity import lowest_level
from simulator.estate.graph import FUNCTION_PREFIX, Node, compile_estate
from simulator.exercise import ExercisePlan
from studies.impact.assessment import at_last, case_of, left_of, load_as_in_the_busiest_hour
from studies.search.space import Names, Sort, Space
from topologies.shared_fate import fault_targets

OF_FUNCTIONS = frozenset({"rto_met", "mtpd_met"})
"""Measures of what a disruption lasts: kept by a function that is not disrupted."""


class Undisturbed:
    """Tells combinations that disrupt no function."""

    def __init__(self, plan: ExercisePlan, space: Space) -> None:
        pairs = {id: pair.model_copy(update={"fail_over": None}) for id, pair in plan.estate.standby_pairs.items()}
        estate = plan.estate.model_copy(update={"standby_pairs": pairs})
        self._compiled = compile_estate(estate)
        load_as_in_the_busiest_hour(estate, self._compiled)
        self._columns = Columns(self._compiled)
        self._functions = [self._columns.number[FUNCTION_PREFIX + id] for id in estate.functions]
        self._lowest = np.array([lowest_level(spec) for spec in estate.functions.values()])
        self._things = fault_targets(estate)
        self._left: dict[str, dict[Node, float] | None] = {}
        for id, element in space.elements.items():
            if element.sort is Sort.FAULT:
                own = plan.scenario.faults.get(id)
                self._left[id] = self._left_by(own or ScenarioFault.model_validate(element.value))
            else:
                self._left[id] = {}

    def among(self, combinations: Sequence[Names]) -> set[Names]:
        """Those of the combinations that disrupt no function for sure, as far as levels say."""
        known = [c for c in combinations if all(self._left[id] is not None for id in c)]
        if not known:
            return set()
        own = self._columns.untouched(len(known))
        for number, combination in enumerate(known):
            for id in combination:
                for node, left in (self._left[id] or {}).items():
                    own[self._columns.number[node.id], number] *= left
        levels = self._columns.settle(own)[self._functions]
        whole = np.all(levels >= self._lowest[:, None], axis=0)
        return {combination for combination, undisturbed in zip(known, whole.tolist(), strict=True) if undisturbed}

    def _left_by(self, fault: ScenarioFault) -> dict[Node, float] | None:
        """What a fault leaves of the nodes that it hits; None where levels do not tell all that it does."""
        kind = FAULTS[fault.fault]
        effect = at_last(kind.effect_of(fault.parameters))
        if kind.of_people or fault.target not in self._things or not _is_told_by_levels(effect):
            return None
        case = case_of(self._compiled, fault.target, self._things[fault.target], kind, effect)
        return {node: left_of(node, hit) for node, hit in case.hits.items()}


def _is_told_by_levels(effect: Effect) -> bool:
    return (
        not (effect.corrupts or effect.destroys_copies or effect.calls_factor or effect.between)
        and effect.consumed_ratio == 1
        and effect.latency_factor == 1
    )


def speak_of_functions(plan: ExercisePlan, objectives: Sequence[str]) -> bool:
    """Whether objectives have no other targets than functions that come back in time."""
    targets = [target for id in objectives for target in plan.scenario.objectives[id].targets]
    return all(target.measure in OF_FUNCTIONS for target in targets)
