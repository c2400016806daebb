"""What is known to suffer, as the picture that severity and priority are read from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from timeline.severity import Disrupted, Picture
from topologies.estate import BusinessFunction


@dataclass(frozen=True, slots=True)
class KnownImpact:
    """A function that is believed to be down, and since when it has been known."""

    function: str
    since_ms: int


def picture_of(
    impacts: Iterable[KnownImpact],
    functions: Mapping[str, BusinessFunction],
    *,
    corrupt_data: bool = False,
    lost_places: Collection[str] = (),
) -> Picture:
    """The picture behind what is known; what documentation does not say of a function counts for nothing."""
    return Picture(
        tuple(_disrupted(impact, functions[impact.function]) for impact in impacts), corrupt_data, bool(lost_places)
    )


def _disrupted(impact: KnownImpact, function: BusinessFunction) -> Disrupted:
    clients = function.serves.clients if function.serves is not None else None
    return Disrupted(impact.since_ms, function.criticality == "critical", function.rto, clients or 0)
