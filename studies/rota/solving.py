"""The fairest rota, found with the constraint solver CP-SAT of OR-tools.

It starts from what `descent` makes of today's rota, or of any that keeps to the rules.  The search uses one worker that
interleaves strategies, a fixed seed and a limit in deterministic time, so that the same problem gives the same rota on
every machine.  Of rotas that cost the same the one that changes least of today's wins, where the search had the time to
tell.  What makes a problem unsolvable is named as a set of demands, none of which could be left out: with all but one
of them there is a rota.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from studies.rota.descent import descend
from studies.rota.problem import SCALE, Problem, Rule
from timeline.findings import InputError

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, CpSolver, IntVar

Demand = tuple[Rule, int]
"""A rule for one person (by number)."""
Held = dict[tuple[int, int], "IntVar"]
"""(person, slot): whether the person holds it."""

_SEED = 1
_DETERMINISTIC_PER_SECOND = 0.25
"""Units of the solver's deterministic time that pass in about a second on one core while it interleaves strategies."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The best rota found: who holds each slot, what it costs, and what no rota costs less than."""

    holders: tuple[str, ...]
    cost: float
    bound: float
    optimal: bool
    today: float | None
    """What today's rota costs; None when somebody who is no candidate holds a slot."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules, each with its person, that cannot all be kept; and the slots for which they leave nobody."""

    demands: tuple[tuple[Rule, str], ...]
    slots: tuple[int, ...]


def solve(problem: Problem, seconds: float) -> Proposal | Conflict:
    """The fairest rota, or why there is none.

    `seconds` limits the search: about so many, the same work everywhere.  Raises InputError when OR-tools is not
    installed, when there is nothing to assign, or when the time was too short to find any rota.
    """
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        message = "the optimiser needs OR-tools, which is not installed"
        hint = "install blackstart with its extra: blackstart[optimise]"
        raise InputError.single("rota.no-solver", "oncall optimise", message, hint) from None
    if not problem.people or not problem.slots:
        message = "there is nobody, or nothing, to assign"
        hint = "is the rotation held by anybody in the span?"
        raise InputError.single("rota.empty", "oncall optimise", message, hint)
    impossible, start = _first(problem, seconds)
    if impossible:
        return _conflict(problem, seconds)
    if start is None:
        message = f"no rota was found within {seconds:g} s"
        raise InputError.single("rota.too-short", "--seconds", message, "give it more time")
    start = descend(problem, start)
    model = cp_model.CpModel()
    held = _rota(model, problem, problem.demands())
    today = problem.today()
    kept = [held[p, s] for s, p in enumerate(today) if p is not None and (p, s) in held]
    # Changes weigh less than the least difference in cost: they only choose between equals.
    unit = len(problem.slots) + 1
    model.minimize(unit * _cost(model, problem, held) - sum(kept))
    for (p, s), variable in held.items():
        model.add_hint(variable, start[s] == p)
    solver = _solver(seconds)
    status = solver.solve(model)
    found = [_held(solver, held, problem)] if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else []
    rota = min([*found, start], key=problem.cost)
    cost = problem.cost(rota)
    bound = min(cost, -(-solver.best_objective_bound // unit))
    return Proposal(
        holders=tuple(problem.people[holder] for holder in rota),
        cost=cost / SCALE,
        bound=bound / SCALE,
        optimal=status == cp_model.OPTIMAL,
        today=None if None in today else problem.cost([holder for holder in today if holder is not None]) / SCALE,
    )


def _first(problem: Problem, seconds: float) -> tuple[bool, list[int] | None]:
    """Whether it is proven that there is no rota; else today's where it keeps to the rules, any other, or None yet."""
    from ortools.sat.python import cp_model

    today = [holder for holder in problem.today() if holder is not None]
    if len(today) == len(problem.slots) and not problem.broken(today):
        return False, today
    model = cp_model.CpModel()
    held = _rota(model, problem, problem.demands())
    solver = _solver(seconds)
    status = solver.solve(model)
    found = _held(solver, held, problem) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
    return status == cp_model.INFEASIBLE, found


def _held(solver: CpSolver, held: Mapping[tuple[int, int], IntVar], problem: Problem) -> list[int]:
    """The number of the person who holds each slot in what the solver found."""
    rota = [0] * len(problem.slots)
    for (holder, slot), variable in held.items():
        if solver.boolean_value(variable):
            rota[slot] = holder
    return rota


def _solver(seconds: float) -> CpSolver:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.interleave_search = True
    solver.parameters.random_seed = _SEED
    solver.parameters.max_deterministic_time = seconds * _DETERMINISTIC_PER_SECOND
    return solver


def _rota(model: CpModel, problem: Problem, demands: Collection[Demand]) -> Held:
    """A variable for each person and slot that the demands allow; each slot is held by one person."""
    slots = range(len(problem.slots))
    held: Held = {}
    for p in range(len(problem.people)):
        for s in slots:
            if not any((rule, p) in demands for rule in problem.blocked.get((p, s), ())):
                held[p, s] = model.new_bool_var(f"{problem.people[p]} holds {s}")
        own = {s: held[p, s] for s in slots if (p, s) in held}
        if (Rule.REST, p) in demands:
            for s, t in problem.too_close:
                if s in own and t in own:
                    model.add_at_most_one([own[s], own[t]])
        if problem.longest_ms is not None and (Rule.SHARE, p) in demands:
            model.add(sum(problem.slots[s].length_ms * variable for s, variable in own.items()) <= problem.longest_ms)
    for s in slots:
        model.add_exactly_one([held[p, s] for p in range(len(problem.people)) if (p, s) in held])
    return held


def _cost(model: CpModel, problem: Problem, held: Mapping[tuple[int, int], IntVar]) -> Any:
    """`Problem.cost` as an expression: the absolute differences are tight because they are minimised."""
    cost: Any = 0
    for burden in problem.burdens:
        apart, each = problem.factors(burden)
        if not apart:
            continue
        loads = [
            sum(row[p] * held[p, s] for s, row in enumerate(burden.of) if (p, s) in held)
            for p in range(len(problem.people))
        ]
        differences = []
        for i, j in combinations(range(len(loads)), 2):
            difference = model.new_int_var(0, burden.largest_total, f"{burden.id} between {i} and {j}")
            model.add(difference >= loads[i] - loads[j])
            model.add(difference >= loads[j] - loads[i])
            differences.append(difference)
        # Says nothing new, but lifts the bound at once where the solver would have to try.
        model.add(sum(differences) >= burden.least_difference)
        cost += apart * sum(differences)
        cost += each * (sum(loads) - burden.least_total)
    return cost


def _conflict(problem: Problem, seconds: float) -> Conflict:
    """A set of demands that cannot all be met, from which none can be left out (a deletion filter)."""
    core = problem.demands()
    for demand in list(core):
        without = [other for other in core if other != demand]
        if _is_impossible(problem, without, seconds):
            core = without
    nobody = tuple(
        s
        for s in range(len(problem.slots))
        if all(any((rule, p) in core for rule in problem.blocked.get((p, s), ())) for p in range(len(problem.people)))
    )
    return Conflict(tuple((rule, problem.people[p]) for rule, p in core), nobody)


def _is_impossible(problem: Problem, demands: Collection[Demand], seconds: float) -> bool:
    """Whether it is proven that no rota meets these demands."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    _rota(model, problem, demands)
    return bool(_solver(seconds).solve(model) == cp_model.INFEASIBLE)
