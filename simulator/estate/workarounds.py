"""Workarounds: service, or corrected data, without mending the cause; and the way back when one fails.

A workaround that fails takes its target out of service and is rolled back: soon where a plan was written beforehand,
much later where the way back has to be worked out on the spot.  One that works stays until its target is restarted,
restored, rolled back or rebuilt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.estate.data import DataSets
from simulator.estate.graph import Node, Role
from simulator.estate.restoring import Attempt, Steps
from timeline.commands import Action, Command, DataFinding
from timeline.details import RecoveryDetail
from timeline.references import component
from topologies.recovery import Workaround

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate


def workaround_of(node: Node) -> Workaround | None:
    thing = node.component or node.pair
    return None if thing is None else thing.workaround


class Workarounds:
    """Carries out workarounds on the modelled estate."""

    def __init__(self, estate: ModelledEstate, data: DataSets) -> None:
        self._estate = estate
        self._kernel = estate.kernel
        self._data = data

    def apply(self, command: Command, node: Node, attempt: Attempt) -> Steps:
        spec = workaround_of(node)
        assert spec is not None
        kernel, entity = self._kernel, f"{node.role.name.lower()}/{node.id}"
        section = "standby_pairs" if node.role is Role.PAIR else "components"
        attempt.rests_on = f"estate.{section}.{node.id}.workaround"
        yield kernel.env.timeout(kernel.streams.draw(spec.takes, entity, "workaround", command.occasion))
        planned = command.has_rollback_plan
        if not kernel.streams.chance(spec.failure, entity, "workaround-fails", command.occasion):
            self._tell("workaround_applied", command, attempt, planned=planned)
            self._take_effect(spec, node, attempt)
            return
        attempt.reason = "the workaround made things worse and was rolled back"
        self._tell("workaround_failed", command, attempt, planned=planned)
        active, began = self._data.active(node), kernel.now()
        was_held = self._estate.faults.held_since(active) is not None
        self._estate.faults.hold(active, began)
        self._estate.change([active], attempt.last)
        back = spec.roll_back if planned else spec.roll_back_unplanned
        yield kernel.env.timeout(kernel.streams.draw(back, entity, "workaround-back", command.occasion))
        self._tell("rolled_back", command, attempt, planned=planned, took_ms=kernel.now() - began)
        if not was_held:
            self._estate.faults.release(active)
        self._estate.change([active], attempt.last)

    def _take_effect(self, spec: Workaround, node: Node, attempt: Attempt) -> None:
        holder = self._data.holder_of(node)
        if spec.corrects and holder is not None:
            for corruption in self._data.corruptions(holder):
                self._estate.end_fault(corruption, Action.WORKAROUND, [attempt.last])
            attempt.finding = DataFinding(holder.id, corrupt=False)
        else:
            self._estate.faults.work_around(self._data.active(node), spec.gives)
        self._estate.change(self._data.members(node), attempt.last)

    def _tell(
        self, kind: str, command: Command, attempt: Attempt, *, planned: bool, took_ms: int | None = None
    ) -> None:
        detail = RecoveryDetail(command.target.id, planned=planned, took_ms=took_ms)
        event = self._kernel.emit(
            f"recovery.{kind}",
            component(command.target.id),
            command.actor,
            detail,
            [attempt.last],
            rests_on=(attempt.rests_on,),
        )
        attempt.last = event.seq
        attempt.told.append(event.seq)
