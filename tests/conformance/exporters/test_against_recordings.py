"""Profiles against what real exporters show: the same names, types and label names."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.monitoring.telemetry import PROFILES
from simulator.monitoring.telemetry.recipe import Replica
from topologies.estate import Component

RECORDINGS = Path(__file__).parent / "recordings.txt"
COMPONENT = Component.model_validate({"title": "a database", "kind": "database", "latency_ms": 5})

NEWER = {
    "pg_postmaster_start_time_seconds": ("gauge", ()),
    "pg_replication_is_replica": ("gauge", ()),
    "pg_replication_lag_seconds": ("gauge", ()),
}
"""Collectors of postgres_exporter 0.12 and later (`collector/pg_postmaster.go`, `collector/pg_replication.go`);
Debian 12 has 0.11."""
FREE_LABELS = {"redis_instance_info"}
"""An `_info` metric: the profile has some of its labels."""


def recorded() -> dict[str, dict[str, tuple[str, tuple[str, ...]]]]:
    found: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {}
    for line in RECORDINGS.read_text().splitlines()[1:]:
        profile, name, kind, *labels = line.split(" ")
        found.setdefault(profile, {})[name] = (kind, tuple(labels[0].split(",")) if labels else ())
    return found


REAL = recorded()


def shown(profile: str) -> list[tuple[str, str, tuple[str, ...]]]:
    recipes = PROFILES[profile].recipes(Replica("db", 0, COMPONENT))
    return sorted({(r.name, str(r.type), tuple(sorted(r.labels))) for r in recipes})


@pytest.mark.parametrize(
    ("profile", "name", "kind", "labels"),
    [pytest.param(profile, *metric, id=metric[0]) for profile in REAL for metric in shown(profile)],
)
def test_metric_is_as_the_real_exporter_shows_it(profile: str, name: str, kind: str, labels: tuple[str, ...]) -> None:
    real_kind, real_labels = NEWER.get(name) or REAL[profile][name]
    assert kind == real_kind
    if name in FREE_LABELS:
        assert set(labels) <= set(real_labels)
    else:
        assert labels == real_labels


def test_each_exporter_was_recorded_whole() -> None:
    """A recording of nothing would let everything pass as absent."""
    least = {"node": 150, "blackbox": 15, "redis": 100, "nginx": 8, "postgres": 40}
    assert {profile: len(REAL[profile]) >= count for profile, count in least.items()} == dict.fromkeys(least, True)


def test_newer_metrics_are_not_excused_once_recorded() -> None:
    assert not set(NEWER) & set(REAL["postgres"])
