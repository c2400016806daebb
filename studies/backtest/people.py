"""Whom a page would have reached: receiver to escalation policy to whoever was on call at that moment.

Only the first step of a policy is certain: whether the second is reached depends on whether somebody answered, which
no recording of series can tell.  A receiver that the organisation does not list reaches nobody; so does a step whose
rotation has a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from simulator.response.oncall import OnCall, escalate
from simulator.response.oncall.clock import is_sleep_hour
from simulator.response.staff import is_night
from studies.backtest.running import EPOCH, Page
from timeline.instants import to_wall
from topologies.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Reached:
    """Who is paged first: ids of people, those of them for whom it is night, and rotations that nobody held."""

    people: tuple[str, ...]
    asleep: tuple[str, ...]
    gaps: tuple[str, ...]


class Addressees:
    """Answers for one organisation, or for none: then nobody is known, and night is that of `zone`."""

    def __init__(self, organisation: Organisation | None, zone: ZoneInfo) -> None:
        self._organisation = organisation
        self._oncall = OnCall(organisation, EPOCH) if organisation is not None else None
        self._zone = zone

    @property
    def known(self) -> bool:
        return self._organisation is not None

    def unlisted(self, receivers: Sequence[str]) -> list[str]:
        """Receivers that lead to nobody."""
        return [r for r in receivers if self._organisation is not None and r not in self._organisation.receivers]

    def reached(self, page: Page) -> Reached:
        organisation, oncall = self._organisation, self._oncall
        if organisation is None or oncall is None:
            return Reached((), (), ())
        policy = organisation.receivers.get(page.receiver)
        if policy is None:
            return Reached((), (), ())
        first = [one for one in escalate(organisation, oncall, policy, page.at_ms) if (one.round, one.step) == (1, 1)]
        people = tuple(dict.fromkeys(one.person for one in first if one.person is not None))
        wall = to_wall(page.at_ms, EPOCH)
        asleep = tuple(id for id in people if is_night(organisation.people[id], wall))
        return Reached(people, asleep, tuple(one.rotation for one in first if one.person is None and one.rotation))

    def wakes(self, page: Page, reached: Reached) -> bool:
        """Whether the page falls into somebody's night; where nobody is known, into the night of the zone."""
        if reached.people:
            return bool(reached.asleep)
        return is_sleep_hour(to_wall(page.at_ms, EPOCH).astimezone(self._zone))
