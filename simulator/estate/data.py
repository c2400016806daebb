"""What data are truly like: which are wrong since when, which copies there are, which transactions are missing.

The *holder* of a data set is a component or a standby pair.  Nobody sees what is in here but by the actions that look
(`verify`, `trace`, a restore) and by what the holder shows: a corruption that nobody has found yet shows nothing.

A holder that was brought back to an earlier moment has a *gap*: what was written between that moment and the stop is
missing there and known elsewhere, until people have reconciled it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from simulator.estate.copies import Copy, Span, copies_at, monday_ms, unlike_ms
from simulator.estate.faults import ActiveFault
from simulator.estate.graph import Node, Role
from simulator.estate.health import SERVING
from timeline.commands import CopyEntry
from timeline.details import ConsistencyDetail, CorruptionDetail, DataLossDetail
from timeline.instants import SECOND
from timeline.references import ESTATE, data_set, function
from topologies.recovery import ConsistencyCheck, DataSet

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate


class DataSets:
    """The data sets of the modelled estate, by the id of their holder."""

    def __init__(self, estate: ModelledEstate) -> None:
        self._estate = estate
        self._kernel = estate.kernel
        self._holders = {id: node for id, node in estate.compiled.nodes.items() if data_of(node) is not None}
        self._anchor_ms = monday_ms(estate.kernel.epoch, ZoneInfo(estate.model.timezone))
        self._destroyed: dict[str, list[int]] = defaultdict(list)
        """When copies were destroyed, by the holder or the store where they lay."""
        self._away: dict[str, list[Span]] = defaultdict(list)
        self._away_since: dict[str, int] = {}
        self._gaps: dict[str, Span] = {}
        self._unsettled: dict[str, float] = defaultdict(float)
        """Share of a gap that is not settled yet."""
        self._conflicting: dict[str, float] = defaultdict(float)
        """Transactions that two sides accepted differently."""

    @property
    def anchor_ms(self) -> int:
        return self._anchor_ms

    def start(self) -> None:
        """Puts the jobs that check data on the calendar."""
        for holder in self._holders.values():
            check = of(holder).check
            if check is not None and check.every is not None:
                self._plan_job(holder, check)

    # Who holds what

    def holder_of(self, node: Node) -> Node | None:
        """Whose data set a node's data are: its own, or that of the pair that it is a member of."""
        if node.id in self._holders:
            return node
        pairs = (edge.dependent for edge in node.needed_by if edge.dependent.role is Role.PAIR)
        return next((pair for pair in pairs if pair.id in self._holders), None)

    def members(self, holder: Node) -> list[Node]:
        return [edge.dependency for edge in holder.needs] if holder.role is Role.PAIR else [holder]

    def active(self, holder: Node) -> Node:
        """The component that serves the data now."""
        return self._estate.compiled[holder.active] if holder.role is Role.PAIR else holder

    # Copies

    def copies(self, holder: Node) -> list[Copy]:
        """What the catalogue of copies lists now, the newest first."""
        streams, now = self._kernel.streams, self._kernel.now()
        found: list[Copy] = []
        for id, plan in of(holder).backups.items():
            entity = f"data/{holder.id}/{id}"
            first = self._anchor_ms + streams.draw(plan.offset, entity, "offset", "once")
            gone = [*self._destroyed[holder.id], *(self._destroyed[plan.stored_at] if plan.stored_at else [])]

            def takes(k: int, entity: str = entity, plan: object = plan.takes) -> int:
                return streams.draw(plan, entity, "takes", str(k))  # type: ignore[arg-type]

            found += [
                copy
                for copy in copies_at(id, plan, now, first, takes, self._spans_away(holder))
                if copy.immutable or all(copy.done_ms > at for at in gone)
            ]
        return sorted(found, key=lambda copy: -copy.as_of_ms)

    def catalogue(self, holder: Node) -> tuple[CopyEntry, ...]:
        return tuple(CopyEntry(c.id, c.plan, c.as_of_ms, c.immutable) for c in self.copies(holder))

    def log_survives(self, holder: Node) -> bool:
        """Whether the archived log has not been destroyed together with the copies."""
        log = of(holder).log
        stores = [holder.id, *([log.stored_at] if log is not None and log.stored_at else [])]
        return log is not None and (log.immutable or not any(self._destroyed[store] for store in stores))

    def is_bad(self, holder: Node, copy: Copy) -> bool:
        """Whether a copy cannot be loaded: settled when it was made, known when somebody tries."""
        bad = of(holder).backups[copy.plan].bad
        return self._kernel.streams.chance(bad, f"data/{holder.id}/{copy.plan}", "copy-is-bad", copy.id)

    def follow(self, node: Node) -> None:
        """Keeps in mind when a holder is away: no copies are made then."""
        if node.id not in self._holders:
            return
        now, serves = self._kernel.now(), node.level >= SERVING
        if not serves:
            self._away_since.setdefault(node.id, now)
        elif node.id in self._away_since:
            self._away[node.id].append((self._away_since.pop(node.id), now))

    def _spans_away(self, holder: Node) -> list[Span]:
        open_ended = [(since, self._kernel.now() + 1) for id, since in self._away_since.items() if id == holder.id]
        return [*self._away[holder.id], *open_ended]

    def away_since(self, holder: Node) -> int | None:
        """Since when a holder has not served, None while it does."""
        return self._away_since.get(holder.id)

    # Corruption

    def struck(self, fault: ActiveFault, node: Node, event: int) -> None:
        """A fault has come to a node by this event; one that destroys copies does so at once."""
        if not fault.effect.destroys_copies:
            return
        holder = self.holder_of(node)
        for id in {node.id, holder.id if holder is not None else node.id}:
            self._destroyed[id].append(self._kernel.now())
        detail = CorruptionDetail(node.id, None, fault.kind.id)
        self._kernel.emit("data.copies_destroyed", data_set(node.id), ESTATE, detail, [event])

    def corruptions(self, holder: Node) -> list[ActiveFault]:
        """Faults by which the data in service are wrong: those of the active member, and what came over the log."""
        active = self.active(holder)
        found = [fault for member in self.members(holder) for fault in self._estate.faults.on(member)]
        return [f for f in found if f.effect.corrupts and (active in f.sits or f.effect.in_log)]

    def carried(self, holder: Node, copy: Copy, point_ms: int) -> list[ActiveFault]:
        """Corruptions that a restored state brings back: those that began before the copy was made, and those that a
        replay of the log repeats."""
        return [f for f in self.corruptions(holder) if (point_ms if f.effect.in_log else copy.as_of_ms) > f.since_ms]

    def plain(self, holder: Node) -> bool:
        """Whether a corruption is there for everybody to see."""
        return any(not f.hidden for f in self.corruptions(holder))

    def look_for_corruption(self, holder: Node, finds: float, occasion: str) -> bool:
        """Whether a check shows a corruption that is there."""
        return bool(self.corruptions(holder)) and self.check_shows(holder, finds, occasion)

    def check_shows(self, holder: Node, finds: float, occasion: str) -> bool:
        """Whether a check of data that are wrong shows it."""
        return self._kernel.streams.chance(finds, f"data/{holder.id}", "check-finds", occasion)

    def uncover(self, holder: Node, by: str, causes: list[int]) -> int | None:
        """What was silent is seen from now on; the event, None when nothing was hidden."""
        hidden = [f for f in self.corruptions(holder) if f.hidden]
        if not hidden:
            return None
        since = min(f.since_ms for f in hidden)
        event = self._kernel.emit(
            "data.corruption_found",
            data_set(holder.id),
            ESTATE,
            CorruptionDetail(holder.id, since, by),
            [*(f.event for f in hidden), *causes],
        ).seq
        for corruption in hidden:
            self._estate.faulting.show(corruption, event)
        return event

    def _plan_job(self, holder: Node, check: ConsistencyCheck) -> None:
        assert check.every is not None
        first = self._anchor_ms + check.offset
        number = (self._kernel.now() - first) // check.every + 1
        self._kernel.call_at(first + number * check.every, lambda: self._job(holder, check, number))

    def _job(self, holder: Node, check: ConsistencyCheck, number: int) -> None:
        """A run of the job; it reads what is served, so it finds nothing while the holder is away."""
        self._plan_job(holder, check)
        if holder.level >= SERVING and self.look_for_corruption(holder, check.job_finds, f"job-{number}"):
            self.uncover(holder, "consistency job", [])

    # What is missing where

    def transactions(self, holder: Node, ms: int) -> float | None:
        """How many are written in so long a time; None when it is not known."""
        per_s = of(holder).transactions_per_s
        if per_s is None and holder.pair is not None:
            per_s = holder.pair.transactions_per_s
        return None if per_s is None else round(per_s * ms / SECOND, 1)

    def lose(self, holder: Node, span: Span, event: int, rests_on: tuple[str, ...]) -> None:
        """What was written in `span` is missing from now on: told to every function that stands on the holder."""
        lost_ms = span[1] - span[0]
        if lost_ms <= 0:
            self._gaps.pop(holder.id, None)
            return
        self._gaps[holder.id], self._unsettled[holder.id] = span, 1
        for id in self._estate.functions_on(holder):
            rpo = self._estate.model.functions[id].rpo
            detail = DataLossDetail(holder.id, lost_ms, self.transactions(holder, lost_ms), rpo)
            self._kernel.emit("data.lost", function(id), ESTATE, detail, [event], rests_on=rests_on)

    def conflict(self, holder: Node, transactions: float) -> None:
        self._conflicting[holder.id] += transactions

    def unsettled(self, holder: Node) -> float:
        """Transactions that wait for reconciliation."""
        gap = self._gaps.get(holder.id)
        missing = 0.0 if gap is None else (self.transactions(holder, gap[1] - gap[0]) or 0.0)
        return missing * self._unsettled[holder.id] + self._conflicting[holder.id]

    def settle(self, holder: Node, recovers: float) -> None:
        self._unsettled[holder.id] *= 1 - recovers
        self._conflicting[holder.id] *= 1 - recovers

    def refresh(self, holder: Node) -> None:
        """The data were loaded anew from their source: nothing is missing any more."""
        self._gaps.pop(holder.id, None)
        self._conflicting.pop(holder.id, None)

    def measure_consistency(self, holder: Node, event: int) -> None:
        """Puts on record how far a holder agrees with those that should tell the same story."""
        for other in self._partners(holder):
            length = unlike_ms(self._gaps.get(holder.id), self._gaps.get(other.id))
            share = max((self._unsettled[h.id] for h in (holder, other) if h.id in self._gaps), default=0)
            unlike = (self.transactions(holder, length) or 0.0) * share + self._conflicting[holder.id]
            records = of(holder).records
            ratio = None if records is None else math.exp(-unlike / records)
            detail = ConsistencyDetail(holder.id, other.id, round(unlike, 1), ratio)
            self._kernel.emit("data.consistency_measured", data_set(holder.id), ESTATE, detail, [event])

    def _partners(self, holder: Node) -> Iterator[Node]:
        stated = of(holder).agrees_with
        for id, node in self._estate.compiled.nodes.items():
            theirs = data_of(node)
            if node is not holder and (id in stated or (theirs is not None and holder.id in theirs.agrees_with)):
                yield node


def data_of(node: Node) -> DataSet | None:
    """The data set that a node itself states."""
    thing = node.component or node.pair
    return None if thing is None else thing.data


def of(holder: Node) -> DataSet:
    """The data set of a holder."""
    data = data_of(holder)
    assert data is not None, holder.id
    return data
