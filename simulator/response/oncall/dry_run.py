"""A dry run of an escalation policy: who is paged when, over which channel, if nobody answers.

A policy pages all targets of a step at once and waits before the next step; the list of steps is gone through
`1 + repeat` times.  One page tries the person's channels in their order, `next_channel_after` apart.  Every channel
is taken to work, with its median latency.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.response.oncall.oncall import OnCall
from topologies.organisation import EscalationPolicy, Organisation, Step


@dataclass(frozen=True, slots=True)
class Page:
    """One attempt to reach somebody; `person` None is a gap of a rotation: nobody is reached by that target."""

    at_ms: int
    round: int
    step: int
    """Both count from 1."""
    rotation: str | None
    """The rotation that led to the person, or None for somebody named in the step."""
    person: str | None
    channel: str | None
    arrives_ms: int | None


def escalate(organisation: Organisation, oncall: OnCall, policy_id: str, at_ms: int) -> list[Page]:
    """The pages of a policy that starts at `at_ms`, in order of time.

    Whoever is on call is asked for the moment of the step.  Raises KeyError for an unknown policy.
    """
    policy: EscalationPolicy = organisation.policies[policy_id]
    pages: list[Page] = []
    for number in range(1 + policy.repeat):
        for position, step in enumerate(policy.steps):
            for rotation, person in _targets(step, oncall, at_ms):
                pages += _page(organisation, Page(at_ms, number + 1, position + 1, rotation, person, None, None))
            at_ms += step.wait
    return sorted(pages, key=lambda page: page.at_ms)


def _targets(step: Step, oncall: OnCall, at_ms: int) -> list[tuple[str | None, str | None]]:
    """Rotation and person of each target; somebody who is a target twice is paged once."""
    targets: list[tuple[str | None, str | None]] = [(None, person) for person in step.people]
    for rotation in step.rotations:
        targets += [(rotation, person) for person in oncall.holders(rotation, at_ms)] or [(rotation, None)]
    paged: dict[str | None, tuple[str | None, str | None]] = {}
    return [paged.setdefault(target[1], target) for target in targets if target[1] is None or target[1] not in paged]


def _page(organisation: Organisation, page: Page) -> list[Page]:
    if page.person is None:
        return [page]
    person = organisation.people[page.person]
    attempts = []
    for position, channel in enumerate(person.contact):
        at_ms = page.at_ms + position * person.next_channel_after
        arrives_ms = at_ms + organisation.channels[channel].latency.median_ms
        attempts.append(Page(at_ms, page.round, page.step, page.rotation, page.person, channel, arrives_ms))
    return attempts
