"""Practice 2.3, time lost before anybody has the incident: calls that waited for somebody free."""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.details import PageDetail
from timeline.events import Event


@measure(
    "free_responder_wait",
    title="Time waiting for somebody free",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="2.3",
    reference="Erlang (1917); ITIL 4 incident management",
)
def free_responder_wait(index: TimelineIndex) -> list[Sample]:
    """How long a call for an incident waited because everybody of its policy had another one, until somebody of them
    was paged.  One sample a wait."""
    called: dict[int, Event] = {}
    for page in index.of_kind("page.sent"):
        for cause in page.causes:
            called.setdefault(cause, page)
    waits = index.of_kind("page.queued")
    return [seconds(index, wait.subject, wait, called.get(wait.seq) or _answered(index, wait)) for wait in waits]


def _answered(index: TimelineIndex, wait: Event) -> Event | None:
    """The answer to an earlier page of the same call, which ends the wait as well."""
    call = detail_of(wait, PageDetail)
    return next(
        (
            page
            for page in index.of_kind("page.acknowledged")
            if page.seq > wait.seq
            and (detail := detail_of(page, PageDetail)).incident == call.incident
            and detail.purpose == call.purpose
        ),
        None,
    )
