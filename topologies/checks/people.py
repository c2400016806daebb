"""Whether a page reaches a person: rotations with nobody in them, people without a working channel, lonely policies."""

from __future__ import annotations

from collections.abc import Iterator, Set

from timeline.findings import Severity
from topologies.checks.catalogue import Remark, estate_check
from topologies.loading.estate import LoadedEstate
from topologies.organisation import EscalationPolicy, Organisation

_ALWAYS = 1.0


@estate_check("rotation.empty", Severity.ERROR)
def rotation_empty(estate: LoadedEstate) -> Iterator[Remark]:
    """A rotation has nobody in it.

    It has no layers, so whoever is paged through it is nobody; an override fills it for its own span only.
    """
    for id, rotation in estate.organisation.rotations.items():
        if not rotation.layers:
            place = estate.organisation_document.place(["rotations", id], key=True)
            yield Remark(place, f"nobody is ever on call in the rotation {id!r}", "give it layers with people")


@estate_check("person.unreachable", Severity.ERROR)
def person_unreachable(estate: LoadedEstate) -> Iterator[Remark]:
    """Somebody is to be paged over channels that never work.

    Every contact channel of the person fails always (`failure: 1`).
    """
    channels = estate.organisation.channels
    for id, person in estate.organisation.people.items():
        if all(channels[channel].failure >= _ALWAYS for channel in person.contact):
            place = estate.organisation_document.place(["people", id, "contact"])
            yield Remark(place, f"no channel to {id!r} ever works", "add a channel that can reach the person")


@estate_check("person.one-channel", Severity.INFO)
def person_with_one_channel(estate: LoadedEstate) -> Iterator[Remark]:
    """Somebody who is paged can be reached in one way only, and that way needs components of the estate.

    When these components are down, as in the incident the page is about, the person cannot be reached.
    """
    paged = _people_paged(estate.organisation)
    for id, person in estate.organisation.people.items():
        channel = estate.organisation.channels[person.contact[0]]
        if id in paged and len(set(person.contact)) == 1 and channel.needs:
            place = estate.organisation_document.place(["people", id, "contact"])
            message = f"{id!r} is reached by {person.contact[0]!r} alone, which needs {', '.join(channel.needs)}"
            yield Remark(place, message, "add a channel that does not depend on the estate")


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
        if not role.eligible and not called:
            place = estate.organisation_document.place(["roles", id], key=True)
            yield Remark(place, f"nobody is eligible for the role {id!r}", "name people: `eligible: [...]`")


def people_of(policy: EscalationPolicy, organisation: Organisation) -> Set[str]:
    """Everybody whom a policy can ever page by its steps and the layers of their rotations."""
    people = {person for step in policy.steps for person in step.people}
    for step in policy.steps:
        for rotation in step.rotations:
            people.update(person for layer in organisation.rotations[rotation].layers for person in layer.people)
    return people


def _people_paged(organisation: Organisation) -> Set[str]:
    return {person for policy in organisation.policies.values() for person in people_of(policy, organisation)}
