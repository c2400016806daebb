"""Where everybody is: the people of the business functions one by one, and the seats that they take.

A *worker* is one head of one group, by number.  He is

    at his place -> waiting (the place is lost) -> travelling (sent somewhere) -> at an alternate, or remote
                 -> absent (ill, on strike), and back

and only who is at his place, at an alternate or remote can work.  A seat at an alternate, or for remote work, is taken
from the moment in which somebody is sent there until he leaves it.  A move is numbered, so that an arrival that was
overtaken by something else is told apart.

*Allocation* sends those who wait: first up to the minimum of every need, function by function in the order in which the
impact analysis wants them back, then in the same order up to the whole need.  Who can work remotely does so while there
are seats for that, the others go to the alternates in their order.  Who gets no seat goes on waiting.

Nothing here knows time or chance; `simulator.estate.workplaces` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from timeline.restoration import restoration_priority
from topologies.estate import BusinessFunction, Estate
from topologies.workforce import StaffGroup, StaffNeed

REMOTE = "remote"
"""Where somebody sits who works remotely, beside the ids of sites."""


class Whereabouts(Enum):
    """Where a worker is."""

    AT_PLACE = auto()
    WAITING = auto()
    TRAVELLING = auto()
    AT_ALTERNATE = auto()
    REMOTE = auto()
    ABSENT = auto()


@dataclass(eq=False, slots=True)
class Worker:
    """One head.  `seat` is the site, or `remote`, where a seat is held; `moves` numbers the changes so far."""

    need: Need
    group_id: str
    group: StaffGroup
    number: int
    where: Whereabouts = Whereabouts.AT_PLACE
    seat: str | None = None
    moves: int = 0

    @property
    def home(self) -> str:
        """The site where this worker usually sits."""
        return self.group.site

    @property
    def can_work_remotely(self) -> bool:
        return self.number < self.group.remote_count


@dataclass(eq=False, slots=True)
class Need:
    """One kind of work of one function, with everybody who does it."""

    function: str
    id: str
    spec: StaffNeed
    workers: list[Worker]


@dataclass(frozen=True, slots=True)
class Headcount:
    """The workers of one need by where they are; `present` are at work."""

    present: int
    at_place: int
    alternate: int
    remote: int
    travelling: int
    waiting: int
    absent: int


@dataclass(frozen=True, slots=True)
class Move:
    """A worker is sent to a site or to work remotely; valid while the worker's `moves` is still `number`."""

    worker: Worker
    to: str
    number: int

    @property
    def is_current(self) -> bool:
        return self.worker.moves == self.number


class Staffing:
    """Everybody, and every seat."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self.needs = [need for id, function in _in_order(estate) for need in _needs(id, function)]
        self.workers = [worker for need in self.needs for worker in need.workers]
        usual = Counter(worker.home for worker in self.workers)
        self._free = {id: max((site.seats or 0) - usual[id], 0) for id, site in estate.sites.items()}
        self._free[REMOTE] = estate.remote_work.seats if estate.remote_work is not None else 0

    def free_seats(self, place: str) -> int:
        """Seats that nobody has or is on the way to; `remote` for remote work."""
        return self._free[place]

    def usual_at(self, site: str) -> list[Worker]:
        """Who usually works at a site."""
        return [worker for worker in self.workers if worker.home == site]

    def close(self, site: str) -> list[Worker]:
        """Nobody can work at a site any more; who did, or was on the way, waits from now on."""
        hit = [w for w in self.workers if self._is_at(w, site)]
        for worker in hit:
            self._to(worker, Whereabouts.WAITING)
        return hit

    def _is_at(self, worker: Worker, site: str) -> bool:
        if worker.where is Whereabouts.AT_PLACE:
            return worker.home == site
        if worker.where is Whereabouts.TRAVELLING:
            return (worker.seat or worker.home) == site
        return worker.where is Whereabouts.AT_ALTERNATE and worker.seat == site

    def call_back(self, site: str) -> list[Move]:
        """A site is open again: who belongs there and still waits is sent back."""
        return [self._send(w, site, None) for w in self.usual_at(site) if w.where is Whereabouts.WAITING]

    def allocate(self, from_sites: Collection[str], is_open: Callable[[str], bool]) -> list[Move]:
        """Sends those of these sites who wait, as far as there are seats and the functions need them."""
        moves: list[Move] = []
        for whole in (False, True):
            for need in self.needs:
                target = need.spec.needed if whole else need.spec.minimum
                moves += self._fill(need, target, from_sites, is_open)
        return moves

    def _fill(
        self, need: Need, target: int, from_sites: Collection[str], is_open: Callable[[str], bool]
    ) -> Iterator[Move]:
        idle = (Whereabouts.WAITING, Whereabouts.ABSENT)
        short = target - sum(worker.where not in idle for worker in need.workers)
        waiting = [w for w in need.workers if w.where is Whereabouts.WAITING and w.home in from_sites]
        for worker in sorted(waiting, key=lambda w: not w.can_work_remotely):
            if short <= 0:
                return
            place = self._place_for(worker, is_open)
            if place is not None:
                short -= 1
                yield self._send(worker, place, place)

    def _place_for(self, worker: Worker, is_open: Callable[[str], bool]) -> str | None:
        if worker.can_work_remotely and self._free[REMOTE] > 0:
            return REMOTE
        workplace = self._estate.sites[worker.home].workplace
        alternates = [alternate.site for alternate in workplace.alternates] if workplace is not None else []
        return next((site for site in alternates if self._free[site] > 0 and is_open(site)), None)

    def arrive(self, move: Move) -> None:
        """Somebody who was sent is there and at work."""
        assert move.is_current
        worker = move.worker
        if worker.seat is None:
            worker.where = Whereabouts.AT_PLACE
        else:
            worker.where = Whereabouts.REMOTE if worker.seat == REMOTE else Whereabouts.AT_ALTERNATE
        worker.moves += 1

    def stay_away(self, worker: Worker) -> None:
        """Somebody is absent from now on."""
        self._to(worker, Whereabouts.ABSENT)

    def come_back(self, worker: Worker, *, place_is_open: bool) -> None:
        """Somebody who was absent is there again: at his place, or where his colleagues wait."""
        self._to(worker, Whereabouts.AT_PLACE if place_is_open else Whereabouts.WAITING)

    def count(self, need: Need, *, remote_works: bool) -> Headcount:
        """Where the people of a need are; who works remotely is present only while remote work is possible."""
        by = Counter(worker.where for worker in need.workers)
        working_remotely = by[Whereabouts.REMOTE] if remote_works else 0
        return Headcount(
            present=by[Whereabouts.AT_PLACE] + by[Whereabouts.AT_ALTERNATE] + working_remotely,
            at_place=by[Whereabouts.AT_PLACE],
            alternate=by[Whereabouts.AT_ALTERNATE],
            remote=by[Whereabouts.REMOTE],
            travelling=by[Whereabouts.TRAVELLING],
            waiting=by[Whereabouts.WAITING],
            absent=by[Whereabouts.ABSENT],
        )

    def _send(self, worker: Worker, to: str, seat: str | None) -> Move:
        self._to(worker, Whereabouts.TRAVELLING)
        worker.seat = seat
        if seat is not None:
            self._free[seat] -= 1
        return Move(worker, to, worker.moves)

    def _to(self, worker: Worker, where: Whereabouts) -> None:
        if worker.seat is not None:
            self._free[worker.seat] += 1
            worker.seat = None
        worker.where = where
        worker.moves += 1


def staff_level(spec: StaffNeed, present: int) -> float:
    """Share of the work that so many people can do: none of it below the minimum."""
    return 0.0 if present < spec.minimum else min(1.0, present / spec.needed)


def _in_order(estate: Estate) -> Iterable[tuple[str, BusinessFunction]]:
    """Functions as the impact analysis wants them back; equal ones in the order of the file."""
    return sorted(
        estate.functions.items(), key=lambda item: restoration_priority(item[1].criticality, item[1].mtpd, item[1].rto)
    )


def _needs(function: str, spec: BusinessFunction) -> Iterator[Need]:
    for id, need_spec in (spec.workforce or {}).items():
        need = Need(function, id, need_spec, [])
        need.workers += [
            Worker(need, group_id, group, number)
            for group_id, group in need_spec.groups.items()
            for number in range(group.count)
        ]
        yield need
