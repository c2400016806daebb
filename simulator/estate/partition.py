"""Pairs whose members no longer hear each other: quorum, fencing, and split brain when both accept writes.

While the *link* of a pair is down its members cannot tell a dead peer from a cut-off one.

- With a *witness* that serves, the witness decides: it still hears the active member, so nothing is switched.  A member
  that is really lost is switched away from only with the witness's vote; without it there is *no quorum*.
- Without a witness the standby takes over.  *Fencing* then stops the former active member; where it fails, or there is
  none, both accept writes until the link is back or somebody fences one side: *split brain*.

Transactions of the former member that the other one never saw, those from the cut to the take-over included, conflict
with what was written elsewhere and wait for reconciliation.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import simpy

from simulator.estate.graph import Node
from simulator.estate.health import SERVING
from timeline.details import ConflictDetail, RecoveryDetail
from timeline.instants import SECOND
from timeline.references import ESTATE, component, data_set

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate


@dataclass(slots=True)
class _Split:
    """Both members write: `former` goes on since the take-over at `since_ms`, `stranded_ms` of its data before that."""

    former: str
    since_ms: int
    stranded_ms: int
    event: int


class Partitions:
    """Follows the links of all pairs."""

    def __init__(self, estate: ModelledEstate) -> None:
        self._estate = estate
        self._kernel = estate.kernel
        self._cut_since: dict[str, int] = {}
        self._splits: dict[str, _Split] = {}
        self._taken_over: set[str] = set()
        """Pairs in which a member took over since the link was lost."""
        self._pairs_over: dict[str, list[Node]] = {}
        for node in estate.compiled.nodes.values():
            fail_over = node.pair.fail_over if node.pair is not None else None
            if fail_over is not None and fail_over.link is not None:
                self._pairs_over.setdefault(fail_over.link, []).append(node)

    def pairs_over(self, link: Node) -> list[Node]:
        return self._pairs_over.get(link.id, [])

    def follow(self, pair: Node, trigger: int | None) -> None:
        """Takes note of a link that is lost or back, and of a split that is over."""
        if self._link_is_down(pair):
            self._cut_since.setdefault(pair.id, self._kernel.now())
        else:
            self._cut_since.pop(pair.id, None)
            self._taken_over.discard(pair.id)
        split = self._splits.get(pair.id)
        if split is None:
            return
        if pair.id not in self._cut_since:
            self._end(pair, split, "the link is back", trigger)
        elif self._estate.compiled[split.former].level < SERVING:
            self._end(pair, split, f"{split.former} no longer writes", trigger)

    def cut(self, pair: Node) -> bool:
        """Whether the members of a pair do not hear each other."""
        return pair.id in self._cut_since

    def suspects(self, pair: Node) -> bool:
        """Whether the standby has reason to think that the active member is lost, as it hears nothing of it."""
        return self.cut(pair) and pair.id not in self._taken_over

    def unheard_ms(self, pair: Node, former: Node) -> int:
        """How long the former active member wrote what the other never heard of, up to now or until it was fenced."""
        since, held = self._cut_since.get(pair.id), self._estate.faults.held_since(former)
        return 0 if since is None else max(0, min(self._kernel.now(), held or self._kernel.now()) - since)

    def may_take_over(self, pair: Node, cause: int) -> bool:
        """Whether an automatic fail-over has the votes; what stands in its way goes on record."""
        assert pair.pair is not None
        assert pair.pair.fail_over is not None
        witness = pair.pair.fail_over.witness
        if witness is None:
            return True
        serves = self._estate.compiled[witness].level >= SERVING
        active_lives = self._estate.compiled[pair.active].level >= SERVING
        if serves and not active_lives:
            return True
        reason = f"{witness} still hears {pair.active}" if serves else f"{witness} is not serving"
        detail = RecoveryDetail(pair.id, reason=reason)
        self._kernel.emit("recovery.no_quorum", component(pair.id), ESTATE, detail, [cause])
        return False

    def fence_former(self, pair: Node, occasion: str, cause: int) -> Generator[simpy.Event, Any, None]:
        """Before a take-over from a member that may be alive: stops it, where the pair has a way to."""
        assert pair.pair is not None
        assert pair.pair.fail_over is not None
        fencing, active = pair.pair.fail_over.fencing, self._estate.compiled[pair.active]
        if not self.cut(pair) or active.level < SERVING or fencing is None:
            return
        streams, entity = self._kernel.streams, f"pair/{pair.id}"
        yield self._kernel.env.timeout(streams.draw(fencing.takes, entity, "fence", occasion))
        works = not streams.chance(fencing.failure, entity, "fencing-fails", occasion)
        detail = RecoveryDetail(active.id, verified=works, reason="" if works else "it could not be stopped")
        event = self._kernel.emit("recovery.fenced", component(active.id), ESTATE, detail, [cause]).seq
        if works:
            self._estate.faults.hold(active, self._kernel.now())
            self._estate.change([active], event)

    def took_over(self, pair: Node, former: Node, event: int) -> bool:
        """After a take-over: whether the former active member goes on writing."""
        if not self.cut(pair):
            return False
        self._taken_over.add(pair.id)
        if former.level < SERVING:
            return False
        began = self._kernel.emit(
            "data.split_brain_began", data_set(pair.id), ESTATE, ConflictDetail(pair.id, former.id), [event]
        )
        self._splits[pair.id] = _Split(former.id, self._kernel.now(), self.unheard_ms(pair, former), began.seq)
        return True

    def _link_is_down(self, pair: Node) -> bool:
        fail_over = pair.pair.fail_over if pair.pair is not None else None
        link = fail_over.link if fail_over is not None else None
        return link is not None and self._estate.compiled[link].level < SERVING

    def _end(self, pair: Node, split: _Split, why: str, trigger: int | None) -> None:
        assert pair.pair is not None
        assert pair.pair.fail_over is not None
        del self._splits[pair.id]
        lasted = self._kernel.now() - split.since_ms
        written_ms = split.stranded_ms + pair.pair.fail_over.reach_former * lasted
        per_s = pair.pair.transactions_per_s
        transactions = None if per_s is None else round(per_s * written_ms / SECOND, 1)
        detail = ConflictDetail(pair.id, split.former, lasted, transactions, why)
        causes = [split.event, *([trigger] if trigger is not None else [])]
        ended = self._kernel.emit("data.split_brain_ended", data_set(pair.id), ESTATE, detail, causes)
        if self._estate.data.holder_of(pair) is not None:
            self._estate.data.conflict(pair, transactions or 0.0)
            self._estate.data.measure_consistency(pair, ended.seq)
