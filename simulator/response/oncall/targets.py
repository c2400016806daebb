"""Targets: whom a step of an escalation policy pages at a moment, and through which rotation or team."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.response.oncall.oncall import OnCall
from topologies.escalation import Step
from topologies.organisation import Organisation
from topologies.roster import Roster


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to page; `person` None where nobody is behind a rotation or team: a gap."""

    person: str | None
    rotation: str | None = None
    team: str | None = None


def targets(organisation: Organisation | Roster, oncall: OnCall, step: Step, at_ms: int) -> list[Target]:
    """The targets of a step; somebody who is a target twice is paged once, a gap is kept."""
    found: dict[str | Target, Target] = {}
    for target in _all(organisation, oncall, step, at_ms):
        found.setdefault(target.person or target, target)
    return list(found.values())


def _all(organisation: Organisation | Roster, oncall: OnCall, step: Step, at_ms: int) -> Iterator[Target]:
    yield from (Target(person) for person in step.people)
    for rotation in step.rotations:
        yield from _holding(rotation, oncall.holders(rotation, at_ms))
    if step.one_of:
        somebody = (Target(holders[0], id) for id in step.one_of if (holders := oncall.holders(id, at_ms)))
        yield next(somebody, Target(None, step.one_of[0]))
    for rotation in step.next_on_call:
        yield from _holding(rotation, oncall.next_holders(rotation, at_ms))
    for team in step.teams:
        members = [id for id, person in organisation.people.items() if person.team == team]
        yield from [Target(member, team=team) for member in members] or [Target(None, team=team)]


def _holding(rotation: str, people: list[str]) -> list[Target]:
    return [Target(person, rotation) for person in people] or [Target(None, rotation)]
