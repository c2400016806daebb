"""Weak spots of a scenario that can be seen without running it.

Works as `topologies.checks` does for estates: one module an idea, each check registered under its stable id, its
docstring the text of `blackstart explain`.
"""

from scenarios.checks import faults, playbooks, tasks
from scenarios.checks.catalogue import SCENARIO_CHECKS
from scenarios.loading import LoadedScenario
from timeline.findings import Finding
from topologies.checks import findings_of

__all__ = ["SCENARIO_CHECKS", "check_scenario", "faults", "playbooks", "tasks"]


def check_scenario(scenario: LoadedScenario) -> list[Finding]:
    """Every finding on a scenario and its playbook, the gravest first, then by place.  The estate is not looked at."""
    return findings_of(SCENARIO_CHECKS.values(), scenario)
