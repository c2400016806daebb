"""Weak spots of on-call duty that show when schedules are played forward: gaps, double bookings, nights, skills.

A *duty* is an organisation (or a roster from an export) with a span of time to look at.  The checks here are registered
like those of estates; they stand in this package because they need schedules, which estates do not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from simulator.response.oncall.oncall import OnCall
from simulator.response.oncall.targets import targets
from simulator.response.staff import is_night
from timeline.findings import Finding, Place, Severity
from timeline.instants import HOUR, WEEK, from_wall, to_wall
from timeline.registry import Registry
from topologies.checks.catalogue import Check, Remark, findings_of, register
from topologies.escalation import EscalationPolicy
from topologies.loading.nodes import Step as PathStep
from topologies.organisation import Organisation
from topologies.people import Person
from topologies.roster import Roster
from topologies.rotations import Shift

WEEKS = 4
"""How far schedules are played forward."""
_SKILLED = 0.5
"""Below this a check is rather not conclusive."""

Shifts = list[tuple[int, int, list[str]]]


@dataclass(frozen=True)
class Duty:
    """What is looked at, from the moment `start` on.  `place` says where in the file a path is written."""

    organisation: Organisation | Roster
    place: Callable[[Sequence[PathStep]], Place]
    start: datetime
    kinds_owned: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Kinds of component that each team owns, where an estate says so."""
    rendered: Mapping[str, Sequence[Shift]] = field(default_factory=dict)
    """Final schedules as the tool computed them from which they were exported."""

    @cached_property
    def oncall(self) -> OnCall:
        return OnCall(self.organisation, self.start)

    @cached_property
    def shifts(self) -> dict[str, Shifts]:
        """The shifts of every rotation, in time from `start`."""
        return {id: self.oncall.shifts(id, 0, WEEKS * WEEK) for id in self.organisation.rotations}

    def local(self, at_ms: int, rotation: str) -> str:
        zone = ZoneInfo(self.organisation.rotations[rotation].timezone)
        return f"{to_wall(at_ms, self.start).astimezone(zone):%a %Y-%m-%d %H:%M}"


DUTY_CHECKS: Registry[Check[Duty]] = Registry("check of on-call duty")


def check_duty(duty: Duty) -> list[Finding]:
    """Every finding on a duty, the gravest first, then by place."""
    return findings_of(DUTY_CHECKS.values(), duty)


def duty_check(
    id: str, severity: Severity
) -> Callable[[Callable[[Duty], Iterable[Remark]]], Callable[[Duty], Iterable[Remark]]]:
    """Registers a check of duties."""
    return register(DUTY_CHECKS, id, severity)


@duty_check("rotation.gap", Severity.WARNING)
def rotation_gap(duty: Duty) -> Iterator[Remark]:
    """Nobody is on call for a while, within the next four weeks.

    Whoever is paged through the rotation then is nobody.  Layers end, restrictions leave hours out, people are on leave
    and nobody covers.  `blackstart oncall show` shows the gaps.
    """
    for id, shifts in duty.shifts.items():
        gaps = [(start, end) for start, end, people in shifts if not people]
        if gaps and any(people for _, _, people in shifts):
            hours = sum(end - start for start, end in gaps) / HOUR
            span = f"{duty.local(gaps[0][0], id)} to {duty.local(gaps[0][1], id)}"
            message = f"nobody holds {id!r} for {hours:.0f} h of the next {WEEKS} weeks, first from {span}"
            yield Remark(duty.place(["rotations", id]), message, "add a layer below that always applies")


@duty_check("policy.same-person", Severity.WARNING)
def policy_with_the_same_person(duty: Duty) -> Iterator[Remark]:
    """Two rotations that a policy pages one after the other are held by the same person at once.

    The second step then reaches nobody new: who slept through the first sleeps through the second.
    """
    for policy_id, policy in duty.organisation.policies.items():
        steps = [set(step.rotations) for step in policy.steps]
        for one, two in combinations(dict.fromkeys(id for step in policy.steps for id in step.rotations), 2):
            if any({one, two} <= step for step in steps):
                continue
            if together := _together(duty.shifts[one], duty.shifts[two]):
                start_ms, person = together[0][0], together[0][2]
                message = f"{person!r} holds {one!r} and {two!r} at once, first on {duty.local(start_ms, one)}"
                yield Remark(duty.place(["policies", policy_id]), message, "shift the turns of one of them")


@duty_check("person.double-booked", Severity.INFO)
def person_double_booked(duty: Duty) -> Iterator[Remark]:
    """Somebody holds several rotations at the same time, within the next four weeks.

    Two incidents at once find one person.
    """
    for one, two in combinations(duty.shifts, 2):
        hours: dict[str, float] = defaultdict(float)
        for start, end, person in _together(duty.shifts[one], duty.shifts[two]):
            hours[person] += (end - start) / HOUR
        if hours:
            people = ", ".join(f"{person!r} for {held:.0f} h" for person, held in hours.items())
            message = f"{one!r} and {two!r} are held at once by {people} of the next {WEEKS} weeks"
            yield Remark(duty.place(["rotations", two]), message)


@duty_check("rotation.handover-at-night", Severity.INFO)
def handover_at_night(duty: Duty) -> Iterator[Remark]:
    """The duty changes hands in the night of the person who takes it over.

    A hand-over at night is one that nobody talks about, and whoever takes over may be asleep already.
    """
    for id, shifts in duty.shifts.items():
        taken = [
            (start, person)
            for (_, _, before), (start, _, people) in pairwise(shifts)
            for person in people
            if person not in before
        ]
        nightly = [(start, person) for start, person in taken if _sleeps(duty, person, start)]
        if nightly:
            start, person = nightly[0]
            zone = duty.organisation.people[person].timezone or "UTC"
            moment = f"{to_wall(start, duty.start).astimezone(ZoneInfo(zone)):%a %H:%M}"
            message = (
                f"{len(nightly)} of {len(taken)} hand-overs of {id!r} come at night: {person!r} on {moment} ({zone})"
            )
            yield Remark(duty.place(["rotations", id]), message, "hand over in the morning of who takes over")


@duty_check("rotation.unused", Severity.WARNING)
def rotation_unused(duty: Duty) -> Iterator[Remark]:
    """A rotation that no escalation policy pages: its people are on call for nothing."""
    used = {id for policy in duty.organisation.policies.values() for step in policy.steps for id in step.all_rotations}
    for id in duty.organisation.rotations:
        if id not in used and duty.organisation.policies:
            hint = "page it in a step of a policy, or take it away"
            yield Remark(duty.place(["rotations", id]), f"no policy pages the rotation {id!r}", hint)


@duty_check("policy.unused", Severity.INFO)
def policy_unused(duty: Duty) -> Iterator[Remark]:
    """An escalation policy that nothing leads to: no receiver, team, role or service desk."""
    organisation = duty.organisation
    if isinstance(organisation, Roster):
        return
    used = {*organisation.receivers.values(), *(team.policy for team in organisation.teams.values())}
    used |= {role.policy for role in organisation.roles.values()}
    if organisation.service_desk is not None:
        used |= set(organisation.service_desk.policy_of_function.values())
    for id in organisation.policies:
        if id not in used:
            yield Remark(duty.place(["policies", id]), f"nothing leads to the policy {id!r}", "map a receiver to it")


@duty_check("override.on-leave", Severity.WARNING)
def override_on_leave(duty: Duty) -> Iterator[Remark]:
    """An override puts somebody on call who is on leave at that time.

    Overrides are not covered: the person is paged on holiday.
    """
    people = duty.organisation.people
    for id, rotation in duty.organisation.rotations.items():
        for number, override in enumerate(rotation.overrides):
            person = people.get(override.person) if override.person is not None else None
            if person is not None and any(
                _moment(leave.start, person.timezone) < _moment(override.end, rotation.timezone)
                and _moment(override.start, rotation.timezone) < _moment(leave.end, person.timezone)
                for leave in person.leave
            ):
                message = f"{override.person!r} is on leave during an override of {id!r}"
                yield Remark(duty.place(["rotations", id, "overrides", number]), message, "name somebody else")


@duty_check("team.skill-not-on-call", Severity.WARNING)
def skill_not_on_call(duty: Duty) -> Iterator[Remark]:
    """Nobody whom a team's policy can reach at some time knows a kind of component that the team owns.

    Whoever is paged then mostly looks in vain, and has to find somebody who knows.
    """
    organisation = duty.organisation
    if isinstance(organisation, Roster):
        return
    for team_id, kinds in duty.kinds_owned.items():
        team = organisation.teams.get(team_id)
        if team is None or team.policy is None:
            continue
        reached = list(_reached(duty, organisation.policies[team.policy]))
        lacking = {
            kind: at_ms
            for kind in sorted(kinds)
            for at_ms in [_first_without(organisation, reached, kind)]
            if at_ms is not None
        }
        if lacking:
            names = ", ".join(repr(str(kind)) for kind in lacking)
            moment = f"{to_wall(min(lacking.values()), duty.start):%a %Y-%m-%d %H:%M} UTC"
            message = f"{team_id!r} owns {names}, which nobody behind {team.policy!r} knows well, first on {moment}"
            yield Remark(duty.place(["teams", team_id]), message, "add somebody with that skill to a step")


def _first_without(organisation: Organisation, reached: Sequence[tuple[int, set[str]]], kind: str) -> int | None:
    """The first moment at which nobody who is reached knows a kind of component."""
    return next((at_ms for at_ms, people in reached if not _knows(organisation, people, kind)), None)


@duty_check("rotation.differs-from-export", Severity.WARNING)
def differs_from_export(duty: Duty) -> Iterator[Remark]:
    """The tool that exported a schedule computed other people than Blackstart does from its layers.

    One of the two reads the layers differently, or the export is not of one moment.  For the tool its own word counts.
    """
    for id, shifts in duty.rendered.items():
        for shift in shifts:
            at_ms = from_wall(shift.start, duty.start)
            ours = duty.oncall.holders(id, at_ms)
            if ours != list(shift.people):
                message = (
                    f"on {duty.local(at_ms, id)} the export has {_named(shift.people)}, its layers give {_named(ours)}"
                )
                yield Remark(duty.place(["rotations", id]), message, "export it again, and report this if it stays")
                break


def _named(people: Sequence[str]) -> str:
    return ", ".join(map(repr, people)) or "nobody"


def _together(one: Shifts, two: Shifts) -> list[tuple[int, int, str]]:
    """Where the same person holds both of two rotations, whose shifts cover the same span without holes."""
    found = []
    first = second = 0
    while first < len(one) and second < len(two):
        (start, end, people), (begin, over, others) = one[first], two[second]
        found += [(max(start, begin), min(end, over), person) for person in people if person in others]
        first, second = first + (end <= over), second + (over <= end)
    return found


def _sleeps(duty: Duty, person: str, at_ms: int) -> bool:
    """Unknown where no zone is: then nobody sleeps."""
    somebody = duty.organisation.people.get(person)
    return isinstance(somebody, Person) and is_night(somebody, to_wall(at_ms, duty.start))


def _reached(duty: Duty, policy: EscalationPolicy) -> Iterator[tuple[int, set[str]]]:
    """Everybody whom the steps of a policy page, at each moment at which that may change."""
    rotations = {id for step in policy.steps for id in step.all_rotations}
    for at_ms in sorted({0, *(start for id in rotations for start, _, _ in duty.shifts[id])}):
        people = {
            target.person for step in policy.steps for target in targets(duty.organisation, duty.oncall, step, at_ms)
        }
        yield at_ms, {person for person in people if person is not None}


def _knows(organisation: Organisation, people: Iterable[str], kind: str) -> bool:
    skills = (organisation.people[person].skills for person in people)
    return any(known.get(kind, known.get("*", 0.0)) >= _SKILLED for known in skills)


def _moment(moment: datetime, zone: str | None) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
