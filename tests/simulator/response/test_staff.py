"""People do one thing at a time, the urgent first."""

from __future__ import annotations

from collections.abc import Generator
from itertools import pairwise
from typing import Any

import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.response.staff import Staff, Urgency
from tests.simulator.response.building import organisation
from topologies.organisation import Organisation

PEOPLE = ("ann", "max")
JOB = st.tuples(st.integers(0, 50), st.sampled_from(PEOPLE), st.integers(1, 20), st.sampled_from(Urgency))


@settings(max_examples=100, deadline=None)
@given(jobs=st.lists(JOB, max_size=30))
def test_nobody_does_two_things_at_once_and_everything_gets_done(jobs: list[tuple[int, str, int, Urgency]]) -> None:
    env = simpy.Environment()
    staff = Staff(env, Organisation.model_validate(organisation()))
    done: dict[str, list[tuple[int, int]]] = {who: [] for who in PEOPLE}

    def job(at_ms: int, who: str, takes_ms: int, urgency: Urgency) -> Generator[simpy.Event, Any, None]:
        yield env.timeout(at_ms)
        yield from staff.work(who, takes_ms, urgency)
        done[who].append((int(env.now) - takes_ms, int(env.now)))

    for spec in jobs:
        env.process(job(*spec))
    env.run()
    assert sum(map(len, done.values())) == len(jobs)
    for spans in done.values():
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(sorted(spans)))


def test_the_more_urgent_of_two_that_wait_goes_first() -> None:
    env = simpy.Environment()
    staff = Staff(env, Organisation.model_validate(organisation()))
    finished: list[str] = []

    def job(name: str, urgency: Urgency) -> Generator[simpy.Event, Any, None]:
        yield from staff.work("ann", 10, urgency)
        finished.append(name)

    for name, urgency in (("now", Urgency.UPDATE), ("update", Urgency.UPDATE), ("decision", Urgency.COMMAND)):
        env.process(job(name, urgency))
    env.run()
    assert finished == ["now", "decision", "update"]
