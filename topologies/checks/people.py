"""Whether a page reaches a person: rotations with nobody in them, people without a working channel, lonely policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from timeline.findings import Severity
from topologies.authority import is_decided_by_somebody
from topologies.checks.catalogue import Remark, estate_check
from topologies.escalation import EscalationPolicy
from topologies.loading.estate import LoadedEstate
from topologies.organisation import Organisation
from topologies.people import Person

_ALWAYS = 1.0
_NAMED = 3
"""More people than these are counted in a message, not listed."""


@estate_check("rotation.empty", Severity.ERROR)
def rotation_empty(estate: LoadedEstate) -> Iterator[Remark]:
    """A rotation has nobody in it.

    It has neither layers nor shifts, so whoever is paged through it is nobody; an override fills it for its own span.
    """
    for id, rotation in estate.organisation.rotations.items():
        if not rotation.layers and not rotation.shifts:
            place = estate.organisation_document.place(["rotations", id], key=True)
            yield Remark(place, f"nobody is ever on call in the rotation {id!r}", "give it layers with people")


@estate_check("person.unreachable", Severity.ERROR)
def person_unreachable(estate: LoadedEstate) -> Iterator[Remark]:
    """Somebody is to be paged over channels that never work.

    Every channel of the person, by contact and by notification rules, fails always (`failure: 1`).
    """
    channels = estate.organisation.channels
    for id, person in estate.organisation.people.items():
        if all(channels[channel].failure >= _ALWAYS for channel in channels_of(person)):
            place = estate.organisation_document.place(["people", id, "contact"])
            yield Remark(place, f"no channel to {id!r} ever works", "add a channel that can reach the person")


@estate_check("person.one-channel", Severity.INFO)
def person_with_one_channel(estate: LoadedEstate) -> Iterator[Remark]:
    """Somebody who is paged can be reached in one way only, and that way needs components of the estate.

    When these components are down, as in the incident the page is about, the person cannot be reached.
    """
    paged = _people_paged(estate.organisation)
    for id, person in estate.organisation.people.items():
        only = channels_of(person)[0]
        needs = estate.organisation.channels[only].needs
        if id in paged and len(channels_of(person)) == 1 and needs:
            place = estate.organisation_document.place(["people", id, "contact"])
            message = f"{id!r} is reached by {only!r} alone, which needs {', '.join(needs)}"
            yield Remark(place, message, "add a channel that does not depend on the estate")


@estate_check("channels.one-component", Severity.WARNING)
def channels_behind_one_component(estate: LoadedEstate) -> Iterator[Remark]:
    """People who are paged have several channels, and all of them need the same component.

    When this component is down none of them works: they are one way to reach these people, not several.
    """
    channels, paged = estate.organisation.channels, _people_paged(estate.organisation)
    behind: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for id, person in estate.organisation.people.items():
        names = tuple(channels_of(person))
        for component in sorted(set.intersection(*(set(channels[name].needs) for name in names))):
            if id in paged and len(names) > 1:
                behind.setdefault((names, component), []).append(id)
    for (ways, component), people in behind.items():
        place = estate.organisation_document.place(["channels", ways[0]], key=True)
        message = f"every way to {_listed(people)} ({', '.join(ways)}) needs {component!r}"
        yield Remark(place, message, "give them a channel that does not depend on it")


@estate_check("policy.one-person", Severity.WARNING)
def policy_with_one_person(estate: LoadedEstate) -> Iterator[Remark]:
    """An escalation policy leads to one person only.

    If this person sleeps through the page, nobody comes, however often the policy is repeated.
    """
    for id, policy in estate.organisation.policies.items():
        people = people_of(policy, estate.organisation)
        if len(people) == 1:
            place = estate.organisation_document.place(["policies", id], key=True)
            message = f"the policy {id!r} pages nobody but {next(iter(people))!r}"
            yield Remark(place, message, "add a step with somebody else")


@estate_check("role.without-people", Severity.ERROR)
def role_without_people(estate: LoadedEstate) -> Iterator[Remark]:
    """Nobody may take a role of the command structure.

    Its tasks wait for ever, and so does everything that needs its approval.
    """
    for id, role in estate.organisation.roles.items():
        called = people_of(estate.organisation.policies[role.policy], estate.organisation) if role.policy else set()
        if not role.eligible and not role.deputies and not called:
            place = estate.organisation_document.place(["roles", id], key=True)
            yield Remark(place, f"nobody is eligible for the role {id!r}", "name people: `eligible: [...]`")


@estate_check("authority.nobody-decides", Severity.ERROR)
def authority_without_decision(estate: LoadedEstate) -> Iterator[Remark]:
    """An emergency change has nobody who could approve it.

    The rule names no approver, and the organisation has no emergency board: whoever asks is refused at once.
    """
    organisation = estate.organisation
    for position, rule in enumerate(organisation.authority):
        if rule.change is not None and not is_decided_by_somebody(rule, organisation.changes):
            place = estate.organisation_document.place(["authority", position])
            message = f"nobody decides on the emergency change {rule.action.value!r}"
            yield Remark(place, message, "name an `approver`, or state the board in `changes.emergency`")


def people_of(policy: EscalationPolicy, organisation: Organisation) -> Set[str]:
    """Everybody whom a policy can ever page by its steps, whoever holds their rotations."""
    people: set[str] = set()
    for step in policy.steps:
        people.update(step.people)
        people.update(id for id, person in organisation.people.items() if person.team in step.teams)
        for rotation in step.all_rotations:
            people.update(organisation.rotations[rotation].everybody)
    return people


def channels_of(person: Person) -> Sequence[str]:
    """The channels over which somebody is ever tried, each once."""
    by_rules = [rule.channel for rules in person.notifications.values() for rule in rules]
    return list(dict.fromkeys([*person.contact, *by_rules]))


def _listed(people: Sequence[str]) -> str:
    return ", ".join(map(repr, people)) if len(people) <= _NAMED else f"{len(people)} people, {people[0]!r} among them,"


def _people_paged(organisation: Organisation) -> Set[str]:
    return {person for policy in organisation.policies.values() for person in people_of(policy, organisation)}
