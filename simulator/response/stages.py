"""The stages of an incident as a state machine: which may follow which.

    detected -> assigned <-> triaged -> mitigating <-> monitoring -> resolved -> closed
        ^------------------------------- reopened --------------------'----------'

Whoever judges first, the tool or a person, decides whether an incident is triaged or assigned first.  An incident may
be resolved from everywhere: trouble ends by itself, and a part ends with its parent.  Nothing leads back from what was
resolved but a reopening, so every path ends in `closed` unless trouble comes back.
"""

from __future__ import annotations

from collections.abc import Mapping

from topologies.lifecycle import Stage

_AT_WORK = frozenset({Stage.MITIGATING, Stage.MONITORING, Stage.RESOLVED})

FOLLOWS: Mapping[Stage, frozenset[Stage]] = {
    Stage.DETECTED: frozenset({Stage.ASSIGNED, Stage.TRIAGED, Stage.RESOLVED}),
    Stage.ASSIGNED: frozenset({Stage.TRIAGED, *_AT_WORK}),
    Stage.TRIAGED: frozenset({Stage.ASSIGNED, *_AT_WORK}),
    Stage.MITIGATING: frozenset({Stage.MONITORING, Stage.RESOLVED}),
    Stage.MONITORING: frozenset({Stage.MITIGATING, Stage.RESOLVED}),
    Stage.RESOLVED: frozenset({Stage.CLOSED, Stage.DETECTED}),
    Stage.CLOSED: frozenset({Stage.DETECTED}),
}
"""Each stage with those that may come next."""


class IllegalStage(ValueError):
    """An incident was to go where its stage does not lead."""


class Stages:
    """The stage of one incident, from detection on."""

    def __init__(self, at_ms: int) -> None:
        self._stage = Stage.DETECTED
        self._since_ms = at_ms

    @property
    def stage(self) -> Stage:
        return self._stage

    def may_enter(self, stage: Stage) -> bool:
        return stage in FOLLOWS[self._stage]

    def enter(self, stage: Stage, at_ms: int) -> int:
        """Goes on to a stage; how long the incident was in the one before, in ms.

        Raises IllegalStage when that may not follow, ValueError when it would have been there for less than no time.
        """
        if not self.may_enter(stage):
            allowed = ", ".join(sorted(FOLLOWS[self._stage]))
            raise IllegalStage(f"an incident that is {self._stage} cannot become {stage}; next may be {allowed}")
        if at_ms < self._since_ms:
            raise ValueError(
                f"an incident became {self._stage} at {self._since_ms} ms, and cannot leave that at {at_ms}"
            )
        dwelt_ms = at_ms - self._since_ms
        self._stage, self._since_ms = stage, at_ms
        return dwelt_ms
