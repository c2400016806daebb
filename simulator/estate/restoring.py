"""Getting data back: restore from a copy, checks before and after, the search for the beginning, reconciliation.

A restore takes its holder out of service and goes through

    fetch the copy -> load it -> replay the log -> check the data -> open

Each step takes its own time, and each may be the end of the attempt: the store of the copies is away, the copy cannot
be loaded, the check finds differences.  An attempt that failed leaves the holder closed.  What is opened without a
check may carry the corruption back into service.

The *recovery point* is the moment that the opened data are of; what was written between it and the stop is lost.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import simpy

from simulator.estate.copies import Copy, log_end_ms, replayed_to
from simulator.estate.data import DataSets, of
from simulator.estate.graph import Node, Role
from simulator.estate.health import SERVING
from simulator.estate.prerequisites import comes_to_nothing
from timeline.commands import Action, Command, DataFinding, RestoreOrder
from timeline.details import CorruptionDetail, ReconciliationDetail, RecoveryDetail
from timeline.distributions import Distribution
from timeline.instants import HOUR
from timeline.references import ESTATE, component, data_set

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate


@dataclass(slots=True)
class Attempt:
    """What a procedure has come to: the reason why it failed, empty while it has not, and what was learned."""

    last: int
    """The last event of the chain."""
    told: list[int]
    reason: str = ""
    finding: DataFinding | None = None
    rests_on: str = ""


Steps = Generator[simpy.Event, Any, None]


class Restoring:
    """Carries out what is done to data."""

    def __init__(self, estate: ModelledEstate, data: DataSets) -> None:
        self._estate = estate
        self._kernel = estate.kernel
        self._data = data

    # Restore

    def restore(self, command: Command, node: Node, attempt: Attempt) -> Steps:
        data = of(node)
        order = command.restore or RestoreOrder(self._data.copies(node)[0].id)
        copy = next(c for c in self._data.copies(node) if c.id == order.copy)
        plan = data.backups[copy.plan]
        attempt.rests_on = f"{_path(node)}.data.backups.{copy.plan}"
        self._tell("copy_chosen", command, attempt, copy=copy.id, as_of_ms=copy.as_of_ms)
        stopped = self._stop(node, attempt.last)
        yield from self._takes(plan.fetch, command, node, "fetch")
        if plan.stored_at is not None and self._estate.compiled[plan.stored_at].level < SERVING:
            attempt.reason = f"{plan.stored_at} is not serving: copy {copy.id} is out of reach"
            return
        yield from self._takes(plan.restore, command, node, "load")
        if self._comes_to_nothing(command, node, attempt):
            return
        if self._data.is_bad(node, copy):
            attempt.reason = f"copy {copy.id} cannot be loaded"
            attempt.finding = DataFinding(node.id, unusable_copy=copy.id)
            self._tell("copy_unusable", command, attempt, copy=copy.id, as_of_ms=copy.as_of_ms, reason=attempt.reason)
            return
        point = self._recovery_point(node, copy, order, stopped)
        if point > copy.as_of_ms:
            assert data.log is not None
            yield self._kernel.env.timeout(round((point - copy.as_of_ms) / data.log.replay))
        self._tell("loaded", command, attempt, copy=copy.id, as_of_ms=point)
        carried = self._data.carried(node, copy, point)
        verified = order.verify and data.check is not None
        if verified:
            assert data.check is not None
            began = self._kernel.now()
            yield from self._takes(data.check.takes, command, node, "check-restored")
            took = self._kernel.now() - began
            if carried and self._data.check_shows(node, data.check.finds, command.occasion):
                attempt.reason = f"copy {copy.id} carries the corruption"
                attempt.finding = DataFinding(node.id, corrupt=True, rejected_point_ms=point, rejected_copy=copy.id)
                words = {"copy": copy.id, "as_of_ms": point, "took_ms": took, "reason": attempt.reason}
                self._tell("rejected", command, attempt, **words)
                return
            self._tell("verified", command, attempt, copy=copy.id, as_of_ms=point, took_ms=took)
        attempt.finding = DataFinding(node.id, corrupt=False)
        self._open(command, node, attempt, copy, (point, stopped), verified=verified)

    def _stop(self, node: Node, event: int) -> int:
        """Takes a holder out of service; when its last write was."""
        active, now = self._data.active(node), self._kernel.now()
        held, away = self._estate.faults.held_since(active), self._data.away_since(node)
        self._estate.faults.hold(active, now)
        self._estate.change([active], event)
        return min(moment for moment in (held, away, now) if moment is not None)

    def _recovery_point(self, node: Node, copy: Copy, order: RestoreOrder, stopped: int) -> int:
        log = of(node).log
        reachable = log is not None and (log.stored_at is None or self._estate.compiled[log.stored_at].level >= SERVING)
        if log is None or not reachable or not self._data.log_survives(node):
            return copy.as_of_ms
        own = [f for f in self._estate.faults.on(self._data.active(node)) if f.effect.down]
        end = log_end_ms(log, self._data.anchor_ms, stopped, cleanly=not own)
        return replayed_to(log, copy, end, order.replay_until_ms, self._kernel.now())

    def _open(
        self, command: Command, node: Node, attempt: Attempt, copy: Copy, gap: tuple[int, int], *, verified: bool
    ) -> None:
        """The restored data serve from now on, with all that they brought along."""
        carried = self._data.carried(node, copy, gap[0])
        self._tell("opened", command, attempt, copy=copy.id, as_of_ms=gap[0], verified=verified)
        self._data.lose(node, gap, attempt.last, (attempt.rests_on,))
        if carried:
            since = min(f.since_ms for f in carried)
            how = f"copy {copy.id}, {'checked' if verified else 'opened without a check'}"
            detail = CorruptionDetail(node.id, since, how)
            causes = [attempt.last, *(f.event for f in carried)]
            self._kernel.emit("data.corruption_carried", data_set(node.id), ESTATE, detail, causes)
        self._data.measure_consistency(node, attempt.last)
        members = self._data.members(node)
        for member in members:
            for fault in self._estate.faults.cleared_by(Action.RESTORE, member):
                if fault not in carried:
                    self._estate.end_fault(fault, Action.RESTORE, [attempt.last])
                elif fault.effect.silent:
                    self._estate.faulting.hide(fault)
        self._estate.faults.release(self._data.active(node))
        self._estate.change(members, attempt.last)

    # Checks, the search for the beginning, reconciliation

    def verify(self, command: Command, node: Node, attempt: Attempt) -> Steps:
        check = of(node).check
        assert check is not None
        attempt.rests_on = f"{_path(node)}.data.check"
        yield from self._takes(check.takes, command, node, "check")
        if self._comes_to_nothing(command, node, attempt):
            return
        found = self._data.plain(node) or self._data.look_for_corruption(node, check.finds, command.occasion)
        words = "differences" if found else "no differences"
        self._tell("checked", command, attempt, verified=not found, reason=words)
        attempt.finding = DataFinding(node.id, corrupt=found)
        if found:
            self._data.uncover(node, "consistency check", [attempt.last])

    def trace(self, command: Command, node: Node, attempt: Attempt) -> Steps:
        check = of(node).check
        assert check is not None
        assert check.trace is not None
        attempt.rests_on = f"{_path(node)}.data.check.trace"
        yield from self._takes(check.trace, command, node, "trace")
        if self._comes_to_nothing(command, node, attempt):
            return
        wrong = self._data.corruptions(node)
        if not wrong:
            attempt.reason = "no wrong record was found"
            return
        late = self._kernel.streams.draw(check.trace_late, f"data/{node.id}", "trace-late", command.occasion)
        began_by = min(min(f.since_ms for f in wrong) + late, self._kernel.now())
        self._tell("traced", command, attempt, as_of_ms=began_by)
        attempt.finding = DataFinding(node.id, corrupt=True, began_by_ms=began_by)

    def reconcile(self, command: Command, node: Node, attempt: Attempt) -> Steps:
        work = of(node).reconciliation
        assert work is not None
        attempt.rests_on = f"{_path(node)}.data.reconciliation"
        began, transactions = self._kernel.now(), self._data.unsettled(node)
        yield from self._takes(work.takes, command, node, "reconcile")
        if work.transactions_per_hour is not None:
            yield self._kernel.env.timeout(round(transactions / work.transactions_per_hour * HOUR))
        if self._comes_to_nothing(command, node, attempt):
            return
        self._data.settle(node, work.recovers)
        recovered = round(transactions * work.recovers, 1)
        detail = ReconciliationDetail(node.id, transactions, recovered, self._kernel.now() - began)
        attempt.last = self._kernel.emit(
            "data.reconciled", data_set(node.id), ESTATE, detail, [attempt.last], rests_on=(attempt.rests_on,)
        ).seq
        self._data.measure_consistency(node, attempt.last)

    # Rebuild

    def rebuild(self, command: Command, node: Node, attempt: Attempt) -> Steps:
        assert node.component is not None
        assert node.component.recovery.rebuild is not None
        attempt.rests_on = f"{_path(node)}.recovery.rebuild"
        self._estate.faults.hold(node, self._kernel.now())
        self._estate.change([node], attempt.last)
        yield from self._takes(node.component.recovery.rebuild, command, node, "rebuild")
        if self._comes_to_nothing(command, node, attempt):
            return
        data = node.component.data
        wrong = False
        if data is not None and data.derived_from is not None:
            source = self._estate.compiled[data.derived_from]
            if source.level < SERVING:
                attempt.reason = f"{source.id}, which its data come from, is not serving"
                return
            holder = self._data.holder_of(source)
            wrong = holder is not None and bool(self._data.corruptions(holder))
            self._data.refresh(node)
            self._data.measure_consistency(node, attempt.last)
        for fault in self._estate.faults.cleared_by(Action.REBUILD, node):
            if not (wrong and fault.effect.corrupts):
                self._estate.end_fault(fault, Action.REBUILD, [attempt.last])
        self._estate.faults.release(node)
        self._estate.change([node], attempt.last)

    # Shared

    def _takes(self, length: Distribution, command: Command, node: Node, step: str) -> Steps:
        entity = f"{node.role.name.lower()}/{node.id}"
        yield self._kernel.env.timeout(self._kernel.streams.draw(length, entity, step, command.occasion))

    def _comes_to_nothing(self, command: Command, node: Node, attempt: Attempt) -> bool:
        if comes_to_nothing(self._kernel.streams, command, node):
            attempt.reason = "the attempt came to nothing"
        return bool(attempt.reason)

    def _tell(self, kind: str, command: Command, attempt: Attempt, **words: Any) -> None:
        """An event that those who give the command see."""
        detail = RecoveryDetail(command.target.id, **words)
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


def _path(node: Node) -> str:
    return f"estate.{'standby_pairs' if node.role is Role.PAIR else 'components'}.{node.id}"
