"""Practices that are studies over histories: 6.3 (trends feed capacity planning) and 7.6 (history tests the plan).

No exercise is played for them, so that the harness has nothing to play; a pair is one history (6.3) or one replication
(7.6) under the same random numbers, with the practice whole and broken.  As there, what must get worse is judged by an
exact one-sided sign test, and everything else must be identical.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import binomtest

from scenarios.history.record import IncidentRecord
from simulator.randomness import Streams
from studies.history_plan import Policy, document, plan_from_history
from studies.history_plan.headroom import Headroom, forecast
from studies.history_plan.study import HistoryPlan
from studies.paired import paired_difference
from studies.replay.measures import MEASURES
from studies.replay.stress import World, parse_stress
from studies.replay.study import Modelled, Replication, replay
from studies.replay.survival import survival
from tests.practices.harness import FEW, FEW_LEVEL, LEVEL, MANY, shows
from tests.studies.replay.building import incident, organisation, recorded_plan, subject, topology
from timeline.instants import WEEK

BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
START_MS = 1_735_689_600_000
PRACTICES_OF_48 = 48


def recorded(seed: int) -> list[IncidentRecord]:
    """A year in which one service fails of one mode more and more often, and others as they always did."""
    rng = np.random.default_rng(seed)
    records = []
    for name, mode, days in (
        ("checkout", "load", 365 * np.sqrt(rng.random(30))),
        ("ledger", "bug", 365 * rng.random(8)),
        ("mail", "network", 365 * rng.random(6)),
    ):
        for number, day in enumerate(days):
            at = BEGIN + timedelta(days=float(day))
            length = timedelta(hours=float(rng.lognormal(0, 0.5)))
            records.append(
                IncidentRecord(
                    id=f"{name}-{number}",
                    service=name,
                    failure_mode=mode,
                    opened_at=at,
                    resolved_at=at + length,
                    source="csv",
                    source_line=1,
                )
            )
    return records


def not_fed_back(records: Sequence[IncidentRecord], seed: int) -> list[IncidentRecord]:
    """Half of the incidents are closed without saying what failed: nothing learns of their recurrence."""
    rng = np.random.default_rng(seed + 1)
    silent = rng.random(len(records)) < 0.5
    return [replace(r, service=None, failure_mode=None) if s else r for r, s in zip(records, silent, strict=True)]


def busy(seed: int, weeks: int) -> Headroom:
    rng = np.random.default_rng(seed)
    levels = 0.5 + 0.004 * np.arange(40) + rng.normal(0, 0.012, 40)
    return forecast("cpu", {}, [START_MS + n * WEEK for n in range(40 - weeks, 40)], levels[40 - weeks :].tolist(), 0.8)


def planned(records: Sequence[IncidentRecord], headroom: Headroom) -> HistoryPlan:
    return replace(plan_from_history(records, Policy()), headroom=(headroom,))


def named_hours(plan: HistoryPlan) -> float:
    return sum(one.hours_a_year.value for one in plan.bottlenecks if one.hours_a_year is not None)


def recurrences_known(plan: HistoryPlan) -> float:
    return float(sum(problem.incidents for problem in plan.problems))


def width(plan: HistoryPlan) -> float:
    (one,) = plan.headroom
    return one.headroom.high - one.headroom.low


def gets_worse(whole: Sequence[float], broken: Sequence[float], level: float) -> None:
    """Larger is worse; ties say nothing."""
    worse = sum(b > w for w, b in zip(whole, broken, strict=True))
    better = sum(b < w for w, b in zip(whole, broken, strict=True))
    assert worse + better > 0
    assert binomtest(worse, worse + better, alternative="greater").pvalue < level, (worse, better)


PAIRS = pytest.mark.parametrize(
    ("pairs", "level"),
    [(FEW, FEW_LEVEL), pytest.param(MANY, LEVEL / PRACTICES_OF_48, marks=pytest.mark.prove)],
)


@shows("6.3")
@PAIRS
def test_incidents_that_name_nothing_hide_bottlenecks_and_problems_and_leave_headroom(pairs: int, level: float) -> None:
    whole = [planned(recorded(seed), busy(seed, 40)) for seed in range(pairs)]
    broken = [planned(not_fed_back(recorded(seed), seed), busy(seed, 40)) for seed in range(pairs)]
    for known in (named_hours, recurrences_known):
        gets_worse([-known(one) for one in whole], [-known(one) for one in broken], level)
    assert [document(one)["headroom"] for one in whole] == [document(one)["headroom"] for one in broken]


@shows("6.3")
@PAIRS
def test_few_weeks_of_utilisation_blur_headroom_and_leave_bottlenecks(pairs: int, level: float) -> None:
    whole = [planned(recorded(seed), busy(seed, 40)) for seed in range(pairs)]
    broken = [planned(recorded(seed), busy(seed, 12)) for seed in range(pairs)]
    gets_worse([width(one) for one in whole], [width(one) for one in broken], level)
    for part in ("bottlenecks", "problems"):
        assert [document(one)[part] for one in whole] == [document(one)[part] for one in broken]


def replicated(
    pairs: int, restart: str = "lognormal(median=10m, p90=25m)", stress: str | None = None
) -> tuple[tuple[Replication, ...], Callable[[int], float], Callable[[int], float]]:
    """Replications with, for each, the share of losses beyond the RTO and the worst percentile."""
    given = subject(organisation(), topology(recovery={"restart": restart}))
    happened = tuple(incident(f"i{n}", 24 * 60 * n) for n in range(30))
    plan = recorded_plan(given)
    worse = None if stress is None else parse_stress(stress, World(given.estate, given.organisation))
    done = replay(
        Modelled(plan),
        lambda number: happened if worse is None else worse(happened, Streams(1, number)),
        replications=pairs,
    )
    survived = [survival(plan, [one])[0] for one in done]

    def missed(number: int) -> float:
        attained = survived[number].attained
        assert attained is not None
        return 1 - attained.value

    return done, missed, lambda number: survived[number].worst_s


@shows("7.6")
@PAIRS
def test_slow_recovery_fails_the_plan_under_the_same_history_and_moves_no_answer(pairs: int, level: float) -> None:
    whole, missed, worst = replicated(pairs)
    broken, missed_broken, worst_broken = replicated(pairs, "lognormal(median=25m, p90=60m)")
    for before, after in ((missed, missed_broken), (worst, worst_broken)):
        gets_worse([before(n) for n in range(pairs)], [after(n) for n in range(pairs)], level)
    for one, other in zip(whole, broken, strict=True):
        assert one.incidents == other.incidents
        assert one.told_s.tolist() == other.told_s.tolist()
        assert one.acknowledge_s.tolist() == other.acknowledge_s.tolist()
        assert one.staffed is not None
        assert other.staffed is not None
        assert (one.staffed.pages, one.staffed.handed_off) == (other.staffed.pages, other.staffed.handed_off)


@shows("7.6")
@PAIRS
def test_a_history_in_storms_fails_a_plan_that_holds_day_by_day(pairs: int, level: float) -> None:
    """Ten incidents at once wait for one responder: what is lost comes back late, though every restart is as fast."""
    whole, missed, worst = replicated(pairs)
    stormy, missed_stormy, worst_stormy = replicated(pairs, stress="overlap=10")
    for before, after in ((missed, missed_stormy), (worst, worst_stormy)):
        gets_worse([before(n) for n in range(pairs)], [after(n) for n in range(pairs)], level)
    for one, other in zip(whole, stormy, strict=True):
        restarts = [np.sort((run.restored_s - run.found_s).round(3)).tolist() for run in (one, other)]
        assert restarts[0] == restarts[1]


def test_what_a_plan_survives_is_told_by_the_measures_of_a_replay() -> None:
    assert {"rto_attained", "restored_p90"} <= {measure.id for measure in MEASURES}
    whole, missed, _ = replicated(20)
    _, missed_broken, _ = replicated(20, "lognormal(median=25m, p90=60m)")
    difference = paired_difference([missed(n) for n in range(20)], [missed_broken(n) for n in range(20)])
    assert difference.low > 0
    assert len(whole) == 20
