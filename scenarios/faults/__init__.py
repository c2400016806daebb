"""The catalogue of faults: one entry per kind, used by the model, by the live injectors and by checks.

`FAULTS` holds every kind.  A new kind goes into the module of its family, or into a new one named here.
"""

from scenarios.faults import data, facility, network, orchestration, people, process, resource, security, vendor
from scenarios.faults.catalogue import FAULTS, Between, Effect, FaultKind, PeopleKind

__all__ = [
    "FAULTS",
    "Between",
    "Effect",
    "FaultKind",
    "PeopleKind",
    "data",
    "facility",
    "network",
    "orchestration",
    "people",
    "process",
    "resource",
    "security",
    "vendor",
]
