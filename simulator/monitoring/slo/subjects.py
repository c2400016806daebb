"""What an SLO of an estate is about: its service is the id of a component, a standby pair, a group or a function."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.monitoring.slo.objectives import Objective
from timeline.details import ObjectiveOfService
from timeline.findings import Finding, InputError, Severity, nearest
from timeline.references import Reference, component, function
from topologies.estate import Estate


def objectives_of_services(objectives: Iterable[Objective], estate: Estate) -> tuple[ObjectiveOfService, ...]:
    """The objectives as a scorer needs them.  A component goes before a function of the same name: it has the requests.

    Raises InputError for each service that the estate does not have.
    """
    serving = {*estate.components, *estate.standby_pairs, *estate.groups}
    known: dict[str, Reference] = {id: function(id) for id in estate.functions} | {id: component(id) for id in serving}
    findings, found = list[Finding](), list[ObjectiveOfService]()
    for objective in objectives:
        subject = known.get(objective.service)
        if subject is None:
            message = f"the estate has no component or function {objective.service!r}"
            hint = nearest(objective.service, known)
            findings.append(Finding("slo.unknown-service", Severity.ERROR, objective.service_place, message, hint))
        else:
            about = ObjectiveOfService(objective.name, str(subject), objective.target_ratio, objective.window_ms)
            found.append(about)
    if findings:
        raise InputError(list(dict.fromkeys(findings)))
    return tuple(found)
