"""Concentration: which business functions one third party would take with it.

A party runs or repairs what names it as its vendor.  When it is gone for good, everything that it *runs* is gone: its
sites, and components that have no site of the organisation's own or stand in its own; what it only repairs (a generator
in a data centre of the bank) goes on.  A party that relies on it is gone as well, and so on down the *chain*.

- *lost*: functions that cannot do without (hard dependencies, spares counted), with those that are lost only through
  the chain told apart;
- *weakened*: functions that stand on it by any dependency and are not lost.

Functions are counted, and what they lose an hour is added up.  There is no Herfindahl index: it measures how a whole is
shared out, and functions hang on several parties at once, so that shares do not add up to one; a count says what a
supervisor asks (Regulation (EU) 2022/2554, article 29: how many critical or important functions).

An *exit* is feasible for a function when the substitute serves within its MTPD, each part of the plan at its 90th
percentile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import fsum

import networkx as nx

from simulator.estate import documented_graph
from topologies.classification import CRITICALITIES
from topologies.estate import Estate
from topologies.reach import functions_lost_with

_USUAL, _USUAL_WORST = 0.5, 0.9


@dataclass(frozen=True, slots=True)
class Exit:
    """The way out.  `misses` are functions whose MTPD passes first; those without an MTPD are `unknown`."""

    substitute: str
    usual_ms: int
    usual_worst_ms: int
    tested: date | None
    misses: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exposure:
    """What hangs on one third party."""

    vendor: str
    runs: tuple[str, ...]
    """Sites and components, its own."""
    takes_along: tuple[str, ...]
    """Parties that rely on it, directly or through others."""
    lost: tuple[str, ...]
    """Functions lost with it, in the order of the file."""
    through_chain: tuple[str, ...]
    """Those of them that are lost only because another party relies on it."""
    critical: tuple[str, ...]
    """Those of them that are critical or important."""
    weakened: tuple[str, ...]
    loss_per_hour: float
    loss_unknown: tuple[str, ...]
    """Functions lost whose loss is not known."""
    exit: Exit | None


@dataclass(frozen=True, slots=True)
class Concentration:
    """Every third party, the one with the most critical functions first."""

    functions: int
    critical_functions: int
    exposures: tuple[Exposure, ...]


def concentrate(estate: Estate) -> Concentration:
    """What hangs on each third party of an estate."""
    runs = {id: _runs(estate, id) for id in estate.vendors}
    reliant = _reliant(estate)
    graph = documented_graph(estate)
    exposures = [_exposure(estate, id, runs, reliant[id], graph) for id in estate.vendors]
    critical = [f for f in estate.functions.values() if f.criticality in CRITICALITIES]
    ranked = sorted(exposures, key=lambda e: (-len(e.critical), -len(e.lost), -e.loss_per_hour, -len(e.weakened)))
    return Concentration(len(estate.functions), len(critical), tuple(ranked))


def _runs(estate: Estate, vendor: str) -> tuple[str, ...]:
    sites = [id for id, site in estate.sites.items() if site.vendor == vendor]
    components = [
        id
        for id, component in estate.components.items()
        if component.vendor == vendor and (component.site is None or component.site in sites)
    ]
    return (*sites, *components)


def _reliant(estate: Estate) -> dict[str, tuple[str, ...]]:
    """For each party those that cannot deliver without it, however long the chain."""
    chain: nx.DiGraph[str] = nx.DiGraph()
    chain.add_nodes_from(estate.vendors)
    chain.add_edges_from((id, other) for id, vendor in estate.vendors.items() for other in vendor.relies_on)
    found: dict[str, tuple[str, ...]] = {}
    for id in estate.vendors:
        above = nx.ancestors(chain, id)
        found[id] = tuple(other for other in estate.vendors if other in above and other != id)
    return found


def _exposure(
    estate: Estate,
    vendor: str,
    runs: Mapping[str, tuple[str, ...]],
    takes_along: tuple[str, ...],
    graph: nx.DiGraph[str],
) -> Exposure:
    gone = [*runs[vendor], *(thing for other in takes_along for thing in runs[other])]
    alone = functions_lost_with(estate, runs[vendor])
    lost = functions_lost_with(estate, gone)
    functions = {id: estate.functions[id] for id in lost}
    losses = {id: f.loss_per_hour for id, f in functions.items()}
    return Exposure(
        vendor=vendor,
        runs=runs[vendor],
        takes_along=takes_along,
        lost=tuple(lost),
        through_chain=tuple(id for id in lost if id not in alone),
        critical=tuple(id for id, f in functions.items() if f.criticality in CRITICALITIES),
        weakened=tuple(
            id
            for id in estate.functions
            if id not in lost and not nx.descendants(graph, f"function:{id}").isdisjoint(gone)
        ),
        loss_per_hour=fsum(loss for loss in losses.values() if loss is not None),
        loss_unknown=tuple(id for id, loss in losses.items() if loss is None),
        exit=_exit(estate, vendor, lost),
    )


def _exit(estate: Estate, vendor: str, lost: list[str]) -> Exit | None:
    plan = estate.vendors[vendor].exit
    if plan is None:
        return None
    worst = plan.until_substitute_ms(_USUAL_WORST)
    mtpd = {id: estate.functions[id].mtpd for id in lost}
    return Exit(
        substitute=plan.substitute,
        usual_ms=plan.until_substitute_ms(_USUAL),
        usual_worst_ms=worst,
        tested=plan.tested,
        misses=tuple(id for id, limit in mtpd.items() if limit is not None and worst > limit),
        unknown=tuple(id for id, limit in mtpd.items() if limit is None),
    )
