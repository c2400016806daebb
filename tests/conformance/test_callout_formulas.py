"""Callouts against closed forms, played as exercises on an estate from files.

- In a perfect tree everybody calls k others, one after another, each call taking c.  Of a tree of depth d, n calls
  after its root knows have been reached R(d, n) = 1 + R(d-1, n-1) + ... + R(d-1, n-k), with R(0, n) = 1: for k = 2 and
  while no branch has ended, R(n) - R(n-1) are the Fibonacci numbers.  With k calls at once, level l is reached after l.
- A mass notification over independent channels i, of which a share r_i of people has each and notices one message with
  chance a_i, reaches 1 - product of (1 - r_i (1 - (1 - a_i)^n)) in n messages.

Neighbours (one more or one fewer in k, in c, in n) have to be rejected by the same comparison.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import prod, sqrt
from pathlib import Path

import pytest

import blackstart
from simulator.exercise import run_exercise
from timeline.details import CalloutDetail
from timeline.instants import SECOND
from timeline.journal import Timeline

ESTATE = Path(__file__).parents[1] / "practices" / "library" / "quay" / "outage.yaml"
PERFECT = "organisation.channels.line={title: perfect line, latency: 0s, failure: 0}"
SECOND_LINE = "organisation.channels.other={title: another perfect line, latency: 0s, failure: 0}"
CALL_S = 90
RUNS = 40
Z95 = 1.96


def plan_with(callout: str) -> object:
    head = "title: all, stakeholders: staff, on: declared, role: incident-manager, preparing: 0s"
    target = "target: {share: 0.9, within: 1h}"
    setting = f"organisation.communication.callouts={{all: {{{head}, {target}, {callout}}}}}"
    return blackstart.plan_of(blackstart.load(ESTATE, settings=(PERFECT, SECOND_LINE, setting)))


def perfect_tree(fan_out: int, depth: int, at_once: int = 1) -> str:
    nodes, level = [], ["n"]
    for _ in range(depth):
        below = {node: [f"{node}-{number}" for number in range(fan_out)] for node in level}
        nodes += [f"{node}: {{calls: [{', '.join(children)}]}}" for node, children in below.items()]
        level = [child for children in below.values() for child in children]
    nodes += [f"{node}: {{}}" for node in level]
    ways = "ways: [{channel: line}]"
    written = ", ".join(nodes)
    return f"tree: {{begins_with: n, call: {CALL_S}s, at_once: {at_once}, {ways}, nodes: {{{written}}}}}"


@cache
def curve(fan_out: int, depth: int, at_once: int = 1) -> tuple[tuple[float, float], ...]:
    """Seconds since the start with how many have been reached by then, at each change."""
    timeline = run_exercise(plan_with(perfect_tree(fan_out, depth, at_once)), seed=1)  # type: ignore[arg-type]
    (started,) = timeline.of_kind("callout.started")
    last: dict[float, float] = {}
    for event in timeline.of_kind("callout.reached"):
        assert isinstance(event.detail, CalloutDetail)
        last[(event.at_ms - started.at_ms) / SECOND] = event.detail.reached
    return tuple(last.items())


def reached(fan_out: int, depth: int, calls: int) -> int:
    if calls < 0:
        return 0
    if depth == 0:
        return 1
    return 1 + sum(reached(fan_out, depth - 1, calls - place) for place in range(1, fan_out + 1))


def one_by_one(fan_out: int, depth: int, call_s: float) -> tuple[tuple[float, float], ...]:
    whole = fan_out * depth
    return tuple((calls * call_s, float(reached(fan_out, depth, calls))) for calls in range(whole + 1))


@pytest.mark.parametrize(("fan_out", "depth"), [(2, 4), (3, 3), (4, 2), (1, 6)])
def test_a_perfect_tree_reaches_as_many_as_its_formula_says(fan_out: int, depth: int) -> None:
    assert curve(fan_out, depth) == one_by_one(fan_out, depth, CALL_S)


@pytest.mark.parametrize("neighbour", [(1, 4, CALL_S), (3, 4, CALL_S), (2, 3, CALL_S), (2, 5, CALL_S)])
def test_a_tree_with_one_more_or_one_fewer_is_another(neighbour: tuple[int, int, float]) -> None:
    assert curve(2, 4) != one_by_one(*neighbour)


@pytest.mark.parametrize("call_s", [CALL_S - 1, CALL_S + 1])
def test_a_call_of_another_length_gives_another_curve(call_s: float) -> None:
    assert curve(2, 4) != one_by_one(2, 4, call_s)


def test_of_two_each_as_many_are_reached_as_in_the_two_calls_before() -> None:
    counts = [people for _, people in curve(2, 5)]
    new = [counts[0], *(b - a for a, b in pairwise(counts))]
    assert new[:6] == [1, 1, 2, 3, 5, 8]


@pytest.mark.parametrize("fan_out", [2, 3])
def test_with_all_calls_at_once_each_level_takes_one_call(fan_out: int) -> None:
    levels = [(level * CALL_S, sum(fan_out**n for n in range(level + 1))) for level in range(4)]
    assert list(curve(fan_out, 3, fan_out)) == levels
    assert curve(fan_out, 3, fan_out) != curve(fan_out, 3)


# Mass notification

P, Q = 0.6, 0.7


@cache
def share(ways: str, retries: int = 0) -> float:
    """Share of people reached, over several runs of a thousand people each."""
    mass = f"mass: {{people: 1000, retries: {retries}, again_after: 5m, ways: [{ways}]}}"
    plan = plan_with(mass)
    timelines = (run_exercise(plan, seed=7, replication=number) for number in range(RUNS))  # type: ignore[arg-type]
    return sum(final(timeline) for timeline in timelines) / RUNS


def final(timeline: Timeline) -> float:
    detail = timeline.of_kind("callout.reached", "callout.assessed")[-1].detail
    assert isinstance(detail, CalloutDetail)
    return detail.reached / detail.people


def expected(*ways: tuple[float, float], messages: int = 1) -> float:
    return 1 - prod(1 - reach * (1 - (1 - answers) ** messages) for reach, answers in ways)


def half_width(probability: float) -> float:
    return Z95 * sqrt(probability * (1 - probability) / (RUNS * 1_000))


BOTH = f"{{channel: line, reach: {P}}}, {{channel: other, reach: {Q}}}"
RETRIED = "{channel: line, reach: 0.8, answers: 0.5}, {channel: other, reach: 0.5, answers: 0.4}"


def test_independent_channels_miss_whom_each_of_them_misses() -> None:
    value = expected((P, 1), (Q, 1))
    assert value == pytest.approx(1 - (1 - P) * (1 - Q))
    assert half_width(value) <= 0.01 * value
    assert share(BOTH) == pytest.approx(value, abs=half_width(value))


@pytest.mark.parametrize(
    "neighbour", [max(P, Q), min(P + Q, 1), expected((P - 0.03, 1), (Q, 1)), expected((P, 1), (Q + 0.03, 1))]
)
def test_another_formula_or_another_channel_is_rejected(neighbour: float) -> None:
    value = expected((P, 1), (Q, 1))
    assert abs(share(BOTH) - neighbour) > half_width(value)


def test_messages_are_sent_again_to_whoever_did_not_notice() -> None:
    value = expected((0.8, 0.5), (0.5, 0.4), messages=3)
    assert share(RETRIED, 2) == pytest.approx(value, abs=half_width(value))


@pytest.mark.parametrize("messages", [2, 4])
def test_one_message_more_or_fewer_reaches_another_share(messages: int) -> None:
    value = expected((0.8, 0.5), (0.5, 0.4), messages=3)
    assert abs(share(RETRIED, 2) - expected((0.8, 0.5), (0.5, 0.4), messages=messages)) > half_width(value)
