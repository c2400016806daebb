"""Two rotas side by side: the same weeks of pages through both, many times, and what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import fsum

from reports.workload.load import ASPECTS, Aspect
from studies.paired import FEWEST, Difference, paired_difference
from studies.rota.trial import Setting, Trial, acknowledged_quantile, try_rota
from topologies.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Outcome:
    """A figure of a trial; None where there is nothing to tell."""

    id: str
    title: str
    read: Callable[[Trial], float | None]


@dataclass(frozen=True, slots=True)
class Compared:
    """One outcome under both rotas; no difference where too few replications tell both."""

    outcome: Outcome
    difference: Difference | None


def _unequal(aspect: str) -> Callable[[Trial], float | None]:
    found: Aspect = next(a for a in ASPECTS if a.id == aspect)
    return lambda trial: found.inequality(trial.load.people)


def _most(aspect: str) -> Callable[[Trial], float | None]:
    found: Aspect = next(a for a in ASPECTS if a.id == aspect)
    return lambda trial: max((value for p in trial.load.people if (value := found.read(p)) is not None), default=None)


def _sum_of(aspect: str) -> Callable[[Trial], float | None]:
    found: Aspect = next(a for a in ASPECTS if a.id == aspect)
    return lambda trial: fsum(found.read(person) or 0 for person in trial.load.people)


def _mean_per_shift(trial: Trial) -> float | None:
    shifts = sum(person.shifts for person in trial.load.people)
    return len(trial.load.pages or ()) / shifts if shifts else None


def _mean_wait(trial: Trial) -> float | None:
    return fsum(trial.acknowledged_s) / len(trial.acknowledged_s) if trial.acknowledged_s else None


OUTCOMES = (
    Outcome("gini_on_call_hours", "Gini of hours on call", _unequal("on_call_hours")),
    Outcome("gini_night_hours", "Gini of night hours", _unequal("night_hours")),
    Outcome("gini_weekends", "Gini of weekends", _unequal("weekends")),
    Outcome("gini_pages", "Gini of pages", _unequal("pages")),
    Outcome("gini_sleep_hour_pages", "Gini of pages in sleep hours", _unequal("sleep_hour_pages")),
    Outcome("sleep_hour_pages", "pages in sleep hours", _sum_of("sleep_hour_pages")),
    Outcome("most_sleep_hour_pages", "most of them for one person", _most("sleep_hour_pages")),
    Outcome("pages_per_shift", "pages per shift", _mean_per_shift),
    Outcome("busiest_12h", "most incidents in 12 h", _most("busiest_12h")),
    Outcome("acknowledge_mean_s", "mean time to acknowledge (s)", _mean_wait),
    Outcome("acknowledge_p90_s", "90th percentile of it (s)", lambda t: acknowledged_quantile(t.acknowledged_s, 0.9)),
    Outcome(
        "first_step_ratio",
        "answered by the first step",
        lambda trial: trial.first_step / trial.incidents if trial.incidents else None,
    ),
)


def compare(
    today: Organisation,
    proposed: Organisation,
    setting: Setting,
    replications: int,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Compared]:
    """The outcomes of both rotas over replications 0, 1, ..., proposed minus today.

    Only replications in which both tell an outcome count for it.  `progress` is told the share that is done.
    """
    pairs = []
    for replication in range(replications):
        pairs.append((try_rota(today, setting, replication), try_rota(proposed, setting, replication)))
        progress((replication + 1) / replications)
    compared = []
    for outcome in OUTCOMES:
        values = [(outcome.read(before), outcome.read(after)) for before, after in pairs]
        known = [(x, y) for x, y in values if x is not None and y is not None]
        firsts, seconds = [x for x, _ in known], [y for _, y in known]
        compared.append(Compared(outcome, paired_difference(firsts, seconds) if len(known) >= FEWEST else None))
    return compared
