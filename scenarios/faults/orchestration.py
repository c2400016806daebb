"""Faults of who places and starts the software: no room, a node that is lost, an image that is not there, a job."""

from __future__ import annotations

from scenarios.faults.catalogue import ANY_SOFTWARE, FAILING, FAULTS, GONE, Effect, FaultKind
from scenarios.faults.parameters import Scope
from timeline.commands import Action
from topologies.estate import ComponentKind
from topologies.signals import Signal

for kind in (
    FaultKind(
        id="pods-pending",
        title="Replicas find no place to run",
        family="orchestration",
        fits=ANY_SOFTWARE,
        parameters=Scope,
        effect=lambda _: Effect(down=True, needs_start_up=True, signals={Signal.POD_SCHEDULED: (0.0, 0.0)}),
        cleared_by=(Action.REPAIR, Action.SCALE_OUT, Action.ROLL_BACK),
        log_signature="0 nodes are available: insufficient memory",
        moves=(Signal.POD_SCHEDULED, *GONE),
    ),
    FaultKind(
        id="node-not-ready",
        title="The machines under replicas are lost",
        family="orchestration",
        fits=ANY_SOFTWARE,
        parameters=Scope,
        effect=lambda _: Effect(
            down=True,
            needs_start_up=True,
            signals={Signal.NODE_READY: (0.0, 0.0), Signal.HOST_UP: (0.0, 0.0)},
        ),
        cleared_by=(Action.REPAIR, Action.RESTART),
        log_signature="node status is now: NodeNotReady",
        moves=(Signal.NODE_READY, Signal.HOST_UP, *GONE),
    ),
    FaultKind(
        id="image-missing",
        title="The new version cannot be fetched",
        family="orchestration",
        fits=ANY_SOFTWARE,
        parameters=Scope,
        effect=lambda _: Effect(down=True, needs_start_up=True, signals={Signal.IMAGE_PULLED: (0.0, 0.0)}),
        cleared_by=(Action.ROLL_BACK, Action.REPAIR),
        log_signature="failed to pull image: manifest unknown",
        moves=(Signal.IMAGE_PULLED, *GONE),
    ),
    FaultKind(
        id="job-failure",
        title="A batch job fails and is not tried again",
        family="orchestration",
        fits=frozenset({ComponentKind.BATCH}),
        parameters=Scope,
        effect=lambda _: Effect(error_ratio=1.0, signals={Signal.FAILED_JOBS: (1.0, 0.0)}),
        cleared_by=(Action.RESTART, Action.ROLL_BACK),
        log_signature="job has reached the specified backoff limit",
        moves=(Signal.FAILED_JOBS, Signal.READY, *FAILING),
    ),
):
    FAULTS.add(kind.id, kind)
