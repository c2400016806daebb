"""What sources tell, put in order as one timeline, with the causes that are known.

The order of files and rows does not matter: events are sorted by moment, then by what usually comes first
(`_ORDER`), then by what they say.  The same event told twice (two exports of one alert, two tools' copies of one
ticket) is on the timeline once.  Causes are of two kinds:

- stated: a fault lies behind the functions, alerts and incidents that the manifest lists under it; an incident was
  opened for the alerts listed under it; a page names its alert;
- by the meaning of the events: nothing ends before it begins, nobody answers a page that was not sent, and whatever is
  about an incident follows from its opening where that came before; a user's report about a function that is down at
  that moment follows from its disruption.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scenarios.history.incident.manifest import Manifest
from scenarios.history.incident.rows import Told
from timeline.details import AlertDetail, PageDetail
from timeline.events import DETAIL_OF_KIND, Event
from timeline.journal import Timeline
from timeline.references import Reference, RefKind

_ORDER = (
    "fault.started",
    "function.disrupted",
    "alert.pending",
    "alert.firing",
    "report.received",
    "incident.opened",
    "page.sent",
    "page.delivered",
    "page.failed",
    "page.acknowledged",
    "page.unanswered",
    "page.exhausted",
    "incident.assigned",
    "incident.reassigned",
    "incident.declared",
    "role.assigned",
    "bridge.joined",
    "inject.delivered",
    "update.sent",
    "diagnosis.concluded",
    "decision.made",
    "data.lost",
    "function.restored",
    "alert.resolved",
    "fault.ended",
    "incident.mitigated",
    "incident.resolved",
    "incident.closed",
)
"""Every kind that a record tells, in the order in which those of one moment are told."""
_RANKS = {kind: rank for rank, kind in enumerate(_ORDER)}
assert _RANKS.keys() <= DETAIL_OF_KIND.keys()
_ONCE = ("incident.opened", "incident.declared", "incident.mitigated")
"""Happen once to an incident: the first that is told counts."""
_ANSWERS = ("page.delivered", "page.failed", "page.acknowledged")


@dataclass(slots=True)
class _Known:
    """What has been told so far, for the causes of what comes."""

    begun: dict[Reference, int] = field(default_factory=dict)
    """The last event that began something: a fault, an incident, a disruption that lasts."""
    firing: dict[str, int] = field(default_factory=dict)
    """The last firing by fingerprint."""
    fired: dict[str, int] = field(default_factory=dict)
    """The last firing by the name of the alert."""
    pages: dict[tuple[str, str], int] = field(default_factory=dict)
    """The last page of an incident to somebody, sent or delivered."""
    of_incident: dict[str, int] = field(default_factory=dict)
    """The last page of an incident that was sent."""


def assemble(timeline: Timeline, told: Iterable[Told], manifest: Manifest) -> dict[int, list[Told]]:
    """Emits the events of a record onto a timeline that has begun; returns who told each, by its number."""
    known = _Known()
    tellers: dict[int, list[Told]] = {}
    seen: dict[object, int] = {}
    for one in sorted(told, key=_place):
        same = _sameness(one)
        if same in seen:
            tellers[seen[same]].append(one)
            continue
        causes = sorted(set(_causes(one, known, manifest)))
        event = timeline.emit(
            one.at_ms, one.kind, one.subject, one.actor, one.detail, causes, data_class=one.data_class
        )
        seen[same] = event.seq
        tellers[event.seq] = [one]
        _remember(event, known)
    return tellers


def _place(told: Told) -> tuple[object, ...]:
    said = (str(told.subject), str(told.actor), repr(told.detail), str(told.data_class), told.alerts)
    return (told.at_ms, _RANKS[told.kind], *said, told.row.file, told.row.line)


def _sameness(told: Told) -> object:
    """What two tellings of one event have in common."""
    if told.kind in _ONCE:
        return told.kind, told.subject
    if isinstance(told.detail, AlertDetail):
        return told.kind, told.detail.fingerprint, told.at_ms
    return told.kind, told.at_ms, told.subject, told.actor, told.detail


def _causes(told: Told, known: _Known, manifest: Manifest) -> Iterator[int]:
    yield from _stated(told, known, manifest)
    family = told.kind.partition(".")[0]
    if told.kind in ("fault.ended", "function.restored", "data.lost", "report.received"):
        yield from _if_known(known.begun.get(told.subject))
    elif told.kind == "alert.resolved":
        assert isinstance(told.detail, AlertDetail)
        yield from _if_known(known.firing.get(told.detail.fingerprint))
    elif family == "page":
        yield from _of_page(told, known)
    elif told.kind != "incident.opened" and family not in ("fault", "function", "alert"):
        yield from _if_known(known.begun.get(_incident_of(told)))


def _stated(told: Told, known: _Known, manifest: Manifest) -> Iterator[int]:
    for id, fault in manifest.faults.items():
        behind = {"function.disrupted": fault.behind.functions, "incident.opened": fault.behind.incidents}
        behind |= dict.fromkeys(("alert.pending", "alert.firing"), fault.behind.alerts)
        if told.subject.id in behind.get(told.kind, ()):
            yield from _if_known(known.begun.get(Reference(RefKind.FAULT, id)))
    named = told.alerts
    if told.kind == "incident.opened" and told.subject.id in manifest.incidents:
        named += manifest.incidents[told.subject.id].alerts
    for name in named:
        yield from _if_known(known.fired.get(name))


def _of_page(told: Told, known: _Known) -> Iterator[int]:
    assert isinstance(told.detail, PageDetail)
    detail = told.detail
    if told.kind in _ANSWERS:
        page = known.pages.get((detail.incident, detail.person))
    elif told.kind == "page.sent":
        page = known.begun.get(Reference(RefKind.INCIDENT, detail.incident))
    else:
        page = known.of_incident.get(detail.incident)
    yield from _if_known(page)


def _incident_of(told: Told) -> Reference:
    if told.subject.kind is RefKind.INCIDENT:
        return told.subject
    return Reference(RefKind.INCIDENT, str(getattr(told.detail, "incident", "")))


def _if_known(seq: int | None) -> Iterator[int]:
    if seq is not None:
        yield seq


def _remember(event: Event, known: _Known) -> None:
    detail = event.detail
    if event.kind in ("fault.started", "function.disrupted", "incident.opened"):
        known.begun[event.subject] = event.seq
    elif event.kind == "function.restored":
        del known.begun[event.subject]
    elif event.kind == "alert.firing" and isinstance(detail, AlertDetail):
        known.firing[detail.fingerprint] = known.fired[detail.name] = event.seq
    elif event.kind in ("page.sent", "page.delivered") and isinstance(detail, PageDetail):
        known.pages[detail.incident, detail.person] = event.seq
        known.of_incident[detail.incident] = event.seq
