"""The catalogue of checks of scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scenarios.loading import LoadedScenario
from timeline.findings import Severity
from timeline.registry import Registry
from topologies.checks.catalogue import Check, Remark, register

SCENARIO_CHECKS: Registry[Check[LoadedScenario]] = Registry("check of a scenario")


def scenario_check(
    id: str, severity: Severity
) -> Callable[[Callable[[LoadedScenario], Iterable[Remark]]], Callable[[LoadedScenario], Iterable[Remark]]]:
    """Registers a check of scenarios."""
    return register(SCENARIO_CHECKS, id, severity)
