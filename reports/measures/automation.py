"""Module 8, automation and scale: on-call load balanced against burnout.

What a rota asks of people over weeks (time on call, nights, weekends) is not in an exercise of some hours:
`blackstart oncall load` reads it from the schedule.
"""

from __future__ import annotations

from reports.index import TimelineIndex
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from reports.workload.inequality import gini
from reports.workload.pages import Page, busiest_window, by_person, occupied_ms, page_counts, pages_of
from timeline.instants import SECOND
from timeline.references import person


@measure(
    "pages_per_person",
    title="Pages of the person paged most",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="8.4",
    reference="Google SRE book, being on-call",
)
def pages_per_person(index: TimelineIndex) -> list[Sample]:
    """Pages that reached a device of somebody, the channels of one attempt counted once.  One sample a person paged."""
    return [
        Sample(person(who), float(len(pages)), _evidence(pages)) for who, pages in by_person(pages_of(index)).items()
    ]


@measure(
    "incidents_per_shift",
    title="Incidents in the busiest twelve hours of a person",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="8.4",
    reference="Google SRE book, being on-call: at most two a shift of twelve hours",
)
def incidents_per_shift(index: TimelineIndex) -> list[Sample]:
    """Different incidents that somebody was paged for within twelve hours, at the busiest time.  One sample a person
    paged."""
    samples = []
    for who, pages in by_person(pages_of(index)).items():
        busiest = busiest_window(pages)
        samples.append(Sample(person(who), float(len(busiest)), _evidence(busiest)))
    return samples


@measure(
    "sleep_hour_pages",
    title="Pages in the hours of sleep",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="8.4",
    reference="Google SRE book, being on-call; Directive 2003/88/EC Art. 2(3), night time",
)
def sleep_hour_pages(index: TimelineIndex) -> list[Sample]:
    """Pages that reached somebody between 22:00 and 07:00 on the person's own clock.  One sample a person paged."""
    samples = []
    for who, pages in by_person(page for page in pages_of(index) if page.sleep_hours is not None).items():
        asleep = [page for page in pages if page.sleep_hours]
        samples.append(Sample(person(who), float(len(asleep)), _evidence(asleep or pages)))
    return samples


@measure(
    "interruption_time",
    title="Time that pages took of a person",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="8.4",
    reference="Google SRE book, being on-call",
)
def interruption_time(index: TimelineIndex) -> list[Sample]:
    """From each acknowledgement until its incident is closed, overlaps counted once.  One sample a person who
    acknowledged a page."""
    samples = []
    for who, pages in by_person(page for page in pages_of(index) if page.occupied is not None).items():
        open_still = any(page.still_occupied for page in pages)
        samples.append(Sample(person(who), occupied_ms(pages) / SECOND, _evidence(pages), censored=open_still))
    return samples


@measure(
    "page_inequality",
    title="Inequality of pages",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="8.4",
    reference="Gini (1912), Variabilità e mutabilità",
)
def page_inequality(index: TimelineIndex) -> list[Sample]:
    """Gini coefficient of the pages over the people who were paged: 0 when each got as many.  One sample for the
    exercise, none when fewer than two were paged."""
    pages = pages_of(index)
    counts = page_counts(pages)
    unequal = gini(counts.values()) if len(counts) > 1 else None
    return [] if unequal is None else [Sample(index.started.subject, unequal, _evidence(pages))]


def _evidence(pages: list[Page]) -> tuple[int, ...]:
    return tuple(sorted({seq for page in pages for seq in page.evidence}))
