"""Continuity against closed formulas, through estates and organisations as files state them.

- First of k answers: each of k people paged at once misses the page with chance p, else answers after an exponential
  time of mean m.  Of n who answer, the first does after an exponential time of mean m/n (S. M. Ross, Introduction to
  Probability Models, 5.2.3, the minimum of exponentials); n is binomial, given that it is not 0.
- Catch-up of a backlog: a fluid queue (L. Kleinrock, Queueing Systems II, 2.7, the fluid approximation).  After an
  outage of T with a fallback of throughput f from s on, the backlog is s + (T - s)(1 - f); with extra capacity e it
  takes that / e to catch up.

Neighbours (one person, one step of throughput more or fewer) must lie outside what the same test accepts.
"""

from __future__ import annotations

import math
from datetime import datetime
from statistics import fmean, stdev
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.response.oncall import OnCall
from simulator.response.paging import Call, Pager
from simulator.response.staff import Staff
from tests.simulator.estate.building import Rig
from tests.simulator.response.building import Channels
from timeline.commands import Action, Command
from timeline.details import IncidentDetail
from timeline.instants import HOUR, MINUTE
from timeline.journal import Timeline
from timeline.references import SCENARIO, function, incident
from topologies.estate import Estate
from topologies.loading.document import parse_document
from topologies.loading.validation import validate
from topologies.organisation import Organisation

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("UTC"))
MEAN_MIN, PATIENCE = 10.0, "40h"


def organisation(k: int, missed: float) -> Organisation:
    """One step that pages k people at once; hours for an answer, so that none is cut off."""
    time = "exponential(mean=10m)"
    answer = f"{{day: {time}, night: {time}, missed_day: {missed}, missed_night: {missed}}}"
    person = "{title: person, timezone: UTC, contact: [bell], answer: " + answer + "}"
    people = "\n".join(f"  p{n}: {person}" for n in range(k))
    text = f"""
format: blackstart/organisation/1
title: test
people:
{people}
teams: {{}}
channels: {{bell: {{title: bell, latency: 0s, failure: 0}}}}
policies: {{all: {{title: all, steps: [{{people: [{", ".join(f"p{n}" for n in range(k))}], wait: {PATIENCE}}}]}}}}
severities: [{{severity: sev1, title: all, otherwise: true}}]
working: {{triage: 1m, validation: 1m, check: 1m, check_unskilled: 1m, decision: 1m, verification: 1m}}
"""
    return validate(parse_document(text, "organisation.yaml"), Organisation)


def first_answers(k: int, missed: float, runs: int) -> tuple[list[float], int]:
    """Minutes until the first answer of each escalation that had one, and how many had none."""
    org = organisation(k, missed)
    kernel = Kernel(Timeline(), Streams(11), NOON)
    pager = Pager(kernel, org, OnCall(org, NOON), Staff(kernel.env, org), Channels())
    opened = kernel.emit("incident.opened", incident("i"), SCENARIO, IncidentDetail("detected"))
    answers: list[float] = []
    none = 0
    for number in range(runs):
        began = kernel.now()
        process = kernel.env.process(pager.escalate("all", Call(f"i{number}", "test", opened.seq)))
        answer = kernel.env.run(until=process)
        kernel.env.run()
        if answer is None:
            none += 1
        else:
            answers.append((answer.event.at_ms - began) / MINUTE)
    return answers, none


def expected_first(k: int, missed: float) -> float:
    """Mean of the first answer in minutes, given that there is one."""
    weights = [math.comb(k, n) * (1 - missed) ** n * missed ** (k - n) for n in range(1, k + 1)]
    return sum(w * MEAN_MIN / n for n, w in zip(range(1, k + 1), weights, strict=True)) / (1 - missed**k)


def distribution_of_first(k: int, missed: float, minutes: float) -> float:
    """P(first answer within a time), given that there is one."""
    within = 1 - (missed + (1 - missed) * math.exp(-minutes / MEAN_MIN)) ** k
    return within / (1 - missed**k)


def _agrees(k: int, missed: float, runs: int, widest: float) -> None:
    answers, none = first_answers(k, missed, runs)
    mean, half = fmean(answers), 1.96 * stdev(answers) / math.sqrt(len(answers))
    assert half / mean <= widest
    assert abs(mean - expected_first(k, missed)) <= 1.5 * half
    for neighbour in (k - 1, k + 1):
        assert abs(mean - expected_first(neighbour, missed)) > 3 * half
    unanswered = missed**k
    assert abs(none / runs - unanswered) <= 3 * math.sqrt(unanswered * (1 - unanswered) / runs)
    # Kolmogorov and Smirnov at 1 %: the whole distribution, not its mean only.
    values = np.sort(np.asarray(answers))
    model = np.asarray([distribution_of_first(k, missed, v) for v in values])
    steps = np.arange(1, len(values) + 1) / len(values)
    distance = max(float(np.max(steps - model)), float(np.max(model - steps + 1 / len(values))))
    assert distance < 1.63 / math.sqrt(len(values))


def test_the_first_of_k_answers_follows_the_minimum_of_exponentials() -> None:
    _agrees(3, 0.3, 3_000, 0.05)


@pytest.mark.prove
@pytest.mark.parametrize(("k", "missed"), [(2, 0.2), (3, 0.3), (5, 0.5)])
def test_the_first_of_k_answers_within_one_per_cent(k: int, missed: float) -> None:
    _agrees(k, missed, 80_000, 0.01)


def caught_up_after_hours(outage_h: float, setup_h: float, throughput: float, extra: float) -> float:
    """From restoration until nothing is left, as the model has it."""
    text = f"""
format: blackstart/estate/1
title: test
timezone: Europe/Zurich
components: {{web: {{title: web, kind: service}}}}
functions:
  f:
    title: f
    supported_by: {{web: {{type: hard}}}}
    fallback: {{title: by hand, throughput: {throughput}, set_up: {round(setup_h * 60)}m}}
    backlog: {{extra_capacity: {extra}}}
"""
    estate = validate(parse_document(text, "estate.yaml"), Estate)
    rig = Rig.of(estate, hours=200)
    down = round(outage_h * 60)
    cause = rig.kernel.emit("incident.opened", incident("i"), SCENARIO, IncidentDetail("detected")).seq
    command = Command(Action.START_FALLBACK, function("f"), SCENARIO, cause, occasion="test")
    rig.kernel.call_at(60 * MINUTE, lambda: rig.estate.submit(command))
    rig.play(crash={"fault": "crash", "target": "web", "at": "60m", "duration": f"{down}m"})
    (cleared,) = rig.timeline.of_kind("backlog.cleared")
    return (cleared.at_ms - (60 + down) * MINUTE) / HOUR


def catch_up_formula(outage_h: float, setup_h: float, throughput: float, extra: float) -> float:
    return (setup_h + (outage_h - setup_h) * (1 - throughput)) / extra


@pytest.mark.parametrize(
    ("outage_h", "setup_h", "throughput", "extra"),
    [(4, 1, 0.4, 0.25), (6, 0.5, 0.6, 0.5), (2, 1.5, 0.2, 0.1), (8, 2, 0.9, 1.0)],
)
def test_a_backlog_is_caught_up_as_a_fluid_queue(
    outage_h: float, setup_h: float, throughput: float, extra: float
) -> None:
    measured = caught_up_after_hours(outage_h, setup_h, throughput, extra)
    expected = catch_up_formula(outage_h, setup_h, throughput, extra)
    assert measured == pytest.approx(expected, rel=0.001)
    for neighbour in (
        catch_up_formula(outage_h, setup_h, throughput + 0.1, extra),
        catch_up_formula(outage_h, setup_h, throughput - 0.1, extra),
        catch_up_formula(outage_h, setup_h + 0.25, throughput, extra),
        catch_up_formula(outage_h, setup_h, throughput, extra + 0.05),
    ):
        assert measured != pytest.approx(neighbour, rel=0.01)
