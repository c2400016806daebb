"""Alignments: what happened laid beside the nearest way through the playbook.

An *alignment* (Adriansyah, Aligning Observed and Modeled Behavior, 2014; Carmona, van Dongen, Solti, Weidlich,
Conformance Checking, 2018, ch. 7) is a sequence of moves.  A *synchronous* move takes a step both in the log and in the
model, a *log* move only in the log (something was added), a *model* move only in the model (something was skipped).
Synchronous moves cost 0, the others 1; a failure or an escalation is no model move, since nobody plans it.  An
*optimal* alignment costs least.

    log    a  x  c          cost 2: x was added, b was skipped
    model  a     b  c

*Fitness* is 1 - cost / worst, where the worst is a log move for everything in the log and model moves along the
cheapest way through the model: 1 when everything went by the plan, 0 when nothing did.

The search is A* (Hart, Nilsson, Raphael 1968) over position in the log and state of the model.  What is certain to be
left over is never more than what it costs: labels that can no longer fire are log moves, and tasks that have to fire
and are not among what is still to come are model moves.  Of equal costs the way that is further through the log goes
first, then the first found, so that the same log gives the same alignment.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from reports.conformance.planned import Became, Label, Planned, State


class Move(StrEnum):
    """On which side a step is taken."""

    SYNCHRONOUS = "synchronous"
    LOG = "log"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Aligned:
    """One move; `position` is that in the log, None of a model move."""

    move: Move
    label: Label
    position: int | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """An optimal alignment.  `worst` is what it would cost if nothing fitted."""

    moves: tuple[Aligned, ...]
    cost: int
    worst: int

    @property
    def fitness(self) -> float:
        return 1.0 if self.worst == 0 else 1 - self.cost / self.worst


def align(planned: Planned, log: Sequence[Label]) -> Alignment:
    """An optimal alignment of what happened with a playbook.

    Raises ValueError when the playbook has no end: some task is due for ever.
    """
    moves, cost = _search(planned, tuple(log))
    shortest = cost if not log else _search(planned, ())[1]
    return Alignment(moves, cost, len(log) + shortest)


_Key = tuple[int, State]


def _search(planned: Planned, log: tuple[Label, ...]) -> tuple[tuple[Aligned, ...], int]:
    ahead = _Estimate(planned, log)
    start: _Key = (0, State())
    order = count()
    best: dict[_Key, int] = {start: 0}
    came: dict[_Key, tuple[_Key, Aligned]] = {}
    frontier = [(ahead(start), 0, next(order), start)]
    closed: set[_Key] = set()
    while frontier:
        _, _, _, here = heapq.heappop(frontier)
        if here in closed:
            continue
        closed.add(here)
        position, state = here
        if position == len(log) and planned.may_end(state):
            return _way(came, here), best[here]
        for aligned, there, costs in _next(planned, log, here):
            reached = best[here] + costs
            if there not in best or reached < best[there]:
                best[there] = reached
                came[there] = (here, aligned)
                heapq.heappush(frontier, (reached + ahead(there), -there[0], next(order), there))
    raise ValueError("the playbook has no end that can be reached")


def _next(planned: Planned, log: Sequence[Label], here: _Key) -> Iterator[tuple[Aligned, _Key, int]]:
    position, state = here
    following = log[position] if position < len(log) else None
    for label, then in planned.moves(state):
        if label == following:
            yield Aligned(Move.SYNCHRONOUS, label, position), (position + 1, then), 0
        if label.became in (Became.DONE, Became.AGAIN):
            yield Aligned(Move.MODEL, label, None), (position, then), 1
    if following is not None:
        yield Aligned(Move.LOG, following, position), (position + 1, state), 1


class _Estimate:
    """What is left costs at least so much (admissible, and consistent: no move lowers it by more than it costs)."""

    def __init__(self, planned: Planned, log: Sequence[Label]) -> None:
        self._certain = planned.certain({label.task for label in log if label.became is Became.FAILED})
        once = planned.once()
        self._to_come: list[Counter[str]] = [Counter()]
        self._foreign = [0]
        for label in reversed(log):
            known = label.task in once and label.became is Became.DONE
            self._to_come.append(self._to_come[-1] + Counter([label.task] if known else []))
            self._foreign.append(self._foreign[-1] + (label.task not in planned.steps))
        self._to_come.reverse()
        self._foreign.reverse()

    def __call__(self, key: _Key) -> int:
        position, state = key
        to_come = self._to_come[position]
        skipped = sum(id not in state.fired and id not in to_come for id in self._certain)
        too_many = sum(times - (id not in state.fired) for id, times in to_come.items())
        return skipped + too_many + self._foreign[position]


def _way(came: dict[_Key, tuple[_Key, Aligned]], end: _Key) -> tuple[Aligned, ...]:
    moves: list[Aligned] = []
    while end in came:
        end, aligned = came[end]
        moves.append(aligned)
    return tuple(reversed(moves))
