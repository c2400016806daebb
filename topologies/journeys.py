"""Synthetic users as targets of monitoring: each journey from each of its places is probed on its own."""

from __future__ import annotations

from dataclasses import dataclass

from topologies.estate import Component, ComponentKind, Estate
from topologies.flows import Journey


@dataclass(frozen=True, slots=True)
class JourneyTarget:
    """One journey from one place.  `component` is what a scrape takes it for."""

    function: str
    journey: Journey
    site: str | None
    component: Component


def journey_targets(estate: Estate) -> dict[str, JourneyTarget]:
    """All of an estate, by id (`journey:<function>/<journey>/<location>`).

    Labels name the first step as `component`, so that an alert points at something that people can look at.
    """
    targets: dict[str, JourneyTarget] = {}
    for function, spec in estate.functions.items():
        for id, journey in spec.journeys.items():
            for location, site in journey.locations.items():
                labels = {"component": journey.steps[0], "function": function, "journey": id, "location": location}
                probe = Component(
                    title=journey.title, kind=ComponentKind.EXTERNAL, site=site, latency_ms=1.0, labels=labels
                )
                targets[f"journey:{function}/{id}/{location}"] = JourneyTarget(function, journey, site, probe)
    return targets
