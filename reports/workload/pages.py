"""Pages as people feel them: the attempts to get one person that reached a device, each once.

An *attempt* is one person paged in one step of one lap of a policy, for one purpose; its channels are one page.  A page
*occupies* its person from the acknowledgement until the incident (or what it was merged into) is closed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reports.index import TimelineIndex, detail_of, is_external
from timeline.details import PageDetail
from timeline.events import Event
from timeline.instants import HOUR, merged

WINDOW_MS = 12 * HOUR
"""A shift, as the limits of the Google SRE book count it."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page that reached somebody.  Moments count from whatever epoch its reader chose."""

    person: str
    at_ms: int
    incident: str
    sleep_hours: bool | None
    """None when it is not known on which clock the person lives."""
    occupied: tuple[int, int] | None = None
    """From when to when it occupied its person; None when it was not answered or nothing is known."""
    still_occupied: bool = False
    """The timeline ended first."""
    evidence: tuple[int, ...] = ()


def pages_of(index: TimelineIndex, epoch_ms: int = 0) -> list[Page]:
    """The pages on a timeline, in order.  `epoch_ms` is where exercise time 0 lies on the clock that is wanted."""
    pages: dict[tuple[str, ...], Page] = {}
    for event in index.of_kind("page.delivered", "page.acknowledged"):
        if is_external(event):
            continue
        detail = detail_of(event, PageDetail)
        key = _attempt(detail)
        if event.kind == "page.delivered":
            page = Page(detail.person, epoch_ms + event.at_ms, detail.incident, detail.sleep_hours)
            pages.setdefault(key, replace(page, evidence=(event.seq,)))
        elif key in pages:
            pages[key] = _answered(pages[key], event, index, epoch_ms)
    return list(pages.values())


def occupied_ms(pages: Iterable[Page]) -> int:
    """How long pages occupied a person, overlaps once."""
    return sum(end - start for start, end in merged(page.occupied for page in pages if page.occupied is not None))


def busiest_window(pages: Sequence[Page]) -> list[Page]:
    """The first pages of the incidents in the 12 hours with most of them; of equally busy ones the earliest."""
    firsts: dict[str, Page] = {}
    for page in sorted(pages, key=lambda p: p.at_ms):
        firsts.setdefault(page.incident, page)
    ordered = list(firsts.values())
    moments = [page.at_ms for page in ordered]
    windows = [ordered[n : bisect_left(moments, at_ms + WINDOW_MS)] for n, at_ms in enumerate(moments)]
    return max(windows, key=len, default=[])


def by_person(pages: Iterable[Page]) -> dict[str, list[Page]]:
    found: dict[str, list[Page]] = {}
    for page in pages:
        found.setdefault(page.person, []).append(page)
    return found


def page_counts(pages: Iterable[Page]) -> Counter[str]:
    """Pages by person."""
    return Counter(page.person for page in pages)


def _attempt(detail: PageDetail) -> tuple[str, ...]:
    d = detail
    return (d.person, d.incident, d.purpose, d.policy, str(d.attempt), str(d.step))


def _answered(page: Page, acknowledged: Event, index: TimelineIndex, epoch_ms: int) -> Page:
    root = index.root_of(page.incident)
    closed = root.first("incident.closed") if root is not None else None
    until_ms = closed.at_ms if closed is not None else index.until_ms
    evidence = (*page.evidence, acknowledged.seq, *((closed.seq,) if closed is not None else ()))
    return replace(
        page,
        occupied=(epoch_ms + acknowledged.at_ms, epoch_ms + max(until_ms, acknowledged.at_ms)),
        still_occupied=closed is None,
        evidence=evidence,
    )
