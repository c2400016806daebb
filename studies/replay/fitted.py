"""Fitted replay: incidents take as long as the past did, instead of as long as the modelled people need.

Arrivals are those of the history, or of a future (`futures`); the times to acknowledge and to restore of every incident
are drawn anew in each replication from the fitted distributions, stretched by what the model says of the service.
Queues, nights and skills of the past are in these distributions already: nobody is paged here, and changes of an
organisation change nothing.  So it answers one question: would the recovery time objectives hold if incidents went on
as they did?  Beside it, the modelled replay says what the plan promises.

Acknowledgement and restoration are drawn apart; what lies between them (diagnosis, remedy) is not told apart, and
counts as remedy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.model_file import Durations, HistoryModel
from simulator.randomness import Streams
from studies.replay.detection import ToldBy
from studies.replay.incidents import Incident
from studies.replay.running import End
from studies.replay.study import Floats, Replication

_ENTITY = "fitted"


def span_ms(durations: Durations, purpose: str, id: str, service: str | None, streams: Streams, entity: str) -> int:
    """One fitted time of an incident of a service."""
    effect = durations.effects.get("service")
    factor = effect.factors.get(service or "") if effect is not None else None
    return round(streams.draw(durations.distribution, entity, purpose, id) * (1.0 if factor is None else factor.value))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Replications that draw from a model, which has a time to restore."""

    model: HistoryModel

    def __call__(self, incidents: Sequence[Incident], seed: int, replication: int) -> Replication:
        return _replication(self.model, incidents, Streams(seed, replication))


def _replication(model: HistoryModel, incidents: Sequence[Incident], streams: Streams) -> Replication:
    told_s = np.array([(one.opened_ms - one.at_ms) / 1000 for one in incidents])
    acknowledge_s = _spans_s(model.acknowledge, "acknowledge", incidents, streams)
    restore_s = _spans_s(model.restore, "restore", incidents, streams)
    begun_s = np.where([one.from_impact for one in incidents], 0.0, told_s)
    restored_s = begun_s + restore_s
    acknowledged_s = np.minimum(told_s + np.nan_to_num(acknowledge_s), restored_s)
    return Replication(
        incidents=tuple(incidents),
        told_s=told_s,
        acknowledged_s=acknowledged_s,
        found_s=acknowledged_s,
        restored_s=restored_s,
        acknowledge_s=acknowledge_s,
        restore_s=restore_s,
        ends=Counter({End.MITIGATED: len(incidents)}),
        told_by=Counter({str(ToldBy.RECORD): len(incidents)}),
        staffed=None,
    )


def _spans_s(durations: Durations | None, purpose: str, incidents: Sequence[Incident], streams: Streams) -> Floats:
    if durations is None:
        return np.full(len(incidents), np.nan)
    found = [span_ms(durations, purpose, one.id, one.name, streams, _ENTITY) for one in incidents]
    return np.array(found, dtype=np.float64) / 1000
