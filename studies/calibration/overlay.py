"""From a history and its place on an estate to an overlay: which fitted figure is which parameter of the model.

Two kinds of parameter can be told from a record, and no more:

    answers     `organisation.people.<id>.answer.day` and `.night`, alike for all members of a team: the times to
                acknowledge of the incidents on what the team owns, by day and by night apart
    recoveries  `estate.components.<id>.recovery.<action>`: the times to restore of the incidents that the action ends,
                less what the model needs for answer, triage and checks under the answers just fitted

Both by simulated moments (`studies.calibration.matching`): each incident alone, at its hour of the week.  The rest is
left alone, and the overlay says why (`left_alone`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import numpy as np

from scenarios.history.calibration.cases import Cases, Target, cases_of
from scenarios.history.calibration.durations import choose_model
from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.observations import Observations
from scenarios.history.record import IncidentRecord, TimeBasis
from simulator.exercise import facts_of
from simulator.randomness import Streams
from simulator.response.oncall.clock import is_sleep_hour
from studies.calibration.matching import Quantiles, Simulate, distance, match
from studies.coverage import Subject
from studies.replay.dating import weeks_to_schedules
from studies.replay.detection import RecordedDetector
from studies.replay.diagnosis import Routes
from studies.replay.incidents import Incident, in_order
from studies.replay.mapping import Placed
from studies.replay.remedies import Remedies
from studies.replay.running import Course, run
from timeline.commands import Action
from timeline.distributions import Distribution
from timeline.instants import UNIX_EPOCH, WEEK, to_wall
from topologies.loading.overlay_file import FORMAT, Overlay, OverlayValue
from topologies.people import Person

LEAST_CASES = 30
"""Fewer ended cases fit no parameter."""
SIMULATED = 800
"""Incidents a simulation: quantiles of them are known to some 5 %."""
_WIDEST_GAP_WEEKS = 52
_MANY_CASES, _GOOD_DISTANCE, _FAIR_DISTANCE = 100, 0.08, 0.15

_LEFT_ALONE = {
    "scenario.faults": "an exercise states its faults; how often incidents come is in the model file, which "
    "`blackstart replay MODEL` draws futures from",
    "organisation.people.*.answer.missed_day": "a page that went unnoticed looks like a slow answer; the stated share "
    "was kept, and the answers were fitted to go with it",
    "organisation.working": "the record does not divide the work on an incident into triage, checks, decisions and "
    "verification; the stated times were kept",
    "organisation.working.handoff_keeps": "hand-overs are counted in a record, not what they passed on",
    "organisation.service_desk.handling": "a record begins with its opening: what lay before is not in it",
}


@dataclass
class _World:
    """The subject as it is fitted so far."""

    subject: Subject
    seed: int
    simulated: int
    values: dict[str, OverlayValue] = field(default_factory=dict)
    left_alone: dict[str, str] = field(default_factory=lambda: dict(_LEFT_ALONE))

    def courses(self, incidents: Sequence[Incident]) -> tuple[Course, ...]:
        """What becomes of incidents whose first notice is their opening."""
        estate, organisation = self.subject.estate, self.subject.organisation
        facts = facts_of(estate)
        remedies = Remedies(estate, organisation, facts)
        detector = RecordedDetector(organisation, facts)
        return run(incidents, organisation, facts, detector, Routes(facts), remedies, Streams(self.seed)).courses

    def answering(self, people: Sequence[str], hours: str, answer: Distribution) -> _World:
        """The same with other answers of some people."""
        organisation = self.subject.organisation
        everybody = dict(organisation.people)
        for id in people:
            changed = everybody[id].answer.model_copy(update={hours: answer})
            everybody[id] = everybody[id].model_copy(update={"answer": changed})
        return self._with(organisation=organisation.model_copy(update={"people": everybody}))

    def recovering(self, component: str, action: Action, takes: Distribution) -> _World:
        """The same with another duration of an action."""
        estate = self.subject.estate
        found = estate.components[component]
        recovery = found.recovery.model_copy(update={action.name.lower(): takes})
        components = {**estate.components, component: found.model_copy(update={"recovery": recovery})}
        return self._with(estate=estate.model_copy(update={"components": components}))

    def _with(self, **fields: object) -> _World:
        return replace(self, subject=replace(self.subject, **fields))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Sample:
    """Some incidents of one kind, as they were observed."""

    incidents: tuple[Incident, ...]
    observed: Observations


def fit_overlay(
    records: Sequence[IncidentRecord],
    placed: Placed,
    subject: Subject,
    name: str,
    *,
    seed: int = 1,
    simulated: int = SIMULATED,
) -> Overlay:
    """The overlay of a history on an estate; `name` is what the history is called in it, `simulated` how many incidents
    each simulation has.

    Raises ValueError where nothing of the history is on the estate.
    """
    if not placed.incidents:
        raise ValueError("no incident of the history is on the estate")
    known = {incident.id: incident for incident in placed.incidents}
    on_estate = [record for record in records if record.id in known]
    weeks = weeks_to_schedules(placed.incidents, subject.organisation)
    incidents = {id: incident.moved(weeks * WEEK) for id, incident in known.items()}
    calendar = all(record.time_basis is TimeBasis.CALENDAR for record in on_estate)
    world = _World(subject, seed, simulated)
    world = _fit_answers(world, _Times(on_estate, incidents, Target.ACKNOWLEDGE), name, calendar=calendar)
    world = _fit_recoveries(world, _Times(on_estate, incidents, Target.RESTORE), name)
    return Overlay(format=FORMAT, title=f"Fitted to {name}", values=world.values, left_alone=world.left_alone)


class _Times:
    """One time of all incidents on the estate."""

    def __init__(self, records: Sequence[IncidentRecord], incidents: Mapping[str, Incident], target: Target) -> None:
        self._cases: Cases = cases_of(records, target)
        ordered = sorted(records, key=lambda record: (record.opened_at, record.id))
        self.incidents = [incidents[record.id] for record in ordered]

    def sample(self, chosen: Sequence[bool]) -> _Sample:
        """Those that are chosen and tell something."""
        mask = np.array(chosen, dtype=np.bool_) & self._cases.usable
        observed = self._cases.observed(mask, self._cases.watched_until_s)
        taken = tuple(one for one, there in zip(self.incidents, mask, strict=True) if there)
        return _Sample(taken, observed)


def _fit_answers(world: _World, times: _Times, name: str, *, calendar: bool) -> _World:
    owners = facts_of(world.subject.estate).owners
    for team in world.subject.organisation.teams:
        chosen = [owners.get(incident.pair.target) == team for incident in times.incidents]
        members = _members(world, team)
        if not any(chosen) or not members:
            continue
        zone = ZoneInfo(world.subject.organisation.people[members[0]].timezone)
        by_night = [_is_night(incident, zone) for incident in times.incidents]
        for hours in ("day", "night") if calendar else ("day",):
            wanted = [
                one and (not calendar or night is (hours == "night"))
                for one, night in zip(chosen, by_night, strict=True)
            ]
            world = _fit_answer(world, times.sample(wanted), team, members, hours, name)
    return world


def _members(world: _World, team: str) -> list[str]:
    return [id for id, person in world.subject.organisation.people.items() if person.team == team]


def _is_night(incident: Incident, zone: ZoneInfo) -> bool:
    return is_sleep_hour(to_wall(incident.opened_ms, UNIX_EPOCH).astimezone(zone))


def _fit_answer(world: _World, sample: _Sample, team: str, members: Sequence[str], hours: str, name: str) -> _World:
    place = f"organisation.teams.{team}, answers by {hours}"
    by_channel = [id for id in members if _answers_by_channel(world.subject.organisation.people[id])]
    if by_channel:
        world.left_alone[place] = f"{by_channel[0]} answers channels differently, and the record names no channel"
        return world
    what = f"{_ended(sample)} acknowledgements by {hours} of incidents on what {team} owns, in {name}"

    def simulate(answer: Distribution) -> Floats:
        courses = world.answering(members, hours, answer).courses(apart(sample.incidents, world.simulated))
        return _seconds([course.acknowledge_ms for course in courses])

    fitted = _fit(sample, simulate, what)
    if isinstance(fitted, str):
        world.left_alone[place] = fitted
        return world
    for id in members:
        world.values[f"organisation.people.{id}.answer.{hours}"] = fitted
    return world.answering(members, hours, Distribution.parse(fitted.value))


def _answers_by_channel(person: Person) -> bool:
    return any(channel in person.answer_by for channel in person.contact)


def _fit_recoveries(world: _World, times: _Times, name: str) -> _World:
    estate, organisation = world.subject.estate, world.subject.organisation
    remedies = Remedies(estate, organisation, facts_of(estate))
    groups: dict[tuple[str, Action], list[bool]] = defaultdict(lambda: [False] * len(times.incidents))
    for number, incident in enumerate(times.incidents):
        remedy = remedies.of(incident.pair)
        place = f"estate.components.{incident.pair.target}"
        if remedy is None:
            world.left_alone[place] = f"nothing that is documented ends {incident.pair.fault} there"
        elif remedy.vendor is not None:
            world.left_alone[place] = f"the record does not tell how long {remedy.vendor} takes to come from its repair"
        elif incident.pair.target in estate.components:
            groups[incident.pair.target, remedy.action][number] = True
    for (component, action), chosen in sorted(groups.items()):
        world = _fit_recovery(world, times.sample(chosen), component, action, name)
    return world


def _fit_recovery(world: _World, sample: _Sample, component: str, action: Action, name: str) -> _World:
    path = f"estate.components.{component}.recovery.{action}"
    what = f"{_ended(sample)} restorations of {component} that {action} ends, in {name}"

    def simulate(takes: Distribution) -> Floats:
        courses = world.recovering(component, action, takes).courses(apart(sample.incidents, world.simulated))
        return _seconds([course.restore_ms for course in courses])

    fitted = _fit(sample, simulate, what)
    if isinstance(fitted, str):
        world.left_alone[path] = fitted
        return world
    world.values[path] = fitted
    return world.recovering(component, action, Distribution.parse(fitted.value))


def _fit(sample: _Sample, simulate: Simulate, what: str) -> OverlayValue | str:
    """The value, or why there is none."""
    if _ended(sample) < LEAST_CASES:
        return f"{what}: too few, {LEAST_CASES} are needed"
    model, _ = choose_model(sample.observed, [], {})
    quantiles = [(model.quantile_s(p), *model.quantile_bounds_s(p)) for p in (0.5, 0.9)]
    target, lower, upper = (Quantiles(*ends) for ends in zip(*quantiles, strict=True))
    found = match(target, simulate)
    if found is None:
        return f"{what}: no value makes the model show such times; what it states for the other steps takes too long"
    low, high = (match(ends, simulate, found.parameter) for ends in (lower, upper))
    apart_by = distance(sample.observed, found.simulated_s)
    return OverlayValue(
        value=found.parameter.text,
        low=low.parameter.text if low is not None else None,
        high=high.parameter.text if high is not None else None,
        n=_ended(sample),
        basis="fitted",
        confidence=_confidence(_ended(sample), apart_by),
        source=f"{what}; simulated and recorded distribution are {apart_by:.2f} apart (Kolmogorov-Smirnov)",
    )


def _ended(sample: _Sample) -> int:
    return int(sample.observed.over.sum())


def _confidence(cases: int, apart_by: float) -> str:
    if cases >= _MANY_CASES and apart_by <= _GOOD_DISTANCE:
        return "high"
    return "medium" if apart_by <= _FAIR_DISTANCE else "low"


def apart(incidents: Sequence[Incident], count: int) -> tuple[Incident, ...]:
    """So many incidents like these, each at its hour of the week, and all others over by then."""
    first_ms = min(incident.at_ms for incident in incidents)
    longest_ms = max((incident.recorded_restore_ms or 0 for incident in incidents), default=0)
    gap_weeks = min(2 * longest_ms // WEEK + 1, _WIDEST_GAP_WEEKS)
    moved = []
    for number in range(count):
        one = incidents[number % len(incidents)]
        week = (one.at_ms - first_ms) // WEEK
        moved.append(one.moved((gap_weeks * number - week) * WEEK, f"fit-{number}"))
    return in_order(moved)


def _seconds(spans_ms: Sequence[int | None]) -> Floats:
    return np.array([np.nan if ms is None else ms / 1000 for ms in spans_ms], dtype=np.float64)
