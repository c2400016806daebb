"""A replay with one queue and c responders is M/M/c: the time until service is back is the one that Erlang found.

Incidents come at random, each takes one of c equal people a time that is exponentially distributed, and who is free
takes the first that waits.  Organisation and estate are read from YAML, as a user's are.  Means of incidents that
follow each other are related, so the figure is estimated with control variates: the mean work and the mean time between
incidents, which are known (Lavenberg, Welch 1981).
"""

from math import factorial
from pathlib import Path
from random import Random

import numpy as np
import pytest

from studies.replay.study import Replication, replicate
from tests.studies.replay.building import (
    START_MS,
    incident,
    organisation,
    recorded_plan,
    subject_from_yaml,
    topology,
)
from timeline.instants import MINUTE

WORK_MIN = 10.0
LOAD = 1.5
"""Erlangs offered."""
BATCHES = 50


def waits_for_somebody(responders: int) -> float:
    """Erlang C: the share of incidents that find everybody busy."""
    nobody = LOAD**responders / factorial(responders) * responders / (responders - LOAD)
    return nobody / (sum(LOAD**k / factorial(k) for k in range(responders)) + nobody)


def minutes_until_over(responders: int) -> float:
    return WORK_MIN + waits_for_somebody(responders) * WORK_MIN / (responders - LOAD)


def replayed(folder: Path, responders: int, incidents: int) -> Replication:
    things = topology(recovery={"restart": f"exponential(mean={WORK_MIN:.0f}m)"})
    planned = recorded_plan(subject_from_yaml(folder, things, organisation(responders)))
    draw, at_min, made = Random(7), 0.0, []
    for number in range(incidents):
        at_min += draw.expovariate(LOAD / WORK_MIN)
        made.append(incident(f"i{number}", at_min))
    return replicate(planned, made, seed=1, replication=0)


def estimated(done: Replication) -> float:
    """Mean minutes from the first notice until service is back, with control variates over batches."""
    work = (done.restored_s - done.acknowledged_s) / 60
    began = np.array([one.at_ms - START_MS for one in done.incidents]) / MINUTE
    values = np.stack([done.restored_s / 60, work - WORK_MIN, np.diff(began, prepend=0.0) - WORK_MIN / LOAD])
    batches = values[:, : values.shape[1] // BATCHES * BATCHES].reshape(3, BATCHES, -1).mean(axis=2)
    explained = np.column_stack([np.ones(BATCHES), *batches[1:]])
    return float(np.linalg.lstsq(explained, batches[0], rcond=None)[0][0])


def check(folder: Path, responders: int, incidents: int) -> None:
    done = replayed(folder, responders, incidents)
    found = estimated(done)
    assert found == pytest.approx(minutes_until_over(responders), rel=0.01)
    assert float((done.acknowledge_s > 0).mean()) == pytest.approx(waits_for_somebody(responders), abs=0.01)
    for other in (responders - 1, responders + 1):
        assert found != pytest.approx(minutes_until_over(other), rel=0.05)


def test_three_responders_are_the_queue_of_erlang_and_neither_two_nor_four(tmp_path: Path) -> None:
    check(tmp_path, responders=3, incidents=60_000)


@pytest.mark.prove
def test_three_responders_are_the_queue_of_erlang_over_a_long_time(tmp_path: Path) -> None:
    check(tmp_path, responders=3, incidents=300_000)
