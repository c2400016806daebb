"""Recovery against closed formulas, through estates as files state them.

Each case is one estate of many independent stores, played with several seeds; the mean over all of them is held against
the formula, with a 95 % interval whose half-width is at most 1 % of the value, and the neighbours of the formula must
lie outside of it.  Sources:

- standby with imperfect switching (coverage c): T. F. Arnold, The concept of coverage and its effect on the reliability
  model of a repairable system, IEEE Transactions on Computers C-22 (1973);
- age of the last periodic event at a random moment, T / 2: S. M. Ross, Introduction to Probability Models, ch. 7
  (renewal processes: mean age with a fixed interval);
- number of independent trials until one succeeds, 1 / (1 - p): the geometric distribution, ibid. ch. 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable
from datetime import datetime
from statistics import NormalDist, mean, stdev
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import simpy

from scenarios.models import ScenarioFault
from simulator.estate import ModelledEstate
from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.signals import SignalBoard
from timeline.commands import Action, Command, Outcome, RestoreOrder, Verdict
from timeline.instants import DAY, HOUR, SECOND
from timeline.journal import Timeline
from timeline.references import SCENARIO, component
from topologies.estate import Estate
from topologies.loading.document import parse_document
from topologies.loading.validation import validate

HEAD = "{format: blackstart/estate/1, title: test, timezone: UTC, "
MONDAY = datetime(2026, 3, 16, tzinfo=ZoneInfo("UTC"))
Z95 = NormalDist().inv_cdf(0.975)


def stores(count: int, store: str) -> str:
    """So many equal databases, and a function on each that tells what it loses."""
    parts = ", ".join(f"c{n}: {{title: c, kind: database, {store}}}" for n in range(count))
    functions = ", ".join(
        f"f{n}: {{title: f, minimum_level: 0.5, supported_by: {{c{n}: {{type: hard}}}}}}" for n in range(count)
    )
    return HEAD + f"components: {{{parts}}}, functions: {{{functions}}}}}"


def pairs(count: int, pair: str) -> str:
    members = ", ".join(f"{m}{n}: {{title: m, kind: database}}" for n in range(count) for m in "ab")
    found = ", ".join(f"p{n}: {{title: p, primary: a{n}, standby: b{n}, {pair}}}" for n in range(count))
    functions = ", ".join(
        f"f{n}: {{title: f, minimum_level: 0.5, supported_by: {{p{n}: {{type: hard}}}}}}" for n in range(count)
    )
    return HEAD + f"components: {{{members}}}, standby_pairs: {{{found}}}, functions: {{{functions}}}}}"


class Trial:
    """One estate played with one seed."""

    def __init__(self, estate: Estate, seed: int, crashed: Iterable[str], at_ms: int) -> None:
        self.timeline = Timeline()
        self.kernel = Kernel(self.timeline, Streams(seed), MONDAY)
        self.estate = ModelledEstate(
            self.kernel, estate, SignalBoard(-HOUR), lambda: None, lambda *_: None, lambda *_: None, until_ms=60 * DAY
        )
        self.estate.start()
        crash = {"fault": "crash", "at": f"{at_ms}ms"}
        self.estate.schedule({f"of-{id}": ScenarioFault.model_validate({**crash, "target": id}) for id in crashed})

    def until(self, at_ms: int) -> Trial:
        self.kernel.env.run(until=at_ms)
        return self

    def attempts(self, id: str, action: Action, found: Callable[[int], None]) -> None:
        """Gives one order after the other until one is completed; a copy that was no good is not tried again."""

        def run() -> Generator[simpy.Event, Any, None]:
            bad: set[str] = set()
            for attempt in range(1, 1000):
                order = None
                if action is Action.RESTORE:
                    copies = self.estate.data.catalogue(self.estate.compiled[id])
                    order = RestoreOrder(next(copy.id for copy in copies if copy.id not in bad))
                command = Command(action, component(id), SCENARIO, 0, occasion=f"attempt-{attempt}", restore=order)
                outcome: Outcome = yield self.estate.submit(command)
                if outcome.verdict is Verdict.COMPLETED:
                    return found(attempt)
                if outcome.finding is not None and outcome.finding.unusable_copy is not None:
                    bad.add(outcome.finding.unusable_copy)

        self.kernel.env.process(run())


def estate_of(text: str) -> Estate:
    return validate(parse_document(text, "estate.yaml"), Estate)


def holds(samples: list[float], formula: float, *neighbours: float) -> None:
    half = Z95 * stdev(samples) / math.sqrt(len(samples))
    assert half <= 0.01 * formula, (half, len(samples))
    assert abs(mean(samples) - formula) <= 1.5 * half, (mean(samples), formula, half)
    for neighbour in neighbours:
        assert abs(mean(samples) - neighbour) > 2 * half, (mean(samples), neighbour, half)


def losses_h(trial: Trial) -> list[float]:
    return [event.detail.lost_ms / HOUR for event in trial.timeline.of_kind("data.lost")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("every_h", "takes_h"), [(4, 3)])
def test_loss_with_periodic_copies_is_half_the_interval_and_what_a_copy_takes(every_h: int, takes_h: int) -> None:
    plan = (
        f"every: {every_h}h, offset: 'uniform(0s, {every_h}h)', takes: {takes_h}h, keeps: 3d, restore: 1m"  # one copy
    )
    count, samples = 25, list[float]()
    estate = estate_of(stores(count, f"data: {{backups: {{b: {{{plan}}}}}}}"))
    for seed in range(100):
        trial = Trial(estate, seed, (f"c{n}" for n in range(count)), 24 * HOUR).until(24 * HOUR + 1)
        for n in range(count):
            trial.attempts(f"c{n}", Action.RESTORE, lambda _: None)
        samples += losses_h(trial.until(26 * HOUR))
    formula = every_h / 2 + takes_h
    holds(samples, formula, every_h / 2, takes_h, every_h + takes_h, (every_h + 1) / 2 + takes_h)


@pytest.mark.prove
@pytest.mark.parametrize("bad", [0.1, 0.3])
def test_copies_tried_until_one_is_good_are_geometric_and_each_bad_one_costs_an_interval(bad: float) -> None:
    plan = f"every: 1h, offset: 'uniform(0s, 1h)', keeps: 7d, restore: 1s, bad: {bad}"
    count, attempts, ages = 25, list[float](), list[float]()
    estate = estate_of(stores(count, f"data: {{backups: {{b: {{{plan}}}}}}}"))
    for seed in range(1440):
        trial = Trial(estate, seed, (f"c{n}" for n in range(count)), 24 * HOUR).until(24 * HOUR + 1)
        for n in range(count):
            trial.attempts(f"c{n}", Action.RESTORE, attempts.append)
        ages += losses_h(trial.until(24 * HOUR + 600 * SECOND))
    holds(attempts, 1 / (1 - bad), 1 + bad, 1 / (1 - bad - 0.05))
    holds(ages, 0.5 + bad / (1 - bad), 0.5 + bad, 0.5 + 1 / (1 - bad))


@pytest.mark.prove
def test_attempts_with_a_chance_of_failure_are_geometric() -> None:
    count, failure, samples = 25, 0.2, list[float]()
    terms = f"recovery: {{restart: 1m}}, procedures: {{restart: {{failure: {failure}}}}}"
    estate = estate_of(stores(count, terms))
    for seed in range(360):
        trial = Trial(estate, seed, ["c0"], HOUR).until(HOUR + 1)
        for n in range(count):
            trial.attempts(f"c{n}", Action.RESTART, samples.append)
        trial.until(2 * HOUR)
    holds(samples, 1 / (1 - failure), 1 + failure, 1 / (1 - failure - 0.05), 1 / (1 - failure + 0.05))


@pytest.mark.prove
def test_loss_with_asynchronous_replication_is_the_mean_lag_times_the_rate() -> None:
    """The mean of a lognormal lag, not its median: median x exp(sigma^2 / 2)."""
    median_s, p90_s, per_s, count, samples = 30.0, 45.0, 12, 25, list[float]()
    lag = f"replication: {{type: asynchronous, lag: 'lognormal(median={median_s}s, p90={p90_s}s)'}}"
    over = f"fail_over: {{mode: automatic, detection: 10s, takes: 1m}}, transactions_per_s: {per_s}"
    estate = estate_of(pairs(count, f"{lag}, {over}"))
    for seed in range(180):
        trial = Trial(estate, seed, (f"a{n}" for n in range(count)), HOUR).until(2 * HOUR)
        samples += [event.detail.transactions for event in trial.timeline.of_kind("data.lost")]  # type: ignore[attr-defined]
    sigma = math.log(p90_s / median_s) / NormalDist().inv_cdf(0.9)
    holds(samples, per_s * median_s * math.exp(sigma**2 / 2), per_s * median_s, (per_s + 1) * median_s)


@pytest.mark.prove
def test_a_standby_with_imperfect_switching_is_served_with_the_probability_of_its_coverage() -> None:
    """The primary is lost and a share of the standbys is dead: served with c x (share of standbys that live)."""
    coverage, dead, count, samples = 0.85, 0.2, 25, list[float]()
    over = "fail_over: {mode: automatic, detection: 10s, takes: 1m}"
    estate = estate_of(pairs(count, f"{over}, procedures: {{fail-over: {{failure: {1 - coverage}}}}}"))
    crashed = [f"a{n}" for n in range(count)] + [f"b{n}" for n in range(int(count * dead))]
    for seed in range(840):
        trial = Trial(estate, seed, crashed, HOUR).until(2 * HOUR)
        samples += [float(trial.estate.compiled[f"p{n}"].level >= 0.5) for n in range(count)]
    holds(samples, coverage * (1 - dead), 1 - dead, coverage, (coverage - 0.05) * (1 - dead), coverage * (0.95 - dead))
