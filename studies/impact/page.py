"""The impact of every fault as one self-contained HTML page: no request leaves it.

Read from the top: which functions are exposed to what, which single things take them, and every fault behind that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reports.html.environment import page_environment
from studies.impact.assessment import Assessment, FaultImpact, SinglePoint
from topologies.estate import Estate

_MOST_ROWS = 500
"""A longer table is cut and says so; all of it is in the JSON document beside the page."""
_MOST_POINTS = 40


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """How exposed a business function is.  Times in milliseconds."""

    id: str
    title: str
    rto_ms: int | None
    faults: int
    """That take it away until people act."""
    at_risk: int
    """Of those, whose technical recovery alone misses the RTO, or is not documented."""
    slowest_ms: int | None
    undocumented: int
    single_points: int


@dataclass(frozen=True, slots=True)
class PointRow:
    """A single point of failure with what it takes, function by function."""

    point: SinglePoint
    share: float
    """Of the loss of the costliest point."""
    cells: tuple[str, ...]
    """A word for each function of the estate: empty, `lost`, or `at risk` when an RTO cannot be met."""


def html_page(estate: Estate, assessed: Assessment) -> str:
    """The text of `impact.html`."""
    harmful = sorted(
        (f for f in assessed.faults if f.lost), key=lambda f: (-len(f.rto_at_risk), -len(f.lost), -f.blast_radius)
    )
    return (
        page_environment("studies.impact")
        .get_template("impact.html.jinja")
        .render(
            estate=estate,
            assessed=assessed,
            harmful=harmful[:_MOST_ROWS],
            harmful_faults=len(harmful),
            at_risk=sum(bool(f.rto_at_risk) for f in harmful),
            left_out=max(len(harmful) - _MOST_ROWS, 0),
            functions=_functions(estate, assessed, harmful),
            exposed=[id for id in estate.functions if any(id in p.functions for p in assessed.single_points)],
            points=_points(estate, assessed, harmful)[:_MOST_POINTS],
            points_left_out=max(len(assessed.single_points) - _MOST_POINTS, 0),
            by_kind=Counter(f.fault for f in harmful).most_common(),
            undocumented=sorted(
                {f"{p.target}: {', '.join(p.undocumented)}" for p in assessed.single_points if p.undocumented}
            ),
        )
    )


def _functions(estate: Estate, assessed: Assessment, harmful: Sequence[FaultImpact]) -> list[FunctionRow]:
    rows = []
    for id, spec in estate.functions.items():
        times = [f.lost[id] for f in harmful if id in f.lost]
        known = [ms for ms in times if ms is not None]
        rows.append(
            FunctionRow(
                id=id,
                title=spec.title,
                rto_ms=spec.rto,
                faults=len(times),
                at_risk=sum(id in f.rto_at_risk for f in harmful),
                slowest_ms=max(known, default=None),
                undocumented=len(times) - len(known),
                single_points=sum(id in p.functions for p in assessed.single_points),
            )
        )
    return sorted(rows, key=lambda row: (-row.at_risk, -row.faults))


def _points(estate: Estate, assessed: Assessment, harmful: Sequence[FaultImpact]) -> list[PointRow]:
    risky = {(f.target, id) for f in harmful for id in f.rto_at_risk if id in f.lost_for_good}
    highest = max((p.expected_loss or 0.0 for p in assessed.single_points), default=0.0)
    exposed = [id for id in estate.functions if any(id in p.functions for p in assessed.single_points)]
    return [
        PointRow(
            point,
            (point.expected_loss or 0.0) / highest if highest else 0.0,
            tuple(_word(point, id, risky=(point.target, id) in risky) for id in exposed),
        )
        for point in assessed.single_points
    ]


def _word(point: SinglePoint, id: str, *, risky: bool) -> str:
    if id not in point.functions:
        return ""
    return "at risk" if risky else "lost"
