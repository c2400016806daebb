"""A draft: the roster as a format's reader puts it together, with remarks on what the export leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from timeline.findings import Finding, Severity
from timeline.instants import format_duration
from topologies.escalation import EscalationPolicy
from topologies.fields import TimeZone
from topologies.importers.oncall.source import Source
from topologies.loading.nodes import Step
from topologies.people import NotificationRule, PageUrgency
from topologies.roster import Member, Roster
from topologies.rotations import Rotation, Shift

UNKNOWN = "oncall.not-known"
"""The export does not say something that matters."""
DIFFERENT = "oncall.no-equal"
"""The export says something that has no equal here; the remark says what is done instead."""


@dataclass(frozen=True, slots=True)
class Window:
    """The span for which endless recurrences are spelt out; both ends are aware."""

    start: datetime
    end: datetime

    @classmethod
    def around(cls, moment: datetime) -> Window:
        """From a month before a moment to a year after it."""
        return cls(moment - timedelta(days=31), moment + timedelta(days=366))


@dataclass(frozen=True)
class Imported:
    """What came out of one export."""

    format: str
    roster: Roster
    remarks: tuple[Finding, ...]
    rendered: dict[str, tuple[Shift, ...]] = field(default_factory=dict)
    """Final schedules as the tool itself computed them, by rotation, where the export holds some: to compare with."""


class Draft:
    """Gathers people, rotations, policies and remarks while a source is read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._people: dict[str, Member] = {}
        self._rotations: dict[str, Rotation] = {}
        self._policies: dict[str, EscalationPolicy] = {}
        self._remarks: dict[Finding, None] = {}
        self._rendered: dict[str, tuple[Shift, ...]] = {}

    def person(
        self, id: str, title: str | None = None, timezone: TimeZone | None = None, team: str | None = None
    ) -> str:
        """Somebody whom the source names; what a later mention adds is kept."""
        known = self._people.get(id, Member(title=id))
        named = {"title": title} if title and known.title == id else {}
        placed = {"timezone": known.timezone or timezone, "team": known.team or team}
        self._people[id] = known.model_copy(update={**named, **placed})
        return id

    def notified(self, id: str, urgency: PageUrgency, attempts: Sequence[tuple[str, timedelta]]) -> None:
        """Over which channels a person is tried, each so long after the page."""
        person = self._people[self.person(id)]
        rules = [{"channel": channel, "after": written(after)} for channel, after in attempts]
        notifications = {**person.notifications, urgency: tuple(map(NotificationRule.model_validate, rules))}
        self._people[id] = person.model_copy(update={"notifications": notifications})

    def rotation(self, id: str, rotation: Rotation, rendered: Sequence[Shift] = ()) -> None:
        self._rotations[id] = rotation
        if rendered:
            self._rendered[id] = tuple(rendered)

    def policy(self, id: str, policy: EscalationPolicy) -> None:
        self._policies[id] = policy

    def remark(self, id: str, path: Sequence[Step], message: str, hint: str = "") -> None:
        severity = Severity.WARNING if id == DIFFERENT else Severity.INFO
        self._remarks[Finding(id, severity, self._source.place(path), message, hint)] = None

    def finished(self, format: str, title: str) -> Imported:
        roster = Roster(title=title, people=self._people, rotations=self._rotations, policies=self._policies)
        return Imported(format, roster, tuple(self._remarks), self._rendered)


def written(span: timedelta | float) -> str:
    """A duration, or seconds, as files of ours write it."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    return format_duration(round(seconds * 1000))
