"""A dry run of an escalation policy: who is paged when, over which channel, if nobody answers.

A policy pages all targets of a step at once and waits before the next step; the list of steps is gone through
`1 + repeat` times.  One page tries the person by the notification rules of the policy's urgency, or by the channels of
`contact`, `next_channel_after` apart.  Every channel is taken to work, with its median latency.

With an acknowledgement the run stops there, and begins again from the first step once the policy's acknowledgement
times out, if it has such a time: that is what happens to whoever acknowledges and then sleeps on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.response.oncall.oncall import OnCall
from simulator.response.oncall.targets import targets
from topologies.escalation import EscalationPolicy
from topologies.organisation import Organisation
from topologies.people import PageUrgency
from topologies.roster import Roster


@dataclass(frozen=True, slots=True)
class Page:
    """One attempt to reach somebody; `person` None is a gap of a rotation: nobody is reached by that target."""

    at_ms: int
    round: int
    step: int
    """Both count from 1; rounds go on counting after an acknowledgement timed out."""
    rotation: str | None
    """The rotation that led to the person, or None for somebody named in the step or in a team."""
    team: str | None
    person: str | None
    channel: str | None
    """None also where a roster does not say how people are reached."""
    arrives_ms: int | None


def escalate(
    organisation: Organisation | Roster,
    oncall: OnCall,
    policy_id: str,
    at_ms: int,
    *,
    urgency: PageUrgency | None = None,
    acknowledged_after_ms: int | None = None,
) -> list[Page]:
    """The pages of a policy that starts at `at_ms`, in order of time.

    Whoever is on call is asked for the moment of the step.  `urgency` goes before the policy's own.  Raises KeyError
    for an unknown policy.
    """
    policy: EscalationPolicy = organisation.policies[policy_id]
    first = _run(organisation, oncall, policy, at_ms, urgency or policy.urgency)
    if acknowledged_after_ms is None:
        return first
    acknowledged_ms = at_ms + acknowledged_after_ms
    pages = [page for page in first if page.at_ms < acknowledged_ms]
    if policy.acknowledge_timeout is not None:
        rounds = max((page.round for page in pages), default=0)
        anew_ms = acknowledged_ms + policy.acknowledge_timeout
        again = _run(organisation, oncall, policy, anew_ms, urgency or policy.urgency)
        pages += [replace(page, round=page.round + rounds) for page in again]
    return pages


def _run(
    organisation: Organisation | Roster, oncall: OnCall, policy: EscalationPolicy, at_ms: int, urgency: PageUrgency
) -> list[Page]:
    pages: list[Page] = []
    at_ms += policy.delay
    for number in range(1 + policy.repeat):
        for position, step in enumerate(policy.steps):
            for target in targets(organisation, oncall, step, at_ms):
                page = Page(at_ms, number + 1, position + 1, target.rotation, target.team, target.person, None, None)
                pages += _attempts(organisation, page, urgency)
            at_ms += step.wait
    return sorted(pages, key=lambda page: page.at_ms)


def _attempts(organisation: Organisation | Roster, page: Page, urgency: PageUrgency) -> Iterator[Page]:
    if page.person is None:
        yield page
        return
    if isinstance(organisation, Roster):
        for rule in organisation.people[page.person].notifications.get(urgency, ()):
            yield replace(page, at_ms=page.at_ms + rule.after, channel=rule.channel)
        if not organisation.people[page.person].notifications.get(urgency):
            yield page
        return
    for rule in organisation.people[page.person].notification_rules(urgency):
        at_ms = page.at_ms + rule.after
        arrives_ms = at_ms + organisation.channels[rule.channel].latency.median_ms
        yield replace(page, at_ms=at_ms, channel=rule.channel, arrives_ms=arrives_ms)
