"""Standby pairs: how far the standby is behind, what a fail-over loses by it, and fail-over by itself.

The *lag* of a standby is as usual while its primary serves, what faults in the standby make of it, and grows by a
second a second once the primary is lost, or no longer heard of (`partition`).  What it was at the moment of loss is
what a fail-over loses; a planned one waits until the standby has caught up, which one that no longer receives anything
never does.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.estate.faults import ActiveFaults
from simulator.estate.graph import Node
from simulator.estate.health import SERVING
from simulator.estate.instruments import Instruments
from simulator.estate.partition import Partitions
from timeline.commands import Action, Command
from timeline.distributions import Distribution
from timeline.instants import SECOND
from timeline.references import ESTATE, Reference, RefKind
from topologies.signals import Signal

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate


class Replication:
    """Follows every standby pair of the modelled estate."""

    def __init__(self, estate: ModelledEstate, faults: ActiveFaults, instruments: Instruments) -> None:
        self._estate = estate
        self._kernel = estate.kernel
        self._faults = faults
        self._instruments = instruments
        self._lag_at_loss: dict[str, int] = {}
        self.partitions = Partitions(estate)
        self._losses: Counter[str] = Counter()
        self._watched_losses: set[str] = set()
        """Pairs whose automatic fail-over is already under way."""

    def start(self, pair: Node) -> None:
        """Reads both members before anything has happened."""
        now = self._kernel.now()
        self._instruments.replication_lag(self._active(pair), now, 0.0, 0.0, None)
        if (standby := self._estate.standby_of(pair)) is not None:
            self._instruments.standby(standby, now, True, None)
        self.follow(pair, None)

    def follow(self, pair: Node, trigger: int | None) -> None:
        """Reads the lag anew, and starts an automatic fail-over where one is due, because of event `trigger`."""
        standby = self._estate.standby_of(pair)
        if pair.pair is None or standby is None:
            return
        self.partitions.follow(pair, trigger)
        active = self._active(pair)
        lost = pair.level < SERVING or self.partitions.suspects(pair)
        attached = standby.level >= SERVING and not self._is_stopped(standby) and not self.partitions.cut(pair)
        self._instruments.attached_standbys(active, self._kernel.now(), int(attached), trigger)
        if pair.pair.replication is not None:
            self._follow_lag(pair, standby, pair.pair.replication.lag, lost, trigger)
        if lost:
            self._watch(pair, active, trigger)
        else:
            self._watched_losses.discard(pair.id)

    def switch(self, pair: Node, event: int) -> int:
        """Makes the standby the active member; milliseconds of data that had not reached it."""
        standby, former, now = self._estate.standby_of(pair), self._active(pair), self._kernel.now()
        assert standby is not None
        lost_ms = self._lag_at_loss.pop(pair.id, round(self._lag_of_faults(standby)[0] * SECOND))
        pair.active = standby.id
        self._instruments.standby(former, now, True, event)
        self._instruments.attached_standbys(former, now, 0, event)
        self._instruments.standby(standby, now, False, event)
        self._instruments.replication_lag(standby, now, 0.0, 0.0, event)
        return lost_ms

    def _active(self, pair: Node) -> Node:
        return self._estate.compiled[pair.active]

    def _follow_lag(
        self, pair: Node, standby: Node, usual: Distribution | None, lost: bool, trigger: int | None
    ) -> None:
        now = self._kernel.now()
        by_fault_s, slope_per_s = self._lag_of_faults(standby)
        if not lost:
            self._lag_at_loss.pop(pair.id, None)
            if by_fault_s or slope_per_s:
                self._instruments.replication_lag(standby, now, by_fault_s, slope_per_s, trigger)
            else:
                usual_s = usual.median_ms / SECOND if usual is not None else 0.0
                self._instruments.replication_lag(standby, now, usual_s, 0.0, trigger)
        elif pair.id not in self._lag_at_loss and (usual is not None or by_fault_s):
            self._losses[pair.id] += 1
            occasion = f"loss-{self._losses[pair.id]}"
            drawn_ms = self._kernel.streams.draw(usual, f"pair/{pair.id}", "lag", occasion) if usual else 0
            lag_ms = max(drawn_ms, round(by_fault_s * SECOND))
            self._lag_at_loss[pair.id] = lag_ms
            self._instruments.replication_lag(standby, now, lag_ms / SECOND, 1.0, trigger)

    def _is_stopped(self, standby: Node) -> bool:
        """Whether a fault keeps the standby from receiving anything."""
        return any(Signal.REPLICATING in effect.signals for effect in self._faults.effects(standby))

    def _lag_of_faults(self, standby: Node) -> tuple[float, float]:
        """Seconds that faults in a standby keep it behind, and by how much that grows a second."""
        now = self._kernel.now()
        found = [aged.reads(Signal.REPLICATION_LAG_S, now) for aged in self._faults.aged_effects(standby)]
        return max((reading for reading in found if reading is not None), default=(0.0, 0.0))

    def _watch(self, pair: Node, active: Node, trigger: int | None) -> None:
        """Plans the automatic fail-over from a member that was just lost, where the pair has one."""
        spec = pair.pair.fail_over if pair.pair is not None else None
        if spec is None or spec.mode != "automatic" or pair.id in self._watched_losses:
            return
        assert spec.detection is not None
        self._watched_losses.add(pair.id)
        lost_member = active.id
        last = self._estate.last_change(lost_member)
        cause = last if last is not None else trigger
        self._kernel.call_at(
            self._kernel.now() + spec.detection, lambda: self._fail_over_by_itself(pair, lost_member, cause)
        )

    def _fail_over_by_itself(self, pair: Node, lost_member: str, cause: int | None) -> None:
        is_back = pair.level >= SERVING and not self.partitions.suspects(pair)
        if pair.active != lost_member or is_back or cause is None or not self.partitions.may_take_over(pair, cause):
            return
        target = Reference(RefKind.COMPONENT, pair.id)
        self._estate.submit(Command(Action.FAIL_OVER, target, ESTATE, cause, occasion=f"automatic-from-{lost_member}"))
