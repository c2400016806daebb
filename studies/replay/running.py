"""The reduced model: a history of incidents through the organisation, in virtual time.

    notice -> escalation -> work by whoever takes it          (triage, checks, perhaps a hand-over)
                         -> remedy -> service is back         (permission, third party, action, start-up)
                         -> verified, put on record, closed

It is a plain heap of events.  Schedules, targets of steps, notification rules, answers by day and night, fatigue, the
order of checks, permissions and the duration of actions are the functions of `simulator.response` and
`simulator.estate`, and draws have the names that they have there: an incident that nothing else disturbs is
acknowledged to the millisecond as in a full exercise with the same seed, if it is named as there.

Left out, beside what `detection` and `people` say: incidents neither merge nor cause each other, playbooks and command
(roles, updates, validation) take nobody's time, channels work, a fault is there until its remedy ends it, and a person
who searches alone is not helped by others on the bridge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from typing import Any

from simulator.randomness import Streams
from simulator.response.oncall import targets
from simulator.sides import Facts
from studies.replay.detection import Detector, Notice, ToldBy
from studies.replay.diagnosis import Routes
from studies.replay.incidents import Incident
from studies.replay.people import People
from studies.replay.remedies import Remedies, Remedy
from timeline.instants import DAY, HOUR, MINUTE
from topologies.escalation import EscalationPolicy
from topologies.organisation import Organisation

_COMPETENT = 0.5
"""As `simulator.response.investigation`: below it a responder calls the owner."""
_CHECKS_OF_A_NODE = 4
"""As `simulator.response.diagnosis`: so many in vain, then it is given up."""
_LOOK_AGAIN_MS = 5 * MINUTE
_NEXT_SIGN_MS = 4 * HOUR
"""Alertmanager's default `repeat_interval`: after an escalation that nobody answered the next one begins then."""
_MOST_ESCALATIONS = 42
"""A week of them."""
_LONGEST_SEARCH_MS = 7 * DAY


class End(StrEnum):
    """How an incident ended in the model."""

    MITIGATED = "mitigated"
    NOBODY_TOLD = "nobody was told"
    NOBODY_ANSWERED = "nobody answered"
    NO_CAUSE_FOUND = "no cause was found"
    NO_REMEDY = "nobody may end it"


@dataclass(slots=True)
class Course:
    """What became of one incident.  Moments in ms since 1970, None where it did not come so far."""

    incident: Incident
    told_ms: int | None = None
    told_by: ToldBy | None = None
    acknowledged_ms: int | None = None
    found_ms: int | None = None
    restored_ms: int | None = None
    mitigated_ms: int | None = None
    responder: str | None = None
    """Who had it last."""
    pages: int = 0
    pages_at_night: int = 0
    handed_off: int = 0
    end: End | None = None

    @property
    def acknowledge_ms(self) -> int | None:
        """From the first notice to anybody."""
        return None if self.told_ms is None or self.acknowledged_ms is None else self.acknowledged_ms - self.told_ms

    @property
    def restore_ms(self) -> int | None:
        """As the record of this incident counts it (`studies.replay.incidents`)."""
        over = self.restored_ms if self.incident.to_service else self.mitigated_ms
        begun = self.incident.at_ms if self.incident.from_impact else self.told_ms
        return None if over is None or begun is None else over - begun

    @property
    def down_ms(self) -> int | None:
        """From the start of the disruption until service is back."""
        return None if self.restored_ms is None else self.restored_ms - self.incident.at_ms


@dataclass(frozen=True, slots=True)
class Run:
    """One replication: what became of each incident, in their order, and when people were busy."""

    courses: tuple[Course, ...]
    spans: tuple[tuple[str, int, int], ...]


@dataclass(slots=True, eq=False)
class _Job:
    """An incident while it is worked on."""

    course: Course
    notice: Notice
    remedy: Remedy | None
    route: tuple[str, ...] = ()
    """From the triage on."""
    place: int = 0
    """How many nodes of the route are behind."""
    laps: int = 0
    search_began_ms: int | None = None
    checks: Counter[str] | None = None
    called: frozenset[str] = frozenset()
    """Teams that were asked to take over."""

    @property
    def id(self) -> str:
        return self.course.incident.id


@dataclass(slots=True, eq=False)
class _Escalation:
    """An escalation while it runs."""

    job: _Job
    policy_id: str
    policy: EscalationPolicy
    purpose: str
    taken: Callable[[str], None]
    exhausted: Callable[[], None]
    answered: bool = False
    over: bool = False
    """Answered, or given up: pages that nobody has noticed yet are no longer wanted."""


def run(
    incidents: Sequence[Incident],
    organisation: Organisation,
    facts: Facts,
    detector: Detector,
    routes: Routes,
    remedies: Remedies,
    streams: Streams,
) -> Run:
    """One replication of all incidents, until the last is over."""
    return _Engine(organisation, facts, routes, remedies, streams).run(incidents, detector)


class _Engine:
    def __init__(
        self, organisation: Organisation, facts: Facts, routes: Routes, remedies: Remedies, streams: Streams
    ) -> None:
        self._organisation = organisation
        self._facts = facts
        self._routes = routes
        self._remedies = remedies
        self._streams = streams
        self._people = People(organisation)
        self._calendar: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = 0
        self._now = 0

    def run(self, incidents: Sequence[Incident], detector: Detector) -> Run:
        courses = tuple(Course(incident) for incident in incidents)
        for course in courses:
            notice = detector.notice(course.incident, self._streams)
            if notice is None:
                course.end = End.NOBODY_TOLD
                continue
            course.told_ms, course.told_by = notice.at_ms, notice.by
            self._at(notice.at_ms, self._open, course, notice)
        calendar = self._calendar
        while calendar:
            self._now, _, what, arguments = heappop(calendar)
            what(*arguments)
        return Run(courses, tuple(self._people.spans))

    def _at(self, at_ms: int, what: Callable[..., None], *arguments: Any) -> None:
        self._number += 1
        heappush(self._calendar, (at_ms, self._number, what, arguments))

    # Who takes it

    def _open(self, course: Course, notice: Notice) -> None:
        self._first_response(_Job(course, notice, self._remedies.of(course.incident.pair)))

    def _first_response(self, job: _Job) -> None:
        if job.laps == _MOST_ESCALATIONS:
            job.course.end = End.NOBODY_ANSWERED
            return
        job.laps += 1

        def taken(who: str) -> None:
            job.course.acknowledged_ms = self._now
            self._triage(job, who)

        def exhausted() -> None:
            self._at(self._now + _NEXT_SIGN_MS, self._again, job)

        self._escalate(job, job.notice.policy, f"first-response-{job.laps}", taken, exhausted)

    def _again(self, job: _Job) -> None:
        """The next sign of trouble, if somebody who was busy has not come round to it meanwhile."""
        if job.course.acknowledged_ms is None:
            self._first_response(job)

    def _escalate(
        self, job: _Job, policy_id: str, purpose: str, taken: Callable[[str], None], exhausted: Callable[[], None]
    ) -> None:
        policy = self._organisation.policies[policy_id]
        run = _Escalation(job, policy_id, policy, purpose, taken, exhausted)
        self._at(self._now + policy.delay, self._step, run, 0, 0)

    def _step(self, run: _Escalation, lap: int, number: int) -> None:
        """Pages everybody of a step at once; one that nobody is on call for is passed."""
        if run.over:
            return
        steps = run.policy.steps
        while lap <= run.policy.repeat:
            step = steps[number]
            found = targets(self._organisation, self._people.oncall, step, self._now)
            people = [target.person for target in found if target.person is not None]
            following = (lap, number + 1) if number + 1 < len(steps) else (lap + 1, 0)
            if people:
                for who in people:
                    self._page(run, who, f"lap-{lap}/step-{number}")
                self._at(self._now + step.wait, self._step, run, *following)
                return
            lap, number = following
        run.over = True
        run.exhausted()

    def _page(self, run: _Escalation, who: str, place: str) -> None:
        """One person, by the notification rules of the policy's urgency."""
        used: dict[str, int] = {}
        for rule in self._organisation.people[who].notification_rules(run.policy.urgency):
            used[rule.channel] = time = used.get(rule.channel, 0) + 1
            again = "" if time == 1 else f"/{time}"
            occasion = f"{run.job.id}/{run.purpose}/{run.policy_id}/{place}/{rule.channel}{again}"
            latency = self._organisation.channels[rule.channel].latency
            arrives = rule.after + self._streams.draw(latency, f"person/{who}", "page-latency", occasion)
            self._at(self._now + arrives, self._deliver, run, who, rule.channel, occasion)

    def _deliver(self, run: _Escalation, who: str, channel: str, occasion: str) -> None:
        """A page reaches the device, or not; it may be missed."""
        if run.over:
            return
        streams, people, entity = self._streams, self._people, f"person/{who}"
        failure = self._organisation.channels[channel].failure
        if failure and streams.chance(failure, entity, "page-fails", occasion):
            return
        course = run.job.course
        course.pages += 1
        course.pages_at_night += people.is_night(who, self._now)
        reaction, missed = people.reaction(who, channel, self._now)
        weariness = people.weariness(who, self._now)
        if missed and streams.chance(weariness.missed(missed), entity, "misses-page", occasion):
            return
        delay = weariness.delay_ms(streams.draw(reaction, entity, "answers", occasion))
        self._at(self._now + delay, self._notice, run, who)

    def _notice(self, run: _Escalation, who: str) -> None:
        self._people.notice(who, self._now)
        if not run.over:
            self._when_free(run.job, who, lambda: self._answer(run, who))

    def _answer(self, run: _Escalation, who: str) -> bool:
        if run.answered:
            return False
        run.answered = run.over = True
        self._people.occupy(who, self._now)
        run.job.course.responder = who
        run.taken(who)
        return True

    def _when_free(self, job: _Job, who: str, take: Callable[[], bool]) -> None:
        if self._people.is_free(who):
            take()
        else:
            self._people.wait(who, job.course.incident.priority, self._now, take)

    def _resume(self, job: _Job, who: str, work: Callable[[_Job, str], None]) -> None:
        """The responder turns to an incident of his again, once he is free."""

        def take() -> bool:
            self._people.occupy(who, self._now)
            work(job, who)
            return True

        self._when_free(job, who, take)

    # What it is

    def _triage(self, job: _Job, who: str) -> None:
        takes = self._streams.draw(self._organisation.working.triage, f"person/{who}", "triages", job.id)
        self._at(self._now + takes, self._search, job, who)

    def _search(self, job: _Job, who: str) -> None:
        """Checks along the route until the cause is found or the owner of something is needed."""
        at_ms = self._now
        if job.search_began_ms is None:
            job.search_began_ms = at_ms
            job.route = self._routes.route(job.course.incident.pair.target, job.notice.symptoms(at_ms))
        while job.place < len(job.route):
            node = job.route[job.place]
            kind = self._facts.kinds.get(node)
            skill = self._people.skill(who, kind)
            owner = self._facts.owners.get(node)
            if skill < _COMPETENT and self._can_take_over(owner, who, job):
                assert owner is not None
                job.called |= {owner}
                self._at(at_ms, self._hand_off, job, who, owner)
                return
            took_ms, told = self._checks(job, who, node, skill)
            at_ms += took_ms
            if not told:
                if at_ms - job.search_began_ms > _LONGEST_SEARCH_MS or skill == 0:
                    self._at(at_ms, self._end, job, who, End.NO_CAUSE_FOUND)
                    return
                at_ms += _LOOK_AGAIN_MS
                continue
            job.place += 1
        self._at(at_ms, self._found, job, who)

    def _can_take_over(self, owner: str | None, who: str, job: _Job) -> bool:
        if owner is None or owner in job.called or self._organisation.people[who].team == owner:
            return False
        return self._organisation.teams[owner].policy is not None

    def _checks(self, job: _Job, who: str, node: str, skill: float) -> tuple[int, bool]:
        """Checks of one node: how long they take, and whether one told something in the end."""
        working, entity, took_ms = self._organisation.working, f"person/{who}", 0
        checks = job.checks = Counter() if job.checks is None else job.checks
        for _ in range(_CHECKS_OF_A_NODE):
            checks[node] += 1
            occasion = f"{job.id}/{node}/check-{checks[node]}"
            told = self._streams.chance(skill, entity, "check-conclusive", occasion)
            length = working.check if told else working.check_unskilled
            took_ms += self._streams.draw(length, entity, "checks", occasion)
            if told:
                return took_ms, True
        return took_ms, False

    def _hand_off(self, job: _Job, who: str, owner: str) -> None:
        """The owning team is paged; until somebody answers, the responder is free for other things."""
        policy = self._organisation.teams[owner].policy
        assert policy is not None

        def taken(other: str) -> None:
            job.course.handed_off += other != who
            self._search(job, other)

        self._escalate(job, policy, f"hand-off-{owner}", taken, lambda: self._resume(job, who, self._search))
        self._people.release(who, self._now)

    # What ends it

    def _found(self, job: _Job, who: str) -> None:
        job.course.found_ms = self._now
        remedy = job.remedy
        if remedy is None:
            self._end(job, who, End.NO_REMEDY)
            return
        target, streams = job.course.incident.pair.target, self._streams
        occasion = f"{job.id}/runbook-{target}-{remedy.action}-1"
        ends_ms = self._now
        if remedy.decision is not None:
            ends_ms += streams.draw(remedy.decision, f"role/{remedy.approver}", "approves", occasion)
        if remedy.response is not None:
            ends_ms += streams.draw(remedy.response, f"vendor/{remedy.vendor}", "response", job.id)
        ends_ms += streams.draw(remedy.takes, remedy.entity, remedy.action, occasion)
        restored_ms = look_ms = ends_ms
        if remedy.start_up is not None:
            restored_ms += streams.draw(remedy.start_up, remedy.entity, "start-up", job.id)
            while look_ms < restored_ms:
                look_ms += _LOOK_AGAIN_MS
        job.course.restored_ms = restored_ms
        if remedy.leaves_people_free:
            self._at(look_ms, self._resume, job, who, self._verify)
            self._people.release(who, self._now)
        else:
            self._at(look_ms, self._verify, job, who)

    def _verify(self, job: _Job, who: str) -> None:
        takes = self._streams.draw(self._organisation.working.verification, f"person/{who}", "verifies", f"{job.id}/1")
        self._at(self._now + takes, self._mitigated, job, who)

    def _mitigated(self, job: _Job, who: str) -> None:
        job.course.mitigated_ms = self._now
        takes = self._streams.draw(self._organisation.working.decision, f"person/{who}", "closes", job.id)
        self._at(self._now + takes, self._end, job, who, End.MITIGATED)

    def _end(self, job: _Job, who: str, end: End) -> None:
        job.course.end = end
        self._people.release(who, self._now)
