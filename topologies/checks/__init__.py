"""Weak spots of an estate that can be seen without running anything.

`check_estate` runs every registered check; each module holds the checks of one idea.  A check is a function from a
loaded estate to remarks, registered under the stable id that its findings carry; its docstring is what
`blackstart explain` says about it.
"""

from timeline.findings import Finding
from topologies.checks import (
    alerts,
    automations,
    communication,
    continuity,
    dependencies,
    flows,
    ownership,
    people,
    provenance,
    recovery_order,
    shared_fate,
    targets,
)
from topologies.checks.catalogue import ESTATE_CHECKS, Check, Remark, findings_of
from topologies.loading.estate import LoadedEstate

__all__ = [
    "ESTATE_CHECKS",
    "Check",
    "Remark",
    "alerts",
    "automations",
    "check_estate",
    "communication",
    "continuity",
    "dependencies",
    "findings_of",
    "flows",
    "ownership",
    "people",
    "provenance",
    "recovery_order",
    "shared_fate",
    "targets",
]


def check_estate(estate: LoadedEstate) -> list[Finding]:
    """Every finding on an estate, the gravest first, then by place."""
    return findings_of(ESTATE_CHECKS.values(), estate)
