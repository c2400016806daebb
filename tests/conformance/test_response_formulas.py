"""People at work against closed formulas, through organisations and estates as files state them.

Each case plays many independent incidents; the figures are held against the formula with a 95 % interval, and the
neighbours of the formula must lie outside of it.  `make prove` narrows the half-width to 1 % of the value, `make test`
plays fewer.  Sources:

- incidents that wait for one of c responders: A. K. Erlang, Solution of some problems in the theory of probabilities of
  significance in automatic telephone exchanges (1917); with the waiting time of those who wait exponential, and the
  figures seen by who arrives those of all time (R. W. Wolff, Poisson arrivals see time averages, 1982);
- escalation step by step: independent trials, and for reactions that may still come the first of exponential times that
  begin one after the other (S. M. Ross, Introduction to Probability Models, ch. 5);
- a search among k equally likely causes: the place of a marked item in k, (k + 1) / 2 (ibid. ch. 3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from statistics import NormalDist, mean, stdev
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from scenarios.models import ScenarioFault
from simulator.estate import ModelledEstate
from simulator.exercise import facts_of
from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.response import Response
from simulator.sides import Delivered, DeliveredAlert
from simulator.signals import SignalBoard
from timeline.details import AlertDetail, NotificationDetail, PageDetail
from timeline.events import Event
from timeline.instants import HOUR, MINUTE
from timeline.journal import Timeline
from timeline.references import MONITORING, Reference, RefKind
from topologies.estate import Estate
from topologies.loading.document import parse_document
from topologies.loading.validation import validate
from topologies.organisation import Organisation

MONDAY = datetime(2026, 3, 16, 10, tzinfo=ZoneInfo("UTC"))
Z95 = NormalDist().inv_cdf(0.975)


@cache
def machines(count: int, restart: str) -> Estate:
    """So many components that stand alone."""
    each = f"kind: service, owner: crew, recovery: {{restart: '{restart}'}}"
    parts = ", ".join(f"m{n}: {{title: machine, {each}}}" for n in range(count))
    return _estate(f"components: {{{parts}}}")


@cache
def shop(count: int) -> Estate:
    """One function on so many components, each of which takes it down."""
    each = "kind: service, owner: crew, recovery: {restart: 10m}"
    parts = ", ".join(f"m{n}: {{title: machine, {each}}}" for n in range(count))
    needs = ", ".join(f"m{n}: {{type: hard}}" for n in range(count))
    reports = "reports: {users: 60000, share: 1}"
    function = f"shop: {{title: Shop, owner: crew, minimum_level: 0.5, supported_by: {{{needs}}}, {reports}}}"
    return _estate(f"components: {{{parts}}}, functions: {{{function}}}")


def _estate(text: str) -> Estate:
    head = "{format: blackstart/estate/1, title: test, timezone: UTC, "
    return validate(parse_document(f"{head}{text}}}", "estate.yaml"), Estate)


def crew(people: Sequence[str], steps: str, *, policy: str = "", triage: str = "0s", check: str = "0s") -> Organisation:
    """A team with these people (each as `missed: 0.3, day: 1m`), paged by these steps; everything else takes no time.

    Signs at different components are different incidents.
    """
    lines = "\n".join(
        f"  p{n}: {{title: engineer, team: crew, timezone: UTC, skills: {{'*': 1}}, contact: [push], answer: {{{a}}}}}"
        for n, a in enumerate(people, 1)
    )
    text = f"""
format: blackstart/organisation/1
title: test
people:
{lines}
teams:
  crew: {{title: Crew, policy: crew}}
policies:
  crew: {{title: crew, steps: [{steps}]{policy}}}
receivers: {{pager: crew}}
channels:
  push: {{title: push, latency: 0s, failure: 0}}
authority:
  - {{action: restart, teams: [crew]}}
severities:
  - {{severity: sev3, title: all, otherwise: true}}
service_desk: {{team: crew, reports_to_open: 1, handling: 0s}}
event_management:
  correlation: {{window: 1s, hops: 0}}
working: {{triage: {triage}, validation: 0s, check: {check}, check_unskilled: {check}, decision: 0s, verification: 0s}}
"""
    return validate(parse_document(text, "organisation.yaml"), Organisation)


class Anywhere:
    """Every channel works, and everybody is there."""

    def channel_works(self, _: str) -> bool:
        return True

    def out_for_ms(self, _: str) -> int | None:
        return 0


class Trial:
    """One estate and one organisation, without monitoring: alerts are delivered the moment a component crashes."""

    def __init__(self, estate: Estate, organisation: Organisation, seed: int, until_ms: int) -> None:
        self.timeline = Timeline()
        self.kernel = Kernel(self.timeline, Streams(seed), MONDAY)
        self._until_ms = until_ms
        self.estate = ModelledEstate(
            self.kernel, estate, SignalBoard(-HOUR), lambda: None, self._report, lambda *_: None, until_ms=until_ms
        )
        self.response = Response(self.kernel, organisation, facts_of(estate), None, self.estate, Anywhere(), MONDAY)
        self.estate.start()

    def crash(self, component: str, at_ms: int, *, alerted: bool) -> None:
        fault = {"fault": "crash", "target": component, "at": f"{at_ms}ms"}
        self.estate.schedule({f"of-{component}": ScenarioFault.model_validate(fault)})
        if alerted:
            self.kernel.call_at(at_ms, lambda: self._alert(component))

    def play(self) -> Trial:
        self.kernel.env.run(until=self._until_ms)
        return self

    def by_incident(self, kind: str) -> dict[str, Event]:
        """The first event of a kind for each incident; of pages the incident is in the detail."""
        found: dict[str, Event] = {}
        for event in self.timeline.of_kind(kind):
            page = isinstance(event.detail, PageDetail)
            found.setdefault(event.detail.incident if page else event.subject.id, event)  # type: ignore[attr-defined]
        return found

    def _report(self, event: Event, function: str) -> None:
        self.response.report(event, function)

    def _alert(self, component: str) -> None:
        labels = {"alertname": "Down", "component": component}
        detail = AlertDetail("Down", tuple(labels.items()), (), None, self.kernel.now(), component)
        fired = self.kernel.emit("alert.firing", Reference(RefKind.ALERT, "Down"), MONITORING, detail)
        told = NotificationDetail("pager", component, "firing", ("Down",))
        sent = self.kernel.emit(
            "notification.sent", Reference(RefKind.RECEIVER, "pager"), MONITORING, told, [fired.seq]
        )
        alert = DeliveredAlert(labels, {}, "firing", fired.seq)
        self.response.notify(Delivered(sent.seq, "pager", "firing", component, (alert,)))


def holds(samples: Sequence[float], formula: float, *neighbours: float, within: float = 0.01) -> None:
    """Samples that do not depend on each other, or means over batches long enough not to.

    Neighbours are told apart where they are further away than figures so coarse can swing.
    """
    half = Z95 * stdev(samples) / math.sqrt(len(samples))
    assert half <= within * formula, (half / formula, len(samples))
    assert abs(mean(samples) - formula) <= 1.5 * half, (mean(samples), formula, half)
    for neighbour in (n for n in neighbours if abs(n - formula) > 4 * within * formula):
        assert abs(mean(samples) - neighbour) > 2 * half, (mean(samples), neighbour, half)


# Incidents that wait for a free responder

_HANDLED_MIN, _ARRIVALS, _WARM_UP = 10.0, 600, 100
"""Mean time of handling, incidents a run, and those of them that come before the line has its usual length."""


def erlang_c(servers: int, offered: float) -> float:
    """Chance that an arrival has to wait; `offered` is the load in servers."""
    busy = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return busy / (sum(offered**k / math.factorial(k) for k in range(servers)) + busy)


@dataclass(frozen=True)
class Line:
    """What one run shows after its warm-up: means over incidents, and how far gaps and repairs were from theirs."""

    waited: float
    wait_min: float
    gaps: float
    handled: float


def line(servers: int, offered: float, run: int) -> Line:
    """A team of so many, incidents that come as a Poisson process, exponential repairs, and no other time at all."""
    steps = f"{{people: [{', '.join(f'p{n + 1}' for n in range(servers))}], wait: 1h}}"
    team = crew(["day: 0s, night: 0s"] * servers, steps, policy=", when_busy: wait")
    gaps_ms = np.random.default_rng(run).exponential(_HANDLED_MIN / offered * MINUTE, _ARRIVALS)
    arrivals = [int(at) for at in np.cumsum(gaps_ms)]
    trial = Trial(machines(_ARRIVALS, f"exponential(mean={_HANDLED_MIN}m)"), team, run, arrivals[-1] + 100 * HOUR)
    for number, at_ms in enumerate(arrivals):
        trial.crash(f"m{number}", at_ms, alerted=True)
    trial.play()
    opened, called, closed = (
        list(trial.by_incident(kind).values()) for kind in ("incident.opened", "page.sent", "incident.closed")
    )
    assert len(opened) == len(called) == len(closed) == _ARRIVALS
    called_ms = {e.subject: e.at_ms for e in called}
    waits_ms = [called_ms[e.subject] - e.at_ms for e in opened][_WARM_UP:]
    took_ms = [e.at_ms - called_ms[e.subject] for e in closed][_WARM_UP:]
    queued = {e.subject for e in trial.timeline.of_kind("page.queued")}
    assert queued == {e.subject for e in opened if called_ms[e.subject] > e.at_ms}
    return Line(
        waited=mean(wait > 0 for wait in waits_ms),
        wait_min=mean(waits_ms) / MINUTE,
        gaps=float(gaps_ms[_WARM_UP:].mean()) / (_HANDLED_MIN / offered * MINUTE) - 1,
        handled=mean(took_ms) / (_HANDLED_MIN * MINUTE) - 1,
    )


def controlled(values: Sequence[float], lines: Sequence[Line]) -> list[float]:
    """Less what chance put in arrivals and repairs, whose true means are known (control variates: Lavenberg, Welch
    1981); as they are where the lines are too few to tell how much that is."""
    if len(lines) < 30:
        return list(values)
    chance = np.array([[one.gaps, one.handled] for one in lines])
    design = np.column_stack([np.ones(len(lines)), chance])
    weights, *_ = np.linalg.lstsq(design, np.array(values), rcond=None)
    return [float(value) for value in np.array(values) - chance @ weights[1:]]


def check_line(servers: int, offered: float, runs: int, *, within: float, wait_within: float) -> None:
    lines = [line(servers, offered, run) for run in range(runs)]
    chance = erlang_c(servers, offered)
    waited = controlled([one.waited for one in lines], lines)
    neighbours = [erlang_c(n, offered) for n in (servers - 1, servers + 1) if n > offered]
    holds(waited, chance, *neighbours, chance * 1.05, chance * 0.95, within=within)
    rate_left = (servers - offered) / _HANDLED_MIN
    waits = controlled([one.wait_min for one in lines], lines)
    holds(waits, chance / rate_left, *(p / rate_left for p in neighbours), within=wait_within)


def test_incidents_wait_for_one_of_two_as_erlang_says() -> None:
    check_line(2, 1.2, 6, within=0.15, wait_within=0.4)


@pytest.mark.prove
@pytest.mark.parametrize(("servers", "offered", "runs"), [(2, 1.2, 200), (3, 1.8, 330)])
def test_incidents_wait_for_one_of_several_as_erlang_says(servers: int, offered: float, runs: int) -> None:
    """The chance within 1 %; the mean wait swings far more (by 1 % it would take ten times as many incidents)."""
    check_line(servers, offered, runs, within=0.01, wait_within=0.05)


# Escalation step by step

_AT_ONCE = 100
"""Incidents of one trial: each is escalated by itself, and the draws of each are its own."""


@dataclass(frozen=True)
class Called:
    """Who answered for one incident, counted from 1 (None: nobody), and after how many minutes."""

    answered: int | None
    after_min: float


def called(team: Organisation, trials: int, until_ms: int) -> list[Called]:
    """Incidents that all begin in one moment; nothing is repaired before the end, so nobody has anything else to do."""
    found: list[Called] = []
    for seed in range(trials):
        trial = Trial(machines(_AT_ONCE, "30d"), team, seed, until_ms)
        for number in range(_AT_ONCE):
            trial.crash(f"m{number}", MINUTE, alerted=True)
        trial.play()
        answers = trial.by_incident("page.acknowledged")
        for id in trial.by_incident("incident.opened"):
            answer = answers.get(id.removeprefix("incident:"))
            who = None if answer is None else int(answer.actor.id.removeprefix("p"))
            found.append(Called(who, math.nan if answer is None else (answer.at_ms - MINUTE) / MINUTE))
    return found


def check_steps(trials: int, within: float) -> None:
    """Three steps whose people notice a page with these chances, and answer 90 s after it; two laps."""
    notice, waits_min, answer_min = (0.3, 0.4, 0.6), (5, 4, 6), 1.5
    people = [f"day: {answer_min}m, night: 0s, missed_day: {1 - p:g}" for p in notice]
    steps = ", ".join(f"{{people: [p{n}], wait: {wait}m}}" for n, wait in enumerate(waits_min, 1))
    found = called(crew(people, steps, policy=", repeat: 1"), trials, HOUR)
    nobody = math.prod(1 - p for p in notice)
    first_lap = [p * math.prod(1 - q for q in notice[:k]) for k, p in enumerate(notice)]
    begins = [sum(waits_min[:k]) for k in range(3)]
    for step, p in enumerate(first_lap):
        at = begins[step] + answer_min
        in_lap = [float(one.answered == step + 1 and one.after_min == at) for one in found]
        holds(
            in_lap, p, notice[step] * math.prod(1 - q for q in sorted(notice, reverse=True)[:step]) * 1.1, within=within
        )
        holds([float(one.answered == step + 1) for one in found], p * (1 + nobody), p, p / (1 - nobody), within=within)
    in_all = 1 - nobody**2
    mean_min = sum(
        p * nobody**lap * (sum(waits_min) * lap + begins[step] + answer_min)
        for lap in range(2)
        for step, p in enumerate(first_lap)
    )
    answered = [one.after_min for one in found if one.answered is not None]
    holds(answered, mean_min / in_all, mean_min, mean_min / in_all * 1.05, within=within)
    holds([float(one.answered is None) for one in found], 1 - in_all, nobody, nobody**3, within=3 * within)


def test_each_step_answers_with_the_chance_that_those_before_did_not() -> None:
    check_steps(8, 0.2)


@pytest.mark.prove
def test_each_step_answers_with_the_chance_that_those_before_did_not_within_a_percent() -> None:
    check_steps(1300, 0.01)


def check_late_answers(trials: int, within: float) -> None:
    """Nobody misses a page, everybody takes an exponential time, and whoever was paged before may still be first."""
    mean_min, wait_min, people = 10.0, 5.0, 3
    steps = ", ".join(f"{{people: [p{n}], wait: {'5m' if n < people else '30d'}}}" for n in range(1, people + 1))
    reaction = f"day: exponential(mean={mean_min}m), night: 0s"
    found = called(crew([reaction] * people, steps), trials, 2 * HOUR)
    assert all(one.answered is not None for one in found)

    def expected_min(most: int) -> tuple[float, list[float]]:
        """The mean time, and each person's chance, where `most` people are paged one after the other."""
        total, silent, chances = 0.0, 1.0, [0.0] * people
        for paged in range(1, most + 1):
            still = math.exp(-paged * wait_min / mean_min) if paged < most else 0.0
            total += silent * (1 - still) * mean_min / paged
            for n in range(paged):
                chances[n] += silent * (1 - still) / paged
            silent *= still
        return total, chances

    total, chances = expected_min(people)
    holds([one.after_min for one in found], total, expected_min(2)[0], mean_min, mean_min / people, within=within)
    for n, chance in enumerate(chances, 1):
        only_while_waited = (1 - math.exp(-wait_min / mean_min)) * math.exp(-(n - 1) * wait_min / mean_min)
        holds([float(one.answered == n) for one in found], chance, 1 / people, only_while_waited, within=3 * within)


def test_a_late_answer_of_an_earlier_step_still_counts() -> None:
    check_late_answers(4, 0.15)


@pytest.mark.prove
def test_a_late_answer_of_an_earlier_step_still_counts_within_a_percent() -> None:
    check_late_answers(360, 0.01)


# The search for a cause

CAUSES = 6


def checks_until_found(trials: int) -> list[float]:
    """Users report that the shop does not work; one of its components is broken, each as likely, and looking shows it.

    The search knows nothing that would put one before another, and looks at the last one left as well: it is not
    blamed by exclusion alone.
    """
    team = crew(["day: 0s, night: 0s"], "{people: [p1], wait: 1h}", check="1m")
    found = []
    for seed in range(trials):
        trial = Trial(shop(CAUSES), team, seed, HOUR)
        broken = int(Streams(seed).uniform("test", "which", "is-broken") * CAUSES)
        trial.crash(f"m{broken}", MINUTE, alerted=False)
        trial.play()
        (concluded,) = trial.timeline.of_kind("diagnosis.concluded")
        started, *_ = trial.timeline.of_kind("diagnosis.started")
        checks = 1 + sum(e.seq < concluded.seq for e in trial.timeline.of_kind("diagnosis.checked"))
        assert concluded.at_ms - started.at_ms == checks * MINUTE
        found.append(float(checks))
    return found


def by_exclusion(causes: int) -> float:
    """Checks when the last one left is not looked at."""
    return (causes - 1) * (causes + 2) / (2 * causes)


def test_a_search_among_equally_likely_causes_takes_half_of_them() -> None:
    holds(checks_until_found(300), (CAUSES + 1) / 2, CAUSES / 2, CAUSES, within=0.06)


@pytest.mark.prove
def test_a_search_among_equally_likely_causes_takes_half_of_them_within_a_percent() -> None:
    found = checks_until_found(11_000)
    holds(found, (CAUSES + 1) / 2, CAUSES / 2, (CAUSES + 2) / 2, by_exclusion(CAUSES), CAUSES)
