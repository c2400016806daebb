"""What those outside are told: words that are ready early, and an embargo that holds them back."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.aftermath.office import Office
from simulator.aftermath.review import Review
from timeline.details import PublicationDetail
from timeline.events import DataClass, Event
from timeline.references import Reference, RefKind
from topologies.after_incident import DisclosurePolicy


def disclose(office: Office, review: Review, policy: DisclosurePolicy) -> Generator[simpy.Event, Any, None]:
    """Drafts, waits where there is an embargo, publishes.

    With an embargo nothing is said before the review is authorised; where nobody has to approve it, before it is
    complete.
    """
    id, resolved = review.reviewed.id, review.reviewed.resolved

    def emit(kind: str, causes: list[int], data_class: DataClass) -> Event:
        detail = PublicationDetail(id, policy.audience, policy.role, review.waits_for)
        return office.kernel.emit(
            kind,
            Reference(RefKind.AUDIENCE, policy.audience),
            Reference(RefKind.ROLE, policy.role),
            detail,
            causes,
            data_class=data_class,
            rests_on=("organisation.after_incident.disclosure",),
        )

    yield from office.work(policy.drafting, f"disclosure/{id}", "drafting", id, since_ms=resolved.at_ms)
    drafted = emit("disclosure.drafted", [resolved.seq], DataClass.CONFIDENTIAL)
    causes = [drafted.seq]
    if policy.embargo:
        awaited = review.authorised if office.policy.approvals else review.completed
        if not awaited.triggered:
            causes = [emit("disclosure.withheld", causes, DataClass.INTERNAL).seq]
        released: Event = yield awaited
        causes.append(released.seq)
    emit("disclosure.published", causes, DataClass.PUBLIC)
