"""What a text says: a picture of the incident as its writer knows it, put into words.

Pure: from the picture and a template, or none, to words.  What slips into free text is chosen among `details`, things
that the writer knows and that no outsider has to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from simulator.response.case import Case
from timeline.details import DiagnosisDetail, MessageDetail
from timeline.instants import MINUTE, to_wall
from timeline.references import RefKind, function
from topologies.communication import Placeholder, Says, Template
from topologies.estate import BusinessFunction

_PROMISED_TO_MS = 5 * MINUTE


def promised(at_ms: int) -> int:
    """A moment as people promise it: rounded up to five minutes."""
    return -(-at_ms // _PROMISED_TO_MS) * _PROMISED_TO_MS


@dataclass(frozen=True, slots=True)
class Picture:
    """The incident as far as known."""

    severity: str
    down: tuple[str, ...]
    """Titles of business functions that are out of service."""
    partly: tuple[str, ...]
    """Titles of those that work in part."""
    hurt: tuple[str, ...]
    """Titles of all that were ever out of service in it."""
    since_ms: int | None
    """Since when something has been known to be out of service."""
    next_ms: int | None
    epoch: datetime
    cause: str = ""
    """What was found, for those inside."""

    @property
    def says(self) -> Says:
        return "disruption" if self.down or self.partly else "recovery"

    def clock(self, at_ms: int | None, otherwise: str) -> str:
        """A moment as people say it, or what they say where they know none."""
        return otherwise if at_ms is None else f"{to_wall(at_ms, self.epoch):%H:%M}"

    @property
    def state(self) -> str:
        if self.down:
            return "out of service"
        return "working in part" if self.partly else "back in service"

    @property
    def functions(self) -> str:
        return ", ".join(self.down or self.partly or self.hurt) or "our services"


def picture_of(
    case: Case, functions: Mapping[str, BusinessFunction], epoch: datetime, next_ms: int | None, *, inside: bool
) -> Picture:
    """What the people on a case know now; `inside`: the readers may hear of causes."""
    state = {id: case.knowledge.known_state(function(id)) for id in functions}
    return Picture(
        severity=case.severity.severity if case.severity is not None else "",
        down=tuple(functions[id].title for id in case.impacts),
        partly=tuple(spec.title for id, spec in functions.items() if state[id] == "degraded"),
        hurt=tuple(functions[id].title for id in case.hurt),
        since_ms=min((impact.since_ms for impact in case.impacts.values()), default=None),
        next_ms=next_ms,
        epoch=epoch,
        cause=_cause(case) if inside else "",
    )


def filled(template: Template, picture: Picture) -> str:
    """A template with what is known."""
    return template.text.format_map(
        {
            Placeholder.FUNCTIONS: picture.functions,
            Placeholder.STATE: picture.state,
            Placeholder.SEVERITY: picture.severity,
            Placeholder.SINCE: picture.clock(picture.since_ms, "earlier today"),
            Placeholder.NEXT_UPDATE: picture.clock(picture.next_ms, "the end of the day"),
        }
    )


def in_own_words(picture: Picture, detail: str = "") -> str:
    """As somebody writes it who has no template; `detail` is what slips in."""
    since = f" since {picture.clock(picture.since_ms, '')}" if picture.since_ms is not None else ""
    sentences = [f"{picture.functions}: {picture.state}{since}"]
    if picture.partly and picture.down:
        sentences.append(f"{', '.join(picture.partly)}: working in part")
    if picture.cause:
        sentences.append(f"Cause found: {picture.cause}")
    if detail:
        sentences.append(detail)
    sentences.append("We are working on it" if picture.says == "disruption" else "We keep watching")
    if picture.next_ms is not None:
        sentences.append(f"Next update by {picture.clock(picture.next_ms, '')}")
    return ". ".join(sentences)


def details(case: Case) -> list[str]:
    """What people on a case know and might let slip: causes, names of what is broken, who is on it, words that they
    were told."""
    found = [f"The cause is {cause}"] if (cause := _cause(case)) else []
    bad = [subject.id for subject in case.knowledge.known_bad() if subject.kind is RefKind.COMPONENT]
    found += [f"{id} does not answer" for id in bad[:2]]
    if case.responder is not None:
        found.append(f"{case.responder} is on it")
    told = [
        event.detail.text.rstrip(".")
        for event in case.knowledge.events_seen()
        if event.kind == "inject.delivered" and isinstance(event.detail, MessageDetail)
    ]
    return [*found, *(f"We hear: {words}" for words in told[-1:])]


def _cause(case: Case) -> str:
    concluded = [
        event.detail.finding
        for event in case.knowledge.events_seen()
        if event.kind == "diagnosis.concluded" and isinstance(event.detail, DiagnosisDetail)
    ]
    return (concluded[-1] or "") if concluded else ""
