"""Breaking a thing worsens what it should: the same seeds with and without it, on the smallest estate that has all."""

from __future__ import annotations

from functools import cache

import pytest

import blackstart
from reports.scoring import Scores

SCENARIO = "corner-lab-crash"
SEEDS = (1, 2, 3, 4, 5)
ALERTS = ("InstanceDown", "ErrorRatioHigh", "ShopProbeFails", "ReplicationLagHigh")


@cache
def scores(seed: int, *settings: str) -> Scores:
    plan = blackstart.plan_of(blackstart.load(SCENARIO, settings=settings))
    return blackstart.score(blackstart.simulate(plan, seed=seed))


def figure(measure: str, seed: int, *settings: str) -> float:
    value = scores(seed, *settings).measure(measure).value
    assert value is not None
    return value


SILENCE = tuple(f"alerts.{name}=null" for name in ALERTS)


@pytest.mark.parametrize("fewer", [("alerts.ShopProbeFails=null",), SILENCE], ids=["first alert", "all alerts"])
def test_without_alerts_it_takes_longer_to_detect_unless_a_user_was_faster_anyway(fewer: tuple[str, ...]) -> None:
    """Under one seed users report at the same moments with and without alerts."""
    with_alerts = [figure("time_to_detect", seed) for seed in SEEDS]
    without = [figure("time_to_detect", seed, *fewer) for seed in SEEDS]
    assert all(late >= early for early, late in zip(with_alerts, without, strict=True))
    assert sum(without) > sum(with_alerts)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_any_alert_nothing_is_recalled_and_only_users_notice(seed: int) -> None:
    assert (figure("alert_recall", seed), figure("alert_recall", seed, *SILENCE)) == (1.0, 0.0)
    assert figure("detected_before_users", seed, *SILENCE) == 0.0


@pytest.mark.parametrize("seed", SEEDS)
def test_with_nobody_on_call_nobody_acknowledges(seed: int) -> None:
    nobody = [f"organisation.people.{id}.answer.missed_day=1" for id in people()]
    assert figure("time_to_acknowledge", seed, *nobody) > figure("time_to_acknowledge", seed)
    acknowledge = scores(seed, *nobody).measure("time_to_acknowledge")
    assert acknowledge.censored


def people() -> list[str]:
    return list(blackstart.load(SCENARIO).estate.organisation.people)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_standby_and_without_a_quick_repair_the_rto_is_missed(seed: int) -> None:
    alone = (
        "estate.standby_pairs.db.standby=null",
        "estate.standby_pairs.db.fail_over=null",
        "estate.standby_pairs.db.replication=null",
        "estate.components.db-a.recovery.restart=null",
    )
    assert (figure("rto_met", seed), figure("rto_met", seed, *alone)) == (1.0, 0.0)


def test_monitoring_that_goes_down_with_the_site_leaves_detection_to_the_users() -> None:
    """The whole room is lost, Prometheus with it: no alert fires and reports are all there is."""
    gone = ("scenario.faults.primary-crash.fault=site-loss", "scenario.faults.primary-crash.target=lab")
    timeline = blackstart.simulate(blackstart.load(SCENARIO, settings=gone))
    (fault,) = timeline.of_kind("fault.started")
    assert not [e for e in timeline.of_kind("alert.firing") if e.at_ms > fault.at_ms]
    opened = timeline.first("incident.opened")
    assert opened is not None
    assert opened.detail.source == "user-report"  # type: ignore[attr-defined]
    assert blackstart.score(timeline).measure("detected_before_users").value == 0.0


def test_what_cannot_matter_changes_nothing() -> None:
    plain = blackstart.simulate(blackstart.load(SCENARIO))
    same = blackstart.simulate(blackstart.load(SCENARIO, settings=("estate.functions.ordering.peaks=never",)))
    assert list(plain) == list(same)
