"""What is done about what a review found: an action for each cause, for somebody, until some day."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import simpy

from simulator.aftermath.office import Office, cause_in_words
from simulator.aftermath.review import Review
from timeline.details import ActionDetail, FaultDetail
from timeline.events import Event
from timeline.references import Reference, RefKind
from topologies.after_incident import ImprovementPolicy


def improve(
    office: Office, review: Review, policy: ImprovementPolicy, owners: Mapping[str, str]
) -> Generator[simpy.Event, Any, None]:
    """Agrees on an action for each cause that the review ended at.  Nobody sees to one that nobody owns."""
    completed: Event = yield review.completed
    for number, cause in enumerate(review.reached, start=1):
        owner = _owner(office, policy, cause, owners)
        id = f"{review.reviewed.id}-{number}"
        detail = ActionDetail(review.reviewed.id, _title(cause), owner, office.kernel.now() + policy.within)
        opened = _emit(office, "action.opened", id, detail, [completed.seq, cause.seq])
        if owner is not None:
            office.kernel.env.process(_see_to(office, policy, id, detail, opened))


def _see_to(
    office: Office, policy: ImprovementPolicy, id: str, detail: ActionDetail, opened: Event
) -> Generator[simpy.Event, Any, None]:
    yield from office.work(policy.work, f"review/{detail.incident}", "action", detail.title)
    _emit(office, "action.closed", id, detail, [opened.seq])


def _owner(office: Office, policy: ImprovementPolicy, cause: Event, owners: Mapping[str, str]) -> str | None:
    match policy.owner:
        case "owning-team":
            target = cause.detail.target if isinstance(cause.detail, FaultDetail) else cause.subject.id
            return owners.get(target)
        case "reviewer":
            return office.policy.review.role
    return None


def _title(cause: Event) -> str:
    """A cause can be dealt with; a symptom can only be watched."""
    if isinstance(cause.detail, FaultDetail):
        return f"See to it that {cause_in_words(cause)} does no harm again"
    return f"Keep an eye on this: {cause_in_words(cause)}"


def _emit(office: Office, kind: str, id: str, detail: ActionDetail, causes: list[int]) -> Event:
    by = detail.owner if kind == "action.closed" and detail.owner else office.policy.review.role
    actor = Reference(RefKind.TEAM if by in office.organisation.teams else RefKind.ROLE, by)
    path = ("organisation.after_incident.improvement",)
    return office.kernel.emit(kind, Reference(RefKind.ACTION, id), actor, detail, causes, rests_on=path)
