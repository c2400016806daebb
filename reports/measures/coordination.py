"""Module 4, coordination: third parties are there when they are needed."""

from __future__ import annotations

from reports.index import TimelineIndex, is_external
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.events import Event
from timeline.references import Reference


@measure(
    "vendor_engaged_within",
    title="Time until a third party is engaged",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="4.4",
    reference="ISO 22301:2019 8.4.3",
)
def vendor_engaged_within(index: TimelineIndex) -> list[Sample]:
    """From the first call to a third party until it has somebody on the case.  One sample a party."""
    called: dict[Reference, Event] = {}
    there: dict[Reference, Event] = {}
    for event in index.of_kind("page.sent", "page.acknowledged"):
        if is_external(event):
            (called if event.kind == "page.sent" else there).setdefault(event.subject, event)
    return [seconds(index, party, call, there.get(party)) for party, call in called.items()]
