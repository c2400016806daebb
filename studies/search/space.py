"""What a search may combine: faults of the catalogue on what they fit, the scenario's own faults, people who are away,
and other moments to begin.

An *element* is one of these, with an id: `crash-db-a`, `absent-ann`, `start-night`; faults of the scenario keep theirs.
A *combination* is a set of ids.  It has at most one beginning, at most one fault on each target, and something that can
go wrong in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from scenarios.models import ScenarioFault
from simulator.exercise import ExercisePlan
from studies.coverage.faults import single_cases
from timeline.instants import MINUTE, format_duration
from timeline.references import person
from topologies.estate import Component, Site
from topologies.shared_fate import SharedThing, fault_targets

Names = frozenset[str]

LOSSES = (
    "certificate-expiry",
    "cooling-loss",
    "crash",
    "credential-revoked",
    "power-loss",
    "rack-loss",
    "region-loss",
    "site-loss",
    "vendor-outage",
)
"""Kinds of fault that take their target away as a whole: what is tried unless other kinds are asked for."""
HOUR_OF_DAY = "hour"
"""Stands for the moment of the exercise among what a good run relied on."""


class Sort(StrEnum):
    """What an element is."""

    FAULT = "fault"
    ABSENCE = "absence"
    START = "start"


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that may be part of a combination; `value` is how a scenario file states it (None: as it does)."""

    id: str
    sort: Sort
    title: str
    value: Any
    takes: Names
    """Nodes of the estate that it touches, `person:<id>`, or `HOUR_OF_DAY`."""
    target: str = ""
    """Of faults."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What of all that is possible is tried.  `kinds` are kinds of fault; None stands for everything there is."""

    kinds: tuple[str, ...] | None = LOSSES
    targets: tuple[str, ...] | None = None
    people: tuple[str, ...] | None = None
    starts: tuple[tuple[str, datetime], ...] = ()
    """Moments to begin, with a name for each."""
    at_ms: int = 5 * MINUTE
    """When faults of the catalogue begin."""
    given: bool = False
    """The faults of the scenario are part of every combination instead of being searched."""


@dataclass(frozen=True)
class Space:
    """All elements, and the scenario as its file states it, with everything that combinations replace."""

    scenario: Mapping[str, Any]
    elements: Mapping[str, Element]
    given: bool
    untried: tuple[tuple[str, str], ...] = ()
    """Faults that cannot be tried, with the reason."""

    def of_sort(self, sort: Sort) -> list[str]:
        return [id for id, element in self.elements.items() if element.sort is sort]

    def possible(self, combination: Names) -> bool:
        """Whether all of it can be so at once."""
        chosen = [self.elements[id] for id in combination]
        targets = [element.target for element in chosen if element.sort is Sort.FAULT]
        starts = sum(element.sort is Sort.START for element in chosen)
        return starts <= 1 and len(targets) == len(set(targets))

    def worth_playing(self, combination: Names) -> bool:
        """Whether anything goes wrong in it: people who are away from a quiet day are not missed."""
        own = self.given and bool(self.scenario.get("faults"))
        return own or any(self.elements[id].sort is Sort.FAULT for id in combination)

    def titles(self, combination: Names) -> list[str]:
        """What happens, faults first."""
        order = list(Sort)
        chosen = sorted((self.elements[id] for id in combination), key=lambda e: (order.index(e.sort), e.id))
        return [element.title for element in chosen]


def space_of(plan: ExercisePlan, scenario: Mapping[str, Any], limits: Limits) -> Space:
    """The space of a plan whose scenario is stated so.  Raises KeyError for kinds, targets or people that are not
    there."""
    things = fault_targets(plan.estate)
    for id in limits.targets or ():
        things[id]
    own = {} if limits.given else plan.scenario.faults
    elements = [_own_fault(id, fault, things) for id, fault in own.items() if _wanted(fault.target, limits.targets)]
    taken = {(fault.fault, fault.target) for fault in plan.scenario.faults.values()}
    cases, untried = ([], []) if limits.kinds == () else single_cases(plan.estate, {}, 0, only=limits.kinds or ())
    for case in cases:
        fault = case.faults[0]
        if _wanted(fault.target, limits.targets) and (fault.kind, fault.target) not in taken:
            value: dict[str, Any] = {"fault": fault.kind, "target": fault.target, "at": format_duration(limits.at_ms)}
            if fault.parameters:
                value["parameters"] = dict(fault.parameters)
            touched = touched_by(fault.target, things)
            title = f"{fault.kind} of {fault.target}"
            elements.append(Element(f"{fault.kind}-{fault.target}", Sort.FAULT, title, value, touched, fault.target))
    people = sorted(plan.organisation.people) if limits.people is None else limits.people
    for id in people:
        plan.organisation.people[id]
        elements.append(Element(f"absent-{id}", Sort.ABSENCE, f"{id} away", id, frozenset({str(person(id))})))
    for name, moment in limits.starts:
        title = f"at {name} ({moment:%a %Y-%m-%d %H:%M})"
        elements.append(Element(f"start-{name}", Sort.START, title, moment.isoformat(), frozenset({HOUR_OF_DAY})))
    by_id = {element.id: element for element in sorted(elements, key=lambda e: e.id)}
    return Space(scenario, by_id, limits.given, tuple((one.id, one.reason) for one in untried))


def touched_by(target: str, things: Mapping[str, Component | Site | SharedThing]) -> Names:
    """Nodes of the estate that a fault on a target reaches by itself."""
    return frozenset(_touched(target, things))


def _touched(target: str, things: Mapping[str, Component | Site | SharedThing]) -> Iterator[str]:
    yield target
    thing = things.get(target)
    if isinstance(thing, SharedThing):
        for member in thing.members:
            yield from _touched(member, things)
    elif isinstance(thing, Site):
        yield from (id for id, other in things.items() if isinstance(other, Component) and other.site == target)


def _own_fault(id: str, fault: ScenarioFault, things: Mapping[str, Component | Site | SharedThing]) -> Element:
    title = f"{fault.fault} of {fault.target}"
    return Element(id, Sort.FAULT, title, None, touched_by(fault.target, things), fault.target)


def _wanted(target: str, targets: Sequence[str] | None) -> bool:
    return targets is None or target in targets
