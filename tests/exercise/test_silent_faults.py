"""What has lain silent for days changes nothing that anybody could see."""

from __future__ import annotations

import blackstart
from timeline.journal import Timeline

SILENT = "scenario.faults.wrong={fault: corruption, target: db-a, at: -72h}"


def played(*settings: str) -> Timeline:
    return blackstart.simulate(blackstart.load("corner-lab-crash", settings=settings))


def seen(timeline: Timeline) -> list[tuple[int, str, str]]:
    truth = ("exercise", "fault", "data")
    return [(e.at_ms, e.kind, str(e.subject)) for e in timeline if e.family not in truth]


def test_monitoring_starts_with_the_exercise_and_not_with_what_lies_hidden_before_it() -> None:
    silent = played(SILENT)
    assert silent[1].at_ms == -72 * 3_600_000
    assert seen(silent) == seen(played())
    assert all(at_ms >= 0 for at_ms, _, _ in seen(silent))
