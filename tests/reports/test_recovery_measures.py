"""Measures of recovery, each on a timeline made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from reports.index import TimelineIndex
from reports.measures import MEASURES
from tests.reports.building import Story
from timeline.instants import MINUTE

LEDGER, STORE, PAY = "component:ledger", "data:ledger", "function:payments"


def read(measure: str, *events: tuple[float, str, str, dict[str, Any]]) -> list[tuple[float, bool]]:
    story = Story(functions=["payments"])
    last = story.add(0, "fault.started", "fault:f")
    for minute, kind, subject, fields in events:
        last = story.add(minute, kind, subject, last, **fields)
    return [(s.value, s.censored) for s in MEASURES[measure].read(TimelineIndex(story.end(60)))]


def opened(*, verified: bool) -> tuple[float, str, str, dict[str, Any]]:
    return 10, "recovery.opened", LEDGER, {"target": "ledger", "verified": verified}


CARRIED = (10, "data.corruption_carried", STORE, {"data": "ledger", "since_ms": 0})
LOST = (20, "data.lost", PAY, {"transactions": 900.0, "lost_ms": 3 * MINUTE, "rpo_ms": MINUTE})
SETTLED = (
    40,
    "data.reconciled",
    STORE,
    {"data": "ledger", "transactions": 900.0, "recovered": 890.0, "took_ms": 60_000},
)
FAILED = (5, "recovery.workaround_failed", LEDGER, {"target": "ledger", "planned": False})
APPLIED = (5, "recovery.workaround_applied", LEDGER, {"target": "l", "planned": True})
BACK = (25, "recovery.rolled_back", LEDGER, {"target": "ledger", "planned": False, "took_ms": 20 * MINUTE})
BEGAN = (5, "data.split_brain_began", STORE, {"data": "ledger", "former": "a"})
ENDED = (15, "data.split_brain_ended", STORE, {"data": "ledger", "former": "a", "lasted_ms": 1, "transactions": 70.0})
CHOSEN = (5, "recovery.copy_chosen", LEDGER, {"target": "ledger", "copy": "c"})


def agree(minute: float, ratio: float | None) -> tuple[float, str, str, dict[str, Any]]:
    fields = {"data": "ledger", "other": "queue", "transactions": 1.0, "consistent_ratio": ratio}
    return minute, "data.consistency_measured", STORE, fields


@pytest.mark.parametrize(
    ("measure", "events", "found"),
    [
        ("unverified_restores", [opened(verified=True)], [(0.0, False)]),
        ("unverified_restores", [opened(verified=False)], [(1.0, False)]),
        ("corruption_carried", [opened(verified=True)], [(0.0, False)]),
        ("corruption_carried", [opened(verified=True), CARRIED], [(1.0, False)]),
        ("data_loss", [LOST], [(3.0, False)]),
        ("transactions_lost", [LOST], [(900.0, True)]),
        ("transactions_lost", [LOST, SETTLED], [(10.0, False)]),
        ("transactions_lost", [BEGAN, ENDED], [(70.0, True)]),
        ("reconciliation_time", [LOST, SETTLED], [(60.0, False)]),
        ("recovery_consistency", [agree(10, 0.2), agree(20, 0.9)], [(0.9, False)]),
        ("recovery_consistency", [agree(10, None)], []),
        ("split_brain", [BEGAN, ENDED], [(600.0, False)]),
        ("split_brain", [BEGAN], [(3300.0, True)]),
        ("workarounds_without_plan", [FAILED], [(1.0, False)]),
        ("workarounds_without_plan", [APPLIED], [(0.0, False)]),
        ("rollback_time", [FAILED, BACK], [(1200.0, False)]),
        ("rollback_time", [FAILED], [(3300.0, True)]),
        ("recovery_attempts", [CHOSEN, CHOSEN, opened(verified=True)], [(2, False)]),
        ("recovery_attempts", [CHOSEN], [(1, True)]),
    ],
)  # fmt: skip
def test_what_a_measure_reads(measure: str, events: list[Any], found: list[tuple[float, bool]]) -> None:
    assert read(measure, *events) == found


def test_one_loss_told_by_two_functions_counts_once_and_a_second_one_again() -> None:
    story = Story(functions=["payments", "cards"])
    first = story.add(0, "fault.started", "fault:f")
    second = story.add(0, "fault.started", "fault:g")
    for minute, subject, cause in ((20, PAY, first), (20, "function:cards", first), (50, PAY, second)):
        story.add(minute, "data.lost", subject, cause, transactions=900.0, lost_ms=MINUTE)
    (sample,) = MEASURES["transactions_lost"].read(TimelineIndex(story.end(60)))
    assert sample.value == 1800.0
