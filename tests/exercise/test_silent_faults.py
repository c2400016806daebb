"""What has lain silent for days changes nothing that anybody could see."""

from __future__ import annotations

from dataclasses import replace

import blackstart
from simulator.monitoring.rules import AlertingRule, RuleGroup
from timeline.journal import Timeline

SILENT = "scenario.faults.wrong={fault: corruption, target: db-a, at: -72h}"
LOST = AlertingRule("WebLost", 'absent(up{component="web"} == 1)', for_ms=120_000)


def played(*settings: str) -> Timeline:
    plan = blackstart.plan_of(blackstart.load("corner-lab-crash", settings=settings))
    groups = (*plan.monitoring.groups, RuleGroup("rules.yaml", "lost", (LOST,)))
    return blackstart.simulate(replace(plan, monitoring=replace(plan.monitoring, groups=groups)))


def seen(timeline: Timeline) -> list[tuple[int, str, str]]:
    truth = ("exercise", "fault", "data")
    return [(e.at_ms, e.kind, str(e.subject)) for e in timeline if e.family not in truth]


def test_monitoring_starts_with_the_exercise_and_not_with_what_lies_hidden_before_it() -> None:
    silent = played(SILENT)
    assert silent[1].at_ms == -72 * 3_600_000
    assert seen(silent) == seen(played())
