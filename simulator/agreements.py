"""Weak spots of service level agreements that show before anything runs, at the worst moment of the year.

The checks are registered like those of estates; they stand here because they need the severity matrix at work, and what
by the documentation stands on what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import networkx as nx

from simulator.estate import documented_graph
from simulator.response.severity import KnownImpact, picture_of
from timeline.findings import Finding, Severity, nearest
from timeline.instants import format_duration
from timeline.references import function
from timeline.registry import Registry
from timeline.severity import row_of
from topologies.business_hours import Wait, Year
from topologies.checks.catalogue import Check, Remark, findings_of, register
from topologies.estate import BusinessFunction
from topologies.loading.estate import LoadedEstate
from topologies.service_levels import ServiceLevelAgreement, most_particular


@dataclass(frozen=True)
class Agreed:
    """The agreements of an estate's organisation, looked at from the moment `start` on for a year."""

    estate: LoadedEstate
    start: datetime

    @property
    def agreements(self) -> Mapping[str, ServiceLevelAgreement]:
        return self.estate.organisation.service_levels

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        return documented_graph(self.estate.topology)

    def agreement_for(self, id: str) -> str | None:
        """The agreement that holds for a function: it covers it, or something that it stands on."""
        node = str(function(id))
        needs = {id, node, *(nx.descendants(self.graph, node) if node in self.graph else ())}
        return most_particular(self.agreements, lambda a: not a.covers or bool(needs & {*a.covers}))

    def severities_of(self, id: str) -> list[str]:
        """What the matrix says of a disruption of this function alone: at once, and when its RTO is about to end."""
        functions = self.estate.topology.functions
        moments = (0, functions[id].rto or 0)
        matrix = self.estate.organisation.severities
        picture = picture_of((KnownImpact(id, 0),), functions, corrupt_data=False, lost_places=())
        return list(dict.fromkeys(row_of(matrix, picture, now).severity for now in moments))

    def longest_wait(self, agreement: ServiceLevelAgreement, severity: str, length_ms: int) -> Wait:
        """The most time that may pass until so much has counted.  Raises ValueError where a year does not hold it."""
        length, hours = timedelta(milliseconds=length_ms), agreement.hours_for(severity)
        if hours is None:
            return Wait(self.start, self.start + length)
        return Year(list(hours.openings(self.start))).longest_wait(length)


SLA_CHECKS: Registry[Check[Agreed]] = Registry("check of service level agreements")


def check_agreements(agreed: Agreed) -> list[Finding]:
    """Every finding on the agreements of an organisation, the gravest first, then by place."""
    return findings_of(SLA_CHECKS.values(), agreed)


def _sla_check(
    id: str, severity: Severity
) -> Callable[[Callable[[Agreed], Iterable[Remark]]], Callable[[Agreed], Iterable[Remark]]]:
    return register(SLA_CHECKS, id, severity)


@_sla_check("sla.looser-than-rto", Severity.ERROR)
def looser_than_rto(agreed: Agreed) -> Iterator[Remark]:
    """A service level agreement allows more time than the RTO of a function that stands on what it covers.

    Everybody may keep the promise and the business still lose.  What counts is the longest wait at the worst moment of
    the year to come: four hours of an office may be four days over Easter.  Of the severities that the matrix gives to
    a disruption of the function alone, as its RTO runs out, the one with the shortest wait counts.
    """
    for id, spec, name in _covered(agreed):
        agreement = agreed.agreements[name]
        waits = [
            (agreed.longest_wait(agreement, severity, target.resolve), severity)
            for severity in agreed.severities_of(id)
            if (target := agreement.targets.get(severity)) is not None and target.resolve is not None
        ]
        if not waits or spec.rto is None:
            continue
        wait, severity = min(waits, key=lambda found: found[0].length)
        if wait.length > timedelta(milliseconds=spec.rto):
            yield _looser(agreed, id, spec.rto, name, severity, wait)


def _looser(agreed: Agreed, id: str, rto_ms: int, name: str, severity: str, wait: Wait) -> Remark:
    agreement = agreed.agreements[name]
    length = format_duration(round(wait.length / timedelta(milliseconds=1)))
    resolve = agreement.targets[severity].resolve
    assert resolve is not None
    message = f"{name!r} lets {severity} on {id!r} last {length}; its RTO is {format_duration(rto_ms)}"
    hours = agreement.hours_for(severity)
    if hours is None:
        hint = "tighten the target, or lengthen the RTO if the business can bear it"
    else:
        begun = wait.begun.astimezone(ZoneInfo(hours.timezone))
        hint = (
            f"{format_duration(resolve)} of business hours take that long from {begun:%a %Y-%m-%d %H:%M} on; "
            f"count this severity always, or tighten the target"
        )
    return Remark(
        agreed.estate.organisation_document.place(["service_levels", name, "targets", severity]), message, hint
    )


@_sla_check("sla.no-promise", Severity.WARNING)
def no_promise(agreed: Agreed) -> Iterator[Remark]:
    """A function with an RTO stands on what an agreement covers, and its disruption has no time of resolution.

    The matrix gives a disruption of it a severity for which the agreement promises nothing, so no clock runs.
    """
    for id, _, name in _covered(agreed):
        agreement = agreed.agreements[name]
        severities = agreed.severities_of(id)
        targets = [agreement.targets.get(severity) for severity in severities]
        if all(target is None or target.resolve is None for target in targets):
            place = agreed.estate.organisation_document.place(["service_levels", name, "targets"], key=True)
            message = f"{name!r} promises nothing for {' or '.join(severities)}, which a disruption of {id!r} is"
            yield Remark(place, message, "add a target with `resolve`")


@_sla_check("sla.unknown-severity", Severity.ERROR)
def unknown_severity(agreed: Agreed) -> Iterator[Remark]:
    """An agreement names a severity that the matrix does not give.

    Its promise never holds: no incident has that severity.
    """
    known = {rule.severity for rule in agreed.estate.organisation.severities}
    document = agreed.estate.organisation_document
    for name, agreement in agreed.agreements.items():
        for part, used in (("targets", tuple(agreement.targets)), ("always", agreement.always)):
            for severity in used:
                if severity not in known:
                    place = document.place(["service_levels", name, part, *([severity] if part == "targets" else [])])
                    yield Remark(place, f"no row of the matrix gives {severity!r}", nearest(severity, known))


def _covered(agreed: Agreed) -> Iterator[tuple[str, BusinessFunction, str]]:
    """The functions with an RTO, each with the agreement that holds for it."""
    for id, spec in agreed.estate.topology.functions.items():
        if spec.rto is not None and (name := agreed.agreement_for(id)) is not None:
            yield id, spec, name
