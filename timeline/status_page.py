"""How an entry of a status page stands, from best to worst, in the words that public status pages use.

An outage is a service below its minimum level (MBCO); it is *major* where less than a stated share of normal is left,
else *partial*.
"""

from __future__ import annotations

from enum import StrEnum


class PageState(StrEnum):
    """How an entry of a status page stands, from best to worst."""

    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    PARTIAL_OUTAGE = "partial outage"
    MAJOR_OUTAGE = "major outage"

    @property
    def rank(self) -> int:
        """How bad it is, from 0."""
        return list(PageState).index(self)


def page_state(state: str, level_ratio: float | None, major_below_ratio: float) -> PageState:
    """How a page should show something in a state (`up`, `degraded`, `down`), with what is left of normal; a service
    that is down and of which nobody knows how much is left counts as gone."""
    if state == "down":
        gone = level_ratio is None or level_ratio < major_below_ratio
        return PageState.MAJOR_OUTAGE if gone else PageState.PARTIAL_OUTAGE
    return PageState.DEGRADED if state == "degraded" else PageState.OPERATIONAL
