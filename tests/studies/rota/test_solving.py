"""The optimiser against trying every rota."""

from __future__ import annotations

import builtins
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.workload.inequality import gini
from studies.rota.descent import descend
from studies.rota.problem import SCALE, Burden, Problem, Rule, Slot
from studies.rota.solving import Conflict, Proposal, solve
from timeline.findings import InputError
from timeline.instants import HOUR

pytest.importorskip("ortools")
SECONDS = 20


def burden(id: str, weight: float, of: list[list[int]]) -> Burden:
    return Burden(id, weight, tuple(tuple(row) for row in of))


def problem(people: int, slots: int, of: list[list[int]] | None = None, **fields: Any) -> Problem:
    """Slots of twelve hours in a row, all held by the first person today; each weighs 1 unless told otherwise."""
    spans = tuple(Slot(12 * n * HOUR, 12 * (n + 1) * HOUR, "p0") for n in range(slots))
    burdens = (burden("on_call", 1.0, of or [[1] * people] * slots),)
    return Problem(tuple(f"p{n}" for n in range(people)), spans, **{"burdens": burdens, "blocked": {}, **fields})


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    people, slots = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    weights = st.lists(st.integers(0, 9), min_size=people, max_size=people)
    if draw(st.booleans()):
        weights = st.sampled_from([0, 6, 9]).map(lambda weight: [weight] * people)
    burdens = tuple(
        burden(id, draw(st.sampled_from([0.5, 1.0, 2.0])), draw(st.lists(weights, min_size=slots, max_size=slots)))
        for id in ("on_call", "nights")
    )
    places = st.tuples(st.integers(0, people - 1), st.integers(0, slots - 1))
    rules = st.frozensets(st.sampled_from([Rule.LEAVE, Rule.SKILLS, Rule.ELSEWHERE]), min_size=1, max_size=2)
    return problem(
        people,
        slots,
        burdens=burdens,
        blocked=draw(st.dictionaries(places, rules, max_size=6)),
        rest_ms=draw(st.sampled_from([0, 0, 11 * HOUR, 23 * HOUR])),
        longest_ms=draw(st.sampled_from([None, None, 24 * HOUR, 36 * HOUR])),
    )


def allowed(task: Problem) -> list[tuple[int, ...]]:
    """Every rota that breaks no rule."""
    rotas = product(range(len(task.people)), repeat=len(task.slots))
    return [rota for rota in rotas if not task.broken(rota)]


def numbers(task: Problem, found: Proposal) -> list[int]:
    return [task.people.index(holder) for holder in found.holders]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_it_finds_the_cheapest_rota_or_a_conflict_that_is_one(task: Problem) -> None:
    found, rotas = solve(task, SECONDS), allowed(task)
    if isinstance(found, Conflict):
        assert not rotas
        demands = {(rule, task.people.index(person)) for rule, person in found.demands}
        assert not meeting(task, demands)
        assert all(meeting(task, demands - {demand}) for demand in demands)
        return
    assert not task.broken(numbers(task, found))
    assert found.optimal
    assert found.cost == pytest.approx(min(map(task.cost, rotas)) / SCALE)
    assert found.bound == pytest.approx(found.cost)


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_each_step_down_keeps_to_the_rules_until_no_exchange_helps(task: Problem, data: Any) -> None:
    rotas = allowed(task)
    if not rotas:
        return
    start = data.draw(st.sampled_from(rotas))
    found = descend(task, start)
    assert not task.broken(found)
    assert task.cost(found) <= task.cost(start)
    near = [rota for rota in rotas if sum(x != y for x, y in zip(rota, found, strict=True)) == 1]
    assert all(task.cost(found) <= task.cost(rota) for rota in near)


def meeting(task: Problem, demands: set[tuple[Rule, int]]) -> list[tuple[int, ...]]:
    """Every rota that breaks none of these demands."""
    wanted = {(rule, task.people[p]) for rule, p in demands}
    rotas = product(range(len(task.people)), repeat=len(task.slots))
    return [rota for rota in rotas if not task.broken(rota) & wanted]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.data())
def test_where_slots_weigh_alike_on_everybody_the_cost_is_the_gini_coefficient(weights: list[int], data: Any) -> None:
    people = data.draw(st.integers(1, 4))
    task = problem(people, len(weights), [[weight] * people for weight in weights])
    rota = data.draw(st.lists(st.integers(0, people - 1), min_size=len(weights), max_size=len(weights)))
    assert task.cost(rota) / SCALE == pytest.approx(gini(task.burdens[0].loads(rota)), abs=1e-6)


@pytest.mark.parametrize(
    ("weights", "people", "least"),
    [([6, 6, 6], 3, 0), ([6, 6, 6, 6], 3, 2 * 6), ([6, 9], 2, 3), ([1] * 7, 5, 2 * 3), ([0, 0], 2, 0), ([5], 4, 3 * 5)],
)
def test_what_cannot_be_divided_keeps_people_apart(weights: list[int], people: int, least: int) -> None:
    task = problem(people, len(weights), [[weight] * people for weight in weights])
    assert task.burdens[0].least_difference == least
    loads = [task.burdens[0].loads(rota) for rota in product(range(people), repeat=len(weights))]
    assert min(sum(abs(x - y) for x, y in combinations(load, 2)) for load in loads) >= least


def test_a_slot_goes_to_whom_it_burdens_least() -> None:
    """What is the night of p0 is the day of p1."""
    task = problem(2, 4, burdens=(burden("nights", 1.0, [[9, 0], [0, 9]] * 2),))
    found = solve(task, SECONDS)
    assert isinstance(found, Proposal)
    assert (found.holders, found.cost) == (("p1", "p0", "p1", "p0"), 0)


def test_of_rotas_that_cost_the_same_the_one_nearest_to_todays_is_proposed() -> None:
    slots = tuple(Slot(n * HOUR, (n + 1) * HOUR, holder) for n, holder in enumerate(("p1", "p0", "p0", "p1")))
    task = Problem(("p0", "p1"), slots, (burden("on_call", 1.0, [[1, 1]] * 4),), {})
    found = solve(task, SECONDS)
    assert isinstance(found, Proposal)
    assert (found.holders, found.cost, found.today) == (("p1", "p0", "p0", "p1"), 0, 0)


@pytest.mark.parametrize(
    ("fields", "demands", "slots"),
    [
        (
            {"blocked": {(0, 1): frozenset({Rule.LEAVE}), (1, 1): frozenset({Rule.SKILLS})}},
            {(Rule.LEAVE, "p0"), (Rule.SKILLS, "p1")},
            (1,),
        ),
        ({"longest_ms": 12 * HOUR}, {(Rule.SHARE, "p0"), (Rule.SHARE, "p1")}, ()),
        (
            {"blocked": {(0, n): frozenset({Rule.LEAVE}) for n in range(4)}, "rest_ms": HOUR},
            {(Rule.LEAVE, "p0"), (Rule.REST, "p1")},
            (),
        ),
    ],
    ids=["nobody for a slot", "too few people", "no rest"],
)
def test_a_conflict_names_the_demands_that_make_it(
    fields: dict[str, Any], demands: set[tuple[Rule, str]], slots: tuple[int, ...]
) -> None:
    found = solve(problem(2, 4, **fields), SECONDS)
    assert isinstance(found, Conflict)
    assert (set(found.demands), found.slots) == (demands, slots)


def test_the_same_problem_gives_the_same_rota_also_when_time_runs_out() -> None:
    weights = [[(7 * n + 3 * n * n) % 11 + 1] * 5 for n in range(30)]
    task = problem(5, 30, weights, rest_ms=11 * HOUR)
    first, second = solve(task, 1), solve(task, 1)
    assert first == second
    assert isinstance(first, Proposal)
    assert first.bound <= first.cost


def test_without_the_solver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("ortools"):
            raise ImportError(name)
        return usual(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"blackstart\[optimise\]"):
        solve(problem(2, 2), SECONDS)


def test_nothing_to_assign() -> None:
    with pytest.raises(InputError, match="nobody, or nothing"):
        solve(problem(0, 0), SECONDS)
