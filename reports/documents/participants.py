"""Who took part: people who acted or answered, and parties outside who were called, with the events that say so."""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.index import TimelineIndex, detail_of
from timeline.details import PageDetail, RoleDetail
from timeline.references import RefKind


@dataclass(slots=True)
class Participant:
    """One person or party; `evidence` are the first call, the first act and the roles that were taken."""

    name: str
    kind: str
    """`person` or `third party`."""
    roles: list[str] = field(default_factory=list)
    called: int | None = None
    """Number of the first call."""
    acted: int | None = None
    """Number of the first event that was theirs."""
    assigned: list[int] = field(default_factory=list)

    @property
    def evidence(self) -> tuple[int, ...]:
        return tuple(sorted({seq for seq in (self.called, self.acted, *self.assigned) if seq is not None}))

    @property
    def part(self) -> str:
        """What they did, in words."""
        if self.roles:
            return ", ".join(self.roles)
        return "took part" if self.acted is not None else "called, and never acted"


def participants(index: TimelineIndex) -> list[Participant]:
    """Everybody, people first, by name."""
    found: dict[tuple[str, str], Participant] = {}

    def of(name: str, kind: str) -> Participant:
        return found.setdefault((kind, name), Participant(name, kind))

    for event in index.events:
        if event.actor.kind is RefKind.PERSON:
            one = of(event.actor.id, "person")
            one.acted = event.seq if one.acted is None else one.acted
    for event in index.of_kind("page.sent"):
        page = detail_of(event, PageDetail)
        outside = event.subject.kind is RefKind.VENDOR
        one = of(event.subject.id if outside else page.person, "third party" if outside else "person")
        one.called = event.seq if one.called is None else one.called
    for event in index.of_kind("page.acknowledged"):
        if event.subject.kind is RefKind.VENDOR:
            one = of(event.subject.id, "third party")
            one.acted = event.seq if one.acted is None else one.acted
    for event in index.of_kind("role.assigned"):
        taken = detail_of(event, RoleDetail)
        one = of(taken.person, "person")
        if taken.role not in one.roles:
            one.roles.append(taken.role)
            one.assigned.append(event.seq)
    return [found[key] for key in sorted(found)]
