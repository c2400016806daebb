"""A/A: means of recovery that nobody needs change no byte of an exercise."""

from __future__ import annotations

from functools import cache

import pytest

import blackstart
from timeline.store import encode

BACKUPS = "nightly: {every: 1d, offset: 1h, takes: 2h, keeps: 14d, restore: 'lognormal(median=1h, p90=2h)', bad: 0.1}"
DATA = (
    "{records: 5000, transactions_per_s: 3, "
    f"backups: {{{BACKUPS}}}, log: {{every: 5m, replay: 14, keeps: 15d}}, "
    "check: {takes: 40m, finds: 0.9, every: 1h, trace: 30m}, "
    "reconciliation: {takes: 1h, transactions_per_hour: 4000, recovers: 0.9}}"
)


@cache
def lines(scenario: str, *settings: str) -> tuple[str, ...]:
    played = blackstart.simulate(blackstart.load(scenario, settings=settings), seed=1)
    return tuple(encode(event) for event in played)


@pytest.mark.parametrize(
    ("scenario", "untouched"), [("corner-lab-crash", "cache"), ("datacentre-loss", "document-store")]
)
def test_backups_of_what_no_fault_touches_change_no_byte(scenario: str, untouched: str) -> None:
    assert lines(scenario, f"estate.components.{untouched}.data={DATA}") == lines(scenario)


def test_where_data_are_wrong_the_same_means_are_not_without_effect() -> None:
    """The comparison above is not blind: what could find a silent corruption finds it."""
    wrong = "scenario.faults.primary-crash.fault=corruption"
    with_means = lines("corner-lab-crash", wrong, f"estate.standby_pairs.db.data={DATA}")
    assert any('"data.corruption_found"' in line for line in with_means)
    assert not any('"data.corruption_found"' in line for line in lines("corner-lab-crash", wrong))
