"""Without a fault nobody is woken: rules and noise of the shipped estates leave people in peace."""

from __future__ import annotations

from dataclasses import replace

import pytest

import blackstart
from simulator.exercise import run_exercise
from timeline.journal import Timeline


def quiet(name: str, starts_at: str, hours: int) -> Timeline:
    """A shipped scenario without its faults and injects."""
    plan = blackstart.plan_of(
        blackstart.load(name, settings=[f"scenario.starts_at={starts_at}", f"scenario.duration={hours}h"])
    )
    scenario = plan.scenario.model_copy(update={"faults": {}, "injects": {}})
    return run_exercise(replace(plan, scenario=scenario), seed=3)


@pytest.mark.parametrize(
    ("name", "starts_at", "hours"),
    [
        ("corner-lab-crash", "2026-03-10T06:00:00+01:00", 8),
        ("cloudflare-2019", "2019-07-02T12:00:00+00:00", 4),
        ("gitlab-2017", "2017-01-31T12:00:00+00:00", 4),
        ("github-2018", "2018-10-22T12:00:00+00:00", 4),
        ("cloudflare-2023", "2023-11-02T12:00:00+00:00", 4),
        ("bad-deploy", "2026-03-10T06:30:00+01:00", 4),
        ("datacentre-loss", "2026-03-14T00:00:00+01:00", 4),
    ],
)
def test_nobody_is_paged_when_nothing_is_wrong(name: str, starts_at: str, hours: int) -> None:
    timeline = quiet(name, starts_at, hours)
    fired = {str(event.subject) for event in timeline.of_kind("alert.firing")}
    assert fired <= {"alert:DeadMansSwitch"}
    assert list(timeline.of_kind("page.sent")) == []


def test_the_dead_mans_switch_keeps_telling_its_watcher() -> None:
    timeline = quiet("datacentre-loss", "2026-03-14T00:00:00+01:00", 2)
    told = [event for event in timeline.of_kind("notification.sent") if event.subject.id == "dead-mans-switch"]
    assert len(told) >= 4
