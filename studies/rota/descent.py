"""From a rota that keeps to the rules to a cheaper one, step by step: where the solver starts from.

A *step* gives one slot to somebody else, or lets two slots change hands with each other.  For each slot in turn the
best step that lowers the cost and keeps to the rules is taken, until no slot has one.  What is left is a local optimum:
how far it is from the best only the solver tells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from studies.rota.problem import Problem

Step = tuple[tuple[int, int], ...]
"""(slot, new holder) of the slots that change hands."""


def descend(problem: Problem, rota: Sequence[int]) -> list[int]:
    """A rota at which no step lowers the cost; `rota` must keep to the rules, people are numbers."""
    descent = _Descent(problem, rota)
    while sum(descent.improve(slot) for slot in range(len(rota))):
        pass
    return descent.rota


class _Descent:
    def __init__(self, problem: Problem, rota: Sequence[int]) -> None:
        self.rota = list(rota)
        self._problem = problem
        self._weighs = np.array([burden.of for burden in problem.burdens], dtype=np.float64).transpose(1, 2, 0)
        """slot x person x burden"""
        self._apart, self._each = np.array([problem.factors(burden) for burden in problem.burdens], dtype=np.float64).T
        self._close: list[set[int]] = [set() for _ in problem.slots]
        for s, t in problem.too_close:
            self._close[s].add(t)
            self._close[t].add(s)

    def improve(self, slot: int) -> bool:
        """Takes the best step for a slot; whether there was one that lowers the cost."""
        steps = self._steps(slot)
        costs = self._costs([(), *steps])
        for number in np.argsort(costs, kind="stable"):
            if costs[number] > costs[0] - 1:  # costs are whole numbers: by less than one they are the same
                return False
            if self._keeps_rules(steps[number - 1]):
                for changed, holder in steps[number - 1]:
                    self.rota[changed] = holder
                return True
        return False

    def _steps(self, slot: int) -> list[Step]:
        holder = self.rota[slot]
        gifts: list[Step] = [((slot, p),) for p in range(len(self._problem.people)) if p != holder]
        swaps: list[Step] = [((slot, p), (t, holder)) for t, p in enumerate(self.rota) if p != holder]
        return [*gifts, *swaps]

    def _costs(self, steps: Sequence[Step]) -> npt.NDArray[np.float64]:
        """`Problem.cost` after each step, but for what is the same for all."""
        now = np.zeros(self._weighs.shape[1:])
        for slot, holder in enumerate(self.rota):
            now[holder] += self._weighs[slot, holder]
        loads = np.repeat(now[None], len(steps), axis=0)
        for number, step in enumerate(steps):
            for slot, holder in step:
                loads[number, self.rota[slot]] -= self._weighs[slot, self.rota[slot]]
                loads[number, holder] += self._weighs[slot, holder]
        # The sum of |x_i - x_j| over pairs from the ranks: each x counts with (2 rank - n - 1).
        people = loads.shape[1]
        ranks = 2 * np.arange(1, people + 1) - people - 1
        differences = (np.sort(loads, axis=1) * ranks[None, :, None]).sum(axis=1)
        return np.asarray(differences @ self._apart + loads.sum(axis=1) @ self._each, dtype=np.float64)

    def _keeps_rules(self, step: Step) -> bool:
        after = dict(step)
        problem = self._problem
        for slot, holder in step:
            if (holder, slot) in problem.blocked:
                return False
            if any(after.get(near, self.rota[near]) == holder for near in self._close[slot]):
                return False
            if problem.longest_ms is not None:
                held = (s for s, h in enumerate(self.rota) if after.get(s, h) == holder)
                if sum(problem.slots[s].length_ms for s in held) > problem.longest_ms:
                    return False
        return True
