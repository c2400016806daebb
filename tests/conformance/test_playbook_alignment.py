"""Alignments against enumeration of everything that a playbook allows, and against the published definition.

Definition: cost of an optimal alignment with unit costs, fitness 1 - cost / (length of the trace + cost of the cheapest
way through the model): Adriansyah (2014), Carmona, van Dongen, Solti, Weidlich (2018) ch. 7; pm4py computes the same
number as `fitness` of an aligned trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, combinations, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.conformance.alignment import Move, align
from reports.conformance.planned import Became, Label, Planned, State
from timeline.playbooks import OPEN, Guard, PlaybookStep

Word = tuple[Label, ...]


def step(id: str, *after: str, **fields: object) -> PlaybookStep:
    return PlaybookStep(id, id, "lead", after=after, **fields)  # type: ignore[arg-type]


def word(*tasks: str) -> Word:
    """`a` is done, `a!` has failed, `a+` is to be done again, `a=x` chose x."""
    became = {"!": Became.FAILED, "+": Became.AGAIN, "^": Became.ESCALATED}
    labels = []
    for text in tasks:
        task, _, option = text.partition("=")
        labels.append(Label(task.rstrip("!+^"), became.get(task[-1], Became.DONE), option))
    return tuple(labels)


def distance(log: Sequence[Label], run: Sequence[Label]) -> int:
    """Log moves and model moves between two sequences: by the table of longest common subsequences."""
    row = list(range(len(run) + 1))
    for label in log:
        before, row = row, [row[0] + 1]
        for number, planned in enumerate(run):
            both = before[number] if planned == label else len(log) + len(run)
            row.append(min(both, before[number + 1] + 1, row[number] + 1))
    return row[-1]


def nearest(log: Sequence[Label], language: Iterable[Word]) -> int:
    return min(distance(log, run) for run in language)


def linear_extensions(steps: Sequence[PlaybookStep], among: Sequence[str]) -> Iterable[Word]:
    """All orders of these tasks in which each comes after those that it waits for."""
    after = {s.id: set(s.after) for s in steps}
    for order in permutations(among):
        if all(after[id] <= set(order[:place]) for place, id in enumerate(order)):
            yield word(*order)


IDS = "abcde"


@st.composite
def partial_orders(draw: st.DrawFn, most: int = 5) -> list[PlaybookStep]:
    size = draw(st.integers(1, most))
    return [step(id, *draw(st.sets(st.sampled_from(IDS[:n]))) if n else ()) for n, id in enumerate(IDS[:size])]


LOGS = st.lists(st.sampled_from([*IDS, "x"]), max_size=6)


@settings(max_examples=150, deadline=None)
@given(partial_orders(), LOGS)
def test_a_partial_order_is_aligned_as_the_nearest_of_its_linear_extensions(
    steps: list[PlaybookStep], happened: list[str]
) -> None:
    log, planned = word(*happened), Planned(steps)
    found = align(planned, log)
    assert found.cost == nearest(log, linear_extensions(steps, [s.id for s in steps]))
    assert found.worst == len(log) + len(steps)


@settings(max_examples=100, deadline=None)
@given(partial_orders(4), st.data(), LOGS)
def test_a_task_with_an_open_condition_may_be_left_out_with_what_follows(
    steps: list[PlaybookStep], data: st.DataObject, happened: list[str]
) -> None:
    """Allowed: any set of tasks that contains what each of it waits for, and every task without a condition of which
    all predecessors are in it."""
    open_ = data.draw(st.sets(st.sampled_from([s.id for s in steps])))
    guarded = [step(s.id, *s.after, guard=OPEN if s.id in open_ else None) for s in steps]
    ids = [s.id for s in steps]
    subsets = [set(c) for c in chain.from_iterable(combinations(ids, n) for n in range(len(ids) + 1))]
    allowed = [
        chosen
        for chosen in subsets
        if all(set(s.after) <= chosen for s in steps if s.id in chosen)
        and all(s.id in chosen for s in steps if s.id not in open_ and set(s.after) <= chosen)
    ]
    language = [run for chosen in allowed for run in linear_extensions(steps, sorted(chosen))]
    assert align(Planned(guarded), word(*happened)).cost == nearest(word(*happened), language)


BRANCHES = [
    step("ask", options=("wait", "move")),
    step("wait-on", "ask", guard=Guard("chosen", task="ask", option="wait")),
    step("move-on", "ask", guard=Guard("chosen", task="ask", option="move")),
    step("check", after_any=("wait-on", "move-on")),
]
BRANCHES_ALLOW = [word("ask=wait", "wait-on", "check"), word("ask=move", "move-on", "check")]
LOOP = [step("mend"), step("look", "mend", repeats_from="mend", passes=3), step("tell", "look")]
LOOP_ALLOWS = [
    word(*("mend", "look+") * passes, "mend", last, *(["tell"] if last == "look" else []))
    for passes in range(3)
    for last in ("look", "look!")
    if passes < 3
]
WAYS_OUT = [
    step("try", on_failure="go-to", go_to="other"),
    step("after", "try"),
    step("other"),
    step("up", on_failure="escalate"),
]
WAYS_OUT_ALLOW = [
    run
    for first, second in product([("try", "after"), ("try!", "other")], [("up",), ("up^", "up"), ("up^", "up!")])
    for run in {
        word(*order)
        for order in permutations((*first, *second))
        if order.index(first[0]) < order.index(first[1]) and [x for x in order if x in second] == list(second)
    }
]
CASES = {"branches": (BRANCHES, BRANCHES_ALLOW), "loop": (LOOP, LOOP_ALLOWS), "ways out": (WAYS_OUT, WAYS_OUT_ALLOW)}


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_branches_loops_and_ways_out_are_aligned_as_the_nearest_of_what_they_allow(
    name: str, data: st.DataObject
) -> None:
    steps, language = CASES[name]
    alphabet = sorted({label for run in language for label in run} | {Label("x")})
    base = list(data.draw(st.sampled_from(language)))
    log = tuple(data.draw(st.permutations(base))[: data.draw(st.integers(0, 6))]) + tuple(
        data.draw(st.lists(st.sampled_from(alphabet), max_size=3))
    )
    unplanned = (Became.FAILED, Became.ESCALATED)
    possible = [
        run
        for run in language
        # nobody plans to fail: such a label is taken together with the log or not at all
        if all(log.count(label) >= run.count(label) for label in run if label.became in unplanned)
    ]
    expected = min(_planned_distance(log, run) for run in possible)
    assert align(Planned(steps), log).cost == expected


def _planned_distance(log: Sequence[Label], run: Sequence[Label]) -> int:
    """As `distance`, where failures and escalations of the run have to be found in the log."""
    far = len(log) + len(run) + 1
    costs = [far if label.became in (Became.FAILED, Became.ESCALATED) else 1 for label in run]
    row = [sum(costs[:n]) for n in range(len(run) + 1)]
    for label in log:
        before, row = row, [row[0] + 1]
        for number, planned in enumerate(run):
            both = before[number] if planned == label else far
            row.append(min(both, before[number + 1] + 1, row[number] + costs[number]))
    return row[-1]


@pytest.mark.parametrize("name", CASES)
def test_everything_that_is_allowed_fits_wholly(name: str) -> None:
    steps, language = CASES[name]
    assert {align(Planned(steps), run).cost for run in language} == {0}


@pytest.mark.parametrize(
    ("happened", "cost", "fitness"),
    [
        (("a", "b", "c"), 0, 1.0),
        (("a", "c"), 1, 1 - 1 / 5),
        (("a", "x", "b", "c"), 1, 1 - 1 / 7),
        (("b", "a", "c"), 2, 1 - 2 / 6),
        ((), 3, 0.0),
        (("x", "x"), 5, 0.0),
    ],
)
def test_fitness_is_what_is_published(happened: tuple[str, ...], cost: int, fitness: float) -> None:
    found = align(Planned([step("a"), step("b", "a"), step("c", "b")]), word(*happened))
    assert (found.cost, found.fitness) == (cost, pytest.approx(fitness))


def test_the_moves_of_an_alignment_give_both_sides() -> None:
    log = word("a", "x", "c")
    found = align(Planned([step("a"), step("b", "a"), step("c", "b")]), log)
    assert tuple(m.label for m in found.moves if m.move is not Move.MODEL) == log
    assert tuple(m.label for m in found.moves if m.move is not Move.LOG) == word("a", "b", "c")
    assert found.cost == sum(m.move is not Move.SYNCHRONOUS for m in found.moves)


def test_what_is_not_asked_for_yet_is_not_missed() -> None:
    steps = [step("a"), step("b", "a"), step("c", "b")]
    assert align(Planned(steps, required=["b"]), word("a", "b")).cost == 0
    assert align(Planned(steps, required=["b"]), word("a")).cost == 1
    assert align(Planned(steps, required=["b"]), ()).cost == 2


def test_a_playbook_of_forty_tasks_of_which_half_were_done_is_aligned_at_once() -> None:
    """Ten rows of four tasks at a time: 24 ** 10 orders."""
    steps = [step(f"t{row}{n}", *(f"t{row - 1}{m}" for m in range(4) if row)) for row in range(10) for n in range(4)]
    log = word(*(f"t{row}{n}" for row in range(10) for n in (3, 1)))
    planned = Planned(steps)
    assert align(planned, log).cost == 20
    assert planned.may_end(State(fired=frozenset(planned.steps), ever=frozenset(planned.steps)))
