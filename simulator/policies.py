"""What the organisation promises itself about incidents, as a scorer must know it: for `exercise.started`."""

from __future__ import annotations

from datetime import datetime

from timeline.instants import from_wall
from timeline.workflow_details import FunctionClients, PastOccurrence, ProblemRule, SeverityRow, StageTrigger
from topologies.estate import Estate
from topologies.organisation import Organisation


def severity_rows(organisation: Organisation) -> tuple[SeverityRow, ...]:
    """The severity matrix."""
    return tuple(
        SeverityRow(
            severity=rule.severity,
            functions_disrupted=rule.functions_disrupted,
            critical_functions=rule.critical_functions,
            clients_affected=rule.clients_affected,
            corrupt_data=rule.corrupt_data,
            rto_left_below=rule.rto_left_below,
            workplace_lost=rule.workplace_lost,
            otherwise=rule.otherwise,
            major=rule.major,
        )
        for rule in organisation.severities
    )


def clients_of(estate: Estate, organisation: Organisation) -> tuple[FunctionClients, ...]:
    """Clients of each function of which they are known, where the matrix asks for them."""
    if all(rule.clients_affected is None for rule in organisation.severities):
        return ()
    counted = ((id, f.serves.clients) for id, f in estate.functions.items() if f.serves is not None)
    return tuple(FunctionClients(id, clients) for id, clients in counted if clients is not None)


def stage_triggers(organisation: Organisation) -> tuple[StageTrigger, ...]:
    """What has to happen on entering each stage."""
    lifecycle = organisation.lifecycle
    if lifecycle is None:
        return ()
    return tuple(
        StageTrigger(stage, f"{stage}/{id}", trigger.severities)
        for stage, triggers in lifecycle.on_entry.items()
        for id, trigger in triggers.items()
    )


def problem_rule(organisation: Organisation, epoch: datetime) -> ProblemRule | None:
    """When a problem record is wanted; None where the organisation has no such policy."""
    policy = organisation.problems
    if policy is None:
        return None
    recurrence = policy.recurrence
    return ProblemRule(
        major=policy.major,
        recurrences=recurrence.times if recurrence is not None else None,
        within_ms=recurrence.within if recurrence is not None else None,
        past=tuple(PastOccurrence(p.component, p.fault, from_wall(p.at, epoch)) for p in policy.past),
    )
