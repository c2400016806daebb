"""When somebody is first told of an incident, and who: by alerts, by users, or as the record has it.

*Modelled*: each pair of component and fault is put once into the modelled estate, with the modelled Prometheus and
Alertmanager watching, exactly as `studies.coverage` does it; the first notification that a receiver with an escalation
policy gets is what every incident of that pair is told by.  Where users of a function that is lost make themselves
heard sooner, the service desk pages instead, as `simulator.response` has it: reports come at random at the rate of the
hour, and the desk takes its time once they make a pattern.  Where neither happens nobody is told.

*Recorded*: the record's opening is the notice, and it goes to the policy of the team that owns the component.

What the reduced model leaves out: a fault meets an estate that is otherwise well, at one moment of the scrape interval
and of the day; the function that is lost is taken to be lost whole, with the level of the busiest hour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from scenarios.faults import FAULTS
from simulator.estate.demand import activity, by_the_hour
from simulator.monitoring.promql import Labels
from simulator.randomness import Streams
from simulator.sides import Facts
from studies.coverage import Subject
from studies.coverage.faults import Case, TriedFault
from studies.coverage.running import Draw, QuietRun, Record, Watch
from studies.coverage.study import inventory_of
from studies.impact import assess
from studies.processes import in_order
from studies.replay.incidents import Incident, Pair
from timeline.instants import HOUR, UNIX_EPOCH, to_wall
from topologies.estate import Estate, UserReports
from topologies.organisation import Organisation


class DetectionSource(StrEnum):
    """What a replay takes the first notice from."""

    MODELLED = "modelled"
    RECORDED = "recorded"


class ToldBy(StrEnum):
    ALERT = "alert"
    USERS = "users"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Sign:
    """A notification points at a node of the documented graph."""

    at_ms: int
    node: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The first notice of an incident: when, to which policy, and what it and later ones point at."""

    at_ms: int
    policy: str
    signs: tuple[Sign, ...]
    """In order of time."""
    by: ToldBy

    def symptoms(self, at_ms: int) -> tuple[str, ...]:
        """What is pointed at by a moment."""
        return tuple(dict.fromkeys(sign.node for sign in self.signs if sign.at_ms <= at_ms))


class Detector(Protocol):
    def notice(self, incident: Incident, streams: Streams) -> Notice | None:
        """The first notice; None when nobody is ever told."""
        ...


@dataclass(frozen=True, slots=True)
class Alerted:
    """How alerts tell of a pair: when and to which policy first, and what they point at; times from the onset."""

    after_ms: int
    policy: str
    signs: tuple[Sign, ...]


def functions_lost(estate: Estate, pairs: Collection[Pair]) -> dict[Pair, tuple[str, ...]]:
    """The business functions that each pair takes away until people act, under the load of the busiest hour."""
    lost: dict[Pair, tuple[str, ...]] = dict.fromkeys(pairs, ())
    for kind in sorted({pair.fault for pair in pairs}):
        for impact in assess(estate, only=kind).faults:
            pair = Pair(impact.target, kind)
            if pair in lost:
                lost[pair] = tuple(impact.lost)
    return lost


class RecordedDetector:
    """The opening of the record is the notice."""

    def __init__(self, organisation: Organisation, facts: Facts) -> None:
        self._policies = {id: team.policy for id, team in organisation.teams.items()}
        self._owners = facts.owners

    def notice(self, incident: Incident, streams: Streams) -> Notice | None:  # noqa: ARG002  (nothing is drawn)
        policy = self._policies.get(self._owners.get(incident.pair.target, ""))
        if policy is None:
            return None
        sign = Sign(incident.opened_ms, incident.pair.target)
        return Notice(incident.opened_ms, policy, (sign,), ToldBy.RECORD)


class ModelledDetector:
    """Alerts once for each pair, users anew for each incident."""

    def __init__(
        self,
        estate: Estate,
        organisation: Organisation,
        alerted: Mapping[Pair, Alerted],
        lost: Mapping[Pair, tuple[str, ...]],
    ) -> None:
        self._estate = estate
        self._organisation = organisation
        self._alerted = alerted
        self._lost = lost
        self._zone = ZoneInfo(estate.timezone)

    def notice(self, incident: Incident, streams: Streams) -> Notice | None:
        found = [self._by_users(incident, function, streams) for function in self._lost[incident.pair]]
        if alerted := self._alerted.get(incident.pair):
            signs = tuple(Sign(incident.at_ms + sign.at_ms, sign.node) for sign in alerted.signs)
            found.append(Notice(incident.at_ms + alerted.after_ms, alerted.policy, signs, ToldBy.ALERT))
        return min((one for one in found if one is not None), key=lambda one: one.at_ms, default=None)

    def _by_users(self, incident: Incident, id: str, streams: Streams) -> Notice | None:
        """The moment at which the service desk pages for a function that is lost."""
        desk, function = self._organisation.service_desk, self._estate.functions[id]
        if desk is None or function.reports is None:
            return None
        owner = self._organisation.teams.get(function.owner or "")
        policy = desk.policy_of_function.get(id) or (owner.policy if owner else None)
        if policy is None:
            return None
        entity = f"function/{id}"
        hazard = -sum(
            math.log1p(-streams.uniform(entity, "reports", f"{incident.id}-{number}"))
            for number in range(desk.reports_to_open)
        )
        wall = to_wall(incident.at_ms, UNIX_EPOCH)
        active = activity(function.demand, wall, self._zone) if function.demand else 1.0
        rate = function.reports.users * _share(function.reports, wall.astimezone(self._zone)) * active / HOUR
        if rate <= 0:
            return None
        handling = streams.draw(desk.handling, "service-desk", "handles-reports", incident.id)
        at_ms = incident.at_ms + math.ceil(hazard / rate) + handling
        return Notice(at_ms, policy, (Sign(at_ms, f"function:{id}"),), ToldBy.USERS)


def _share(reports: UserReports, local: datetime) -> float:
    """Share of affected users who report within an hour, over all channels that get through at this moment."""
    if reports.share is not None:
        return reports.share
    return sum(
        channel.share * (1.0 if channel.by_hour is None else by_the_hour(channel.by_hour, local))
        for channel in reports.channels.values()
    )


def alerted_by(
    subject: Subject,
    pairs: Collection[Pair],
    epoch: datetime,
    lasts_ms: int,
    *,
    seed: int = 1,
    jobs: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> dict[Pair, Alerted | None]:
    """Tries each pair once, with everything else well, and watches for `lasts_ms`; None where nobody is paged.

    `epoch` is the wall-clock moment of the onset.  Every pair is tried from the same quiet run, so that it does not
    matter which others there are, nor on how many processes.
    """
    wanted = sorted(pairs)
    found: dict[Pair, Alerted | None] = {}
    if wanted:
        answers = in_order(_Trials, (subject, epoch, seed, lasts_ms), _Trials.alerted, wanted, min(jobs, len(wanted)))
        for pair, alerted in zip(wanted, answers, strict=True):
            found[pair] = alerted
            progress(len(found) / len(wanted))
    return found


class _Trials:
    """A quiet run, from which pairs are tried."""

    def __init__(self, subject: Subject, epoch: datetime, seed: int, lasts_ms: int) -> None:
        watch = Watch(subject.estate, subject.files, epoch, seed, lasts_ms)
        watch = replace(watch, files=replace(subject.files, groups=inventory_of(watch).groups))
        self._subject, self._lasts_ms = subject, lasts_ms
        self._quiet = QuietRun(watch, Draw.of(0, subject.estate.monitoring.scrape_interval))
        self._usual = {(told.at_ms, told.receiver, told.alerts) for told in self._quiet.record.told}

    def alerted(self, pair: Pair) -> Alerted | None:
        fault = TriedFault(pair.fault, pair.target, FAULTS[pair.fault].typical)
        record = self._quiet.run(Case(str(pair), (fault,), (), self._lasts_ms))
        return _first_page(record, self._subject, self._usual)


def _first_page(
    record: Record, subject: Subject, usual: Collection[tuple[int, str, tuple[Labels, ...]]]
) -> Alerted | None:
    """The first notification that pages somebody and that would not have come anyway, and what it and the later ones to
    the same people point at.  The onset is at 0."""
    policies = subject.organisation.receivers
    new = [
        told
        for told in record.told
        if told.at_ms >= 0 and told.receiver in policies and (told.at_ms, told.receiver, told.alerts) not in usual
    ]
    if not new:
        return None
    policy = policies[new[0].receiver]
    signs = [
        Sign(told.at_ms, node)
        for told in new
        if policies[told.receiver] == policy
        for node in _pointed_at(told.alerts, subject.estate)
    ]
    return Alerted(new[0].at_ms, policy, tuple({sign.node: sign for sign in reversed(signs)}.values())[::-1])


def _pointed_at(alerts: Sequence[Labels], estate: Estate) -> tuple[str, ...]:
    """The nodes that alerts name: component, else function, else site, as responders read them."""
    nodes = {**dict.fromkeys(estate.components), **dict.fromkeys(estate.standby_pairs), **dict.fromkeys(estate.groups)}
    nodes |= {f"function:{id}": None for id in estate.functions} | dict.fromkeys(estate.sites)
    found: dict[str, None] = {}
    for labels in alerts:
        named = (labels.get("component"), f"function:{labels.get('function')}", labels.get("site"))
        if (node := next((one for one in named if one in nodes), None)) is not None:
            found[node] = None
    return tuple(found)
