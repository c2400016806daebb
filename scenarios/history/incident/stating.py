"""What the manifest states itself, as events: functions hurt and restored, data lost, faults, declarations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from scenarios.history.incident.manifest import MANIFEST, Manifest
from scenarios.history.incident.people import People
from scenarios.history.incident.rows import Row, Told
from timeline.details import DataLossDetail, FaultDetail, FunctionDetail, IncidentDetail
from timeline.instants import from_wall
from timeline.references import Reference, RefKind, fault, function, incident
from topologies.loading.document import Document

_REVIEW = Reference(RefKind.SYSTEM, "review")
"""Who acts in what somebody found out afterwards."""


def stated_rows(manifest: Manifest, document: Document, people: People) -> list[Row]:
    """One row a function, fault and incident that the manifest makes a statement about, each with its events."""
    rows = []
    for group, id, events in _statements(manifest, people):
        row = Row(MANIFEST, document.place([group, id], key=True).line, text=f"{group}: {id}")
        for at, kind, subject, detail in events:
            at_ms = from_wall(at, manifest.begins)
            row.told.append(Told(at_ms, kind, subject, _REVIEW, detail, manifest.data_class, row))
        if row.told:
            row.at = min(at for at, *_ in events)
            rows.append(row)
    return rows


_Statement = tuple[datetime, str, Reference, object]


def _statements(manifest: Manifest, people: People) -> Iterator[tuple[str, str, list[_Statement]]]:
    for id in manifest.functions:
        yield "functions", id, list(_of_function(id, manifest))
    for id in manifest.faults:
        yield "faults", id, list(_of_fault(id, manifest, people))
    for id in manifest.incidents:
        yield "incidents", id, list(_of_incident(id, manifest))


def _of_function(id: str, manifest: Manifest) -> Iterator[_Statement]:
    hurt = manifest.functions[id]

    def level(ratio: float) -> FunctionDetail:
        return FunctionDetail(
            ratio,
            hurt.rto,
            hurt.rpo,
            hurt.mtpd,
            minimum_level_ratio=hurt.minimum_level,
            loss_per_hour=hurt.loss_per_hour,
        )

    yield hurt.disrupted, "function.disrupted", function(id), level(hurt.level)
    if hurt.data_lost is not None:
        loss = DataLossDetail(component="", lost_ms=hurt.data_lost, rpo_ms=hurt.rpo)
        yield hurt.restored, "data.lost", function(id), loss
    yield hurt.restored, "function.restored", function(id), level(1.0)


def _of_fault(id: str, manifest: Manifest, people: People) -> Iterator[_Statement]:
    found = manifest.faults[id]
    described = people.text(found.description) or "Found afterwards"
    yield found.at, "fault.started", fault(id), FaultDetail(found.fault, found.target, described)
    if found.ended is not None:
        detail = FaultDetail(found.fault, found.target, described, people.text(found.ended_by or "") or "unknown")
        yield found.ended, "fault.ended", fault(id), detail


def _of_incident(id: str, manifest: Manifest) -> Iterator[_Statement]:
    stated = manifest.incidents[id]
    if stated.declared is not None:
        yield stated.declared, "incident.declared", incident(id), IncidentDetail("declared", stated.severity)
    if stated.mitigated is not None:
        yield stated.mitigated, "incident.mitigated", incident(id), IncidentDetail("mitigated", stated.severity)
