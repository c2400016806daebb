"""A draft scenario out of a record: the faults that were stated, the MSEL of what people were told, what the business
wants, and the recorded moments to stand beside the modelled ones.

A draft is for a person to finish.  What the record does not say is marked `???` or left as a comment, and `Draft.open`
lists it.  With an estate, names are looked up in it: what it does not have is a comment, so that the draft loads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scenarios.faults import FAULTS
from scenarios.history.incident.manifest import KnownFault
from scenarios.history.incident.reading import IncidentFolder
from timeline.details import AlertDetail, FaultDetail, MessageDetail
from timeline.events import Event
from timeline.instants import MINUTE, SECOND, format_duration, from_wall
from topologies.loading.estate import LoadedEstate

UNKNOWN = "???"
_ROLE = "incident-manager"
_CHANNELS = {"status-page": "news", "chat": "chat"}
_TOLD = ("inject.delivered", "report.received", "update.sent")
_FIRSTS = {
    "began": ("fault.started",),
    "impact": ("function.disrupted",),
    "alerted": ("alert.firing",),
    "detected": ("page.delivered", "report.received"),
    "acknowledged": ("page.acknowledged",),
    "declared": ("incident.declared",),
    "mitigated": ("incident.mitigated",),
    "resolved": ("incident.resolved",),
}
"""Milestones of the glossary that the first event of these kinds reaches in a record of one incident."""


@dataclass
class Draft:
    """The text of a scenario, and what a person has to fill in."""

    lines: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def draft_scenario(record: IncidentFolder, estate: LoadedEstate | None) -> Draft:
    """Drafts a scenario on an estate; None where none is named yet."""
    draft, manifest = Draft(), record.manifest
    named = manifest.estate if estate is not None else None
    if named is None:
        draft.open.append("estate: the systems that it happened to")
    draft.lines += [
        f"# Drafted from the records of {record.name}.  Moments are those of the records; look for {UNKNOWN}.",
        "format: blackstart/scenario/1",
        f"title: {_text(record.title)}",
        f"purpose: {_text(UNKNOWN + ' what this exercise is to show')}",
        f"estate: {_text(named or UNKNOWN)}",
        f"starts_at: {manifest.begins.isoformat()}",
        f"duration: {_duration(_whole_minutes(record))}",
    ]
    draft.open.append("purpose: what the exercise is to show")
    if manifest.practices:
        draft.lines.append(f"practices: {json.dumps(list(manifest.practices))}")
    _faults(draft, record, estate)
    _injects(draft, record, estate)
    draft.lines += ["", "# playbook: NAME  # the response as it is planned today; without one nobody acts by a plan"]
    draft.open.append("playbook: the response as it is planned today")
    _objectives(draft, record, estate)
    _recorded(draft, record)
    draft.lines[1:1] = ["# Still open:", *(f"# - {one}" for one in draft.open)]
    return draft


def _whole_minutes(record: IncidentFolder) -> int:
    length = from_wall(record.manifest.ends, record.manifest.begins)
    return -(-length // MINUTE) * MINUTE


def _faults(draft: Draft, record: IncidentFolder, estate: LoadedEstate | None) -> None:
    faults = record.manifest.faults
    draft.lines.append("")
    if not faults:
        draft.lines += [
            "# The record states no fault.  What is found goes here (`blackstart list faults`):",
            "# faults:",
            "#   ID: {fault: KIND, target: COMPONENT, at: 0s}",
        ]
        draft.open.append("faults: the record states none")
        return
    good: list[str] = []
    left: list[str] = []
    for id, fault in sorted(faults.items()):
        reason = _why_not(fault, estate)
        body = list(_fault(id, fault, record))
        if reason is None:
            good += body
        else:
            left += [f"  # {reason}:", *(f"  # {line.strip()}" for line in body)]
            draft.open.append(f"faults.{id}: {reason}")
    draft.lines += ["faults:" if good else "# faults:", *good, *left]


def _why_not(fault: KnownFault, estate: LoadedEstate | None) -> str | None:
    """Why a stated fault cannot be played as it is."""
    kind = FAULTS.get(fault.fault)
    if kind is None:
        return f"{fault.fault!r} is no kind of the catalogue"
    if estate is None:
        return None
    topology = estate.topology
    if fault.target not in topology.components and fault.target not in topology.sites:
        return f"the estate has no {fault.target!r}"
    thing = topology.components.get(fault.target) or topology.sites[fault.target]
    return None if kind.applies_to(thing) else f"{fault.fault} cannot happen to a {thing.kind}"


def _fault(id: str, fault: KnownFault, record: IncidentFolder) -> Iterator[str]:
    yield f"  {id}:"
    yield f"    fault: {fault.fault}"
    yield f"    target: {fault.target}"
    yield f"    at: {_duration(from_wall(fault.at, record.manifest.begins))}"
    kind = FAULTS.get(fault.fault)
    if kind is not None and kind.typical:
        yield f"    parameters: {json.dumps(dict(kind.typical))}  # {UNKNOWN} of a usual case; the record does not say"
    if fault.description:
        yield f"    description: {_text(_described(id, record))}"
    if fault.ended is not None:
        length = from_wall(fault.ended, fault.at)
        yield f"    # It really ended after {_duration(length)}; here an action has to end it."


def _described(id: str, record: IncidentFolder) -> str:
    """The description as it is on the timeline: without names where these are hidden."""
    details = (e.detail for e in record.timeline.of_kind("fault.started") if e.subject.id == id)
    return next(detail.description for detail in details if isinstance(detail, FaultDetail))


def _injects(draft: Draft, record: IncidentFolder, estate: LoadedEstate | None) -> None:
    told = [event for event in record.timeline.of_kind(*_TOLD) if isinstance(event.detail, MessageDetail)]
    draft.lines.append("")
    if not told:
        draft.lines.append("# Nothing in the record tells what people outside said, or were told.")
        return
    roles = sorted(estate.organisation.roles) if estate is not None else [_ROLE]
    if not roles:
        draft.lines.append("# injects: the organisation has no role that they could be for")
        return
    role = _ROLE if _ROLE in roles else roles[0]
    draft.lines.append(
        "# The MSEL: what people were told, when.  Which role it is for, and what it should do, is open."
    )
    draft.lines.append("injects:")
    for number, event in enumerate(told, start=1):
        draft.lines += _inject(number, event, role)
    draft.open.append(f"injects: what each role should do about {len(told)} messages")


def _inject(number: int, event: Event, role: str) -> list[str]:
    detail = event.detail
    assert isinstance(detail, MessageDetail)
    sender = "users" if event.kind == "report.received" else detail.sender
    channel = "ticket" if event.kind == "report.received" else _CHANNELS.get(detail.channel, "chat")
    return [
        f"  told-{number:02d}:",
        f"    at: {_duration(max(event.at_ms, 0))}",
        f"    from: {_text(sender)}",
        f"    to: {role}  # {UNKNOWN}",
        f"    channel: {channel}",
        f"    text: {_text(detail.text)}",
        f"    expected_action: {_text(UNKNOWN)}",
    ]


def _objectives(draft: Draft, record: IncidentFolder, estate: LoadedEstate | None) -> None:
    known = set(record.manifest.functions) if estate is None else set(estate.topology.functions)
    lines = []
    for id, hurt in sorted(record.manifest.functions.items()):
        if id not in known:
            draft.open.append(f"functions: the estate has no {id!r}")
            continue
        targets = [
            f'      - {{measure: {measure}, subject: "function:{id}", at_least: 1}}  # {name} {_duration(promise)}'
            for measure, name, promise in (("rto_met", "RTO", hurt.rto), ("rpo_met", "RPO", hurt.rpo))
            if promise is not None
        ]
        if targets:
            lines += [f"  recover-{id}:", f"    title: {_text(f'{id} comes back as the business needs it')}"]
            lines += ['    practices: ["7.3"]', "    targets:", *targets]
        else:
            draft.open.append(f"objectives: no RTO or RPO of {id} is stated")
    draft.lines += ["", "objectives:", *lines] if lines else ["", "# objectives: no RTO or RPO is stated"]
    if not lines:
        draft.open.append("objectives: what is to be rated")


def _recorded(draft: Draft, record: IncidentFolder) -> None:
    moments = recorded_moments(record)
    if moments:
        draft.lines += ["", "recorded:"]
        for name, at, source in moments:
            draft.lines += [f"  {name}:", f"    at: {at.isoformat()}", f"    source: {_text(source)}"]


def recorded_moments(record: IncidentFolder) -> list[tuple[str, datetime, str]]:
    """Milestones of a record with their moments and sources, by time; only those that it shows."""
    timeline = record.timeline
    found = [
        (name, next((e for e in timeline.of_kind(*kinds) if _counts(e, record)), None))
        for name, kinds in _FIRSTS.items()
    ]
    found.append(("restored", max(timeline.of_kind("function.restored"), key=lambda e: e.seq, default=None)))
    told_by = {seq: row for row, events in record.rows for seq in events}
    moments = []
    reached = [(name, event) for name, event in found if event is not None]
    for name, event in sorted(reached, key=lambda one: one[1].seq):
        row = told_by[event.seq]
        at = record.manifest.begins + timedelta(milliseconds=event.at_ms)
        moments.append((name, at, f"{row.file}, line {row.line}"))
    return moments


def _counts(event: Event, record: IncidentFolder) -> bool:
    """An alert that is known to be false, or that fires while all is well, saw nothing."""
    alert = event.detail
    return not isinstance(alert, AlertDetail) or not (alert.is_deliberate or alert.name in record.manifest.false_alerts)


def _text(text: str) -> str:
    """A text as YAML: JSON's quoted strings are YAML, too."""
    return json.dumps(text, ensure_ascii=False)


def _duration(ms: int) -> str:
    """To the second: nobody rehearses milliseconds."""
    return format_duration(ms if abs(ms) < SECOND else round(ms / SECOND) * SECOND)
