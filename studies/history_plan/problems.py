"""Problem candidates: what came back so often that a problem record should be opened for its cause.

A kind of incident (service and failure mode) is a candidate where some stretch of the period holds enough of its
incidents.  Each comes with its evidence, incident by incident.  The files `problems.csv` and `problems.json` are plain:

    problems.csv    one row an incident: problem, service, failure_mode, incident, number, title, priority, began_at,
                    restored_at, hours
    problems.json   {"format": "blackstart/problem-candidates/1", "policy": {"incidents", "within_days"}, "problems":
                    [{"id", "title", "service", "failure_mode", "incidents", "most_within_period", "first_at",
                    "last_at", "hours", "known_as": [ids of parents that records name], "evidence": [as the rows]}]}
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from scenarios.history.record import IncidentRecord
from studies.history_plan.recurrence import UNNAMED, kinds_of

FORMAT = "blackstart/problem-candidates/1"


@dataclass(frozen=True, slots=True)
class Policy:
    """When something is a problem: so many incidents of a kind within a period."""

    incidents: int = 3
    within: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One incident behind a candidate; moments in ISO 8601, None where the record does not say."""

    incident: str
    number: str | None
    title: str | None
    priority: str | None
    began_at: str
    restored_at: str | None
    hours: float | None


@dataclass(frozen=True, slots=True)
class Problem:
    """A candidate; `known_as` are the parents (problem records, perhaps) that its incidents name already."""

    id: str
    title: str
    service: str
    failure_mode: str
    incidents: int
    most_within_period: int
    first_at: str
    last_at: str
    hours: float | None
    known_as: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def problems(records: Sequence[IncidentRecord], policy: Policy) -> tuple[Problem, ...]:
    """All candidates, those with most incidents in a period first."""
    by_mode = any(record.failure_mode is not None for record in records)
    found = []
    for (service, mode), of in kinds_of(records).items():
        most = _most_within(of, policy.within)
        if mode == UNNAMED and by_mode:
            continue  # what was not classified is no kind
        if most >= policy.incidents:
            found.append(_problem(service, mode, of, most))
    return tuple(sorted(found, key=lambda one: (-one.most_within_period, -one.incidents, one.id)))


def _most_within(of: Sequence[IncidentRecord], period: timedelta) -> int:
    most = begin = 0
    for end, record in enumerate(of):
        while record.began_at - of[begin].began_at > period:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def _problem(service: str, mode: str, of: Sequence[IncidentRecord], most: int) -> Problem:
    evidence = tuple(_evidence(record) for record in of)
    known = [one.hours for one in evidence if one.hours is not None]
    return Problem(
        id=f"{_slug(service)}--{_slug(mode)}",
        title=f"{service}: {mode}, again and again",
        service=service,
        failure_mode=mode,
        incidents=len(of),
        most_within_period=most,
        first_at=evidence[0].began_at,
        last_at=evidence[-1].began_at,
        hours=round(sum(known), 3) if known else None,
        known_as=tuple(sorted({record.parent for record in of if record.parent})),
        evidence=evidence,
    )


def _evidence(record: IncidentRecord) -> Evidence:
    length, restored = record.restore_time, record.restored_at
    return Evidence(
        incident=record.id,
        number=record.number,
        title=record.title,
        priority=record.priority,
        began_at=record.began_at.isoformat(),
        restored_at=None if length is None or restored is None else restored.isoformat(),
        hours=None if length is None else round(length.total_seconds() / 3600, 3),
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "unnamed"


def problems_csv(found: Sequence[Problem]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    fields = list(Evidence.__dataclass_fields__)
    writer.writerow(["problem", "service", "failure_mode", *fields])
    for problem in found:
        for one in problem.evidence:
            cells = (getattr(one, field) for field in fields)
            writer.writerow(
                [problem.id, problem.service, problem.failure_mode, *("" if cell is None else cell for cell in cells)]
            )
    return text.getvalue()


def problems_document(found: Sequence[Problem], policy: Policy) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "policy": {"incidents": policy.incidents, "within_days": policy.within / timedelta(days=1)},
        "problems": [asdict(one) for one in found],
    }
