"""The state of a programme as one self-contained page."""

from __future__ import annotations

from reports.html.environment import page_environment
from reports.programme.coverage import Coverage, Dimension
from reports.programme.status import ProgrammeStatus, State
from reports.programme.words import sentences_of

_SIGNS = {
    Coverage.EXERCISED: ("●", "good"),
    Coverage.DISCUSSED: ("◐", "fair"),
    Coverage.REHEARSED: ("○", "fair"),
    Coverage.NOT_EXERCISED: ("·", "bad"),
}
_COLOURS = {
    State.HELD: "good",
    State.OVERDUE: "bad",
    State.DUE: "fair",
    State.PLANNED: "none",
    State.CANCELLED: "none",
}


def programme_page(status: ProgrammeStatus) -> str:
    """The same status gives the same page."""
    return (
        page_environment("reports.programme")
        .get_template("programme.html.jinja")
        .render(
            status=status,
            sentences=sentences_of(status),
            dimensions=list(Dimension),
            coverages=list(Coverage),
            signs=_SIGNS,
            colours=_COLOURS,
        )
    )
