"""Workplaces in a run: places that are lost, people who move, and what that leaves of each business function.

    fault -> workplace.closed -> (evacuation) workplace.evacuated -> (order to relocate) staff.relocating
          -> (travel and set-up of each person) staff.minimum_reached ... -> (fault ends) workplace.reopened

A function goes on at the level of its scarcest need.  A loss of people is felt after the time for which the function
runs without them, people who come at once.  Outside the hours of a need nobody is missed.

Who was sent away stays where he works now when the place opens again; who still waits goes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from simulator.estate.faults import ActiveFault
from simulator.estate.staffing import REMOTE, Headcount, Move, Need, Staffing, Worker, staff_level
from simulator.kernel import Kernel
from timeline.details import RelocationDetail, StaffDetail, WorkplaceDetail
from timeline.events import Event
from timeline.instants import from_wall
from timeline.references import ESTATE, function, site
from topologies.estate import Estate, SiteKind
from topologies.people import Person
from topologies.workplaces import Workplace

_LEVEL_STEP = 0.1
"""A move of what people can do by this much is an event."""
_UNSTATED = Workplace()


@dataclass(slots=True)
class _Place:
    """State of one workplace."""

    spec: Workplace
    timezone: ZoneInfo
    open: bool = True
    closed: int = 0
    """The event of the last loss."""
    losses: int = 0
    empty_at_ms: int = 0
    """When the last evacuation is over."""
    relocation: int | None = None
    """The order by which its people are sent elsewhere, while there is one."""


@dataclass(slots=True)
class _Watch:
    """State of one need: what its people can do, what of it is felt, and what was last said."""

    need: Need
    felt: float = 1.0
    pending: int = 0
    """Number of the loss that is not felt yet; 0 when there is none."""
    edge_ms: int | None = None
    """The next beginning or end of the hours, while people are missing."""
    because: int | None = None
    told_level: float = 1.0
    told_short: bool = False
    told_whole: bool = True


@dataclass(slots=True)
class _Absence:
    """A fault that keeps people away."""

    fault: ActiveFault
    away: list[Worker] = field(default_factory=list)


class Workplaces:
    """Follows every workplace and the workforce of every function.

    `faults_at` gives the faults on a site, `serving` whether a component, group, pair or site does its work;
    `on_change` is called with the event after people moved by themselves, `on_closed` when a place is lost.
    """

    def __init__(
        self,
        kernel: Kernel,
        estate: Estate,
        faults_at: Callable[[str], list[ActiveFault]],
        serving: Callable[[str], bool],
        on_change: Callable[[int | None], None],
        on_closed: Callable[[Event, str], None],
    ) -> None:
        self._kernel = kernel
        self._estate = estate
        self._timezone = ZoneInfo(estate.timezone)
        self._faults_at = faults_at
        self._serving = serving
        self._on_change = on_change
        self._on_closed = on_closed
        self.staffing = Staffing(estate)
        """Where everybody is."""
        self._places = {
            id: _Place(spec.workplace or _UNSTATED, ZoneInfo(spec.timezone))
            for id, spec in estate.sites.items()
            if spec.kind is SiteKind.WORKPLACE or self.staffing.usual_at(id)
        }
        self._watches = {(need.function, need.id): _Watch(need) for need in self.staffing.needs}
        self._absences: dict[tuple[str, str], _Absence] = {}
        """By fault and place."""
        self._last: dict[str, int] = {}

    # What others ask

    def level(self, id: str) -> float:
        """What people can do of a function now, as far as it is felt."""
        return min((w.felt for w in self._watches.values() if w.need.function == id), default=1.0)

    def present(self, id: str, need: str) -> int:
        """People of a need who are at work."""
        return self._count(self._watches[id, need]).present

    def cause(self, id: str) -> int | None:
        """The last event about the people of a function."""
        return self._last.get(id)

    def is_open(self, id: str) -> bool:
        """Whether people may work at a site; sites that are no workplaces are none of ours."""
        return id not in self._places or self._places[id].open

    def out_for_ms(self, person_id: str, person: Person) -> int | None:
        """How long from now somebody of the organisation cannot attend to anything: while his place is evacuated, in
        the hours in which he sits there; None while he is absent."""
        if any(self._is_away(person_id, person, fault) for fault in self._absent_at(person.site)):
            return None
        place = self._places.get(person.site or "")
        if place is None or place.open or not place.spec.hours.hold(self._kernel.wall().astimezone(place.timezone)):
            return 0
        return max(place.empty_at_ms - self._kernel.now(), 0)

    def _absent_at(self, id: str | None) -> list[ActiveFault]:
        return [fault for fault in self._faults_at(id) if fault.effect.absent_ratio] if id in self._places else []

    def _is_away(self, id: str, person: Person, fault: ActiveFault) -> bool:
        teams = fault.effect.absent_teams
        if teams and person.team not in teams:
            return False
        return self._kernel.streams.chance(fault.effect.absent_ratio, f"person/{id}", "absent", fault.id)

    # What happens

    def follow(self, trigger: int | None) -> None:
        """Compares places, absences and levels with how they were; `trigger` is the event that changed something."""
        for id, place in self._places.items():
            is_open = self._serving(id) and not any(fault.effect.denied for fault in self._faults_at(id))
            if is_open != place.open:
                place.open = is_open
                (self._reopen if is_open else self._close)(id, place, trigger)
        self._follow_absences(trigger)
        self._allocate()
        for watch in self._watches.values():
            self._follow_need(watch, trigger)

    def relocate(self, id: str, order: int) -> None:
        """The people of a place are sent elsewhere, once they are out of it."""
        place = self._places[id]
        place.relocation = order
        self._kernel.call_at(max(place.empty_at_ms, self._kernel.now()), lambda: self._on_change(order))

    def _close(self, id: str, place: _Place, trigger: int | None) -> None:
        place.losses += 1
        inside = self.staffing.close(id)
        detail = WorkplaceDetail(len(inside), self._why(id))
        event = self._kernel.emit("workplace.closed", site(id), ESTATE, detail, _known(trigger))
        place.closed = event.seq
        self._because(inside, event.seq)
        for home in dict.fromkeys(worker.home for worker in inside if self.is_open(worker.home)):
            self._set_out(self.staffing.call_back(home), event.seq)
        takes = self._kernel.streams.draw(place.spec.evacuation, f"site/{id}", "evacuation", f"loss-{place.losses}")
        place.empty_at_ms = self._kernel.now() + takes
        self._kernel.call_at(place.empty_at_ms, lambda: self._evacuated(id, place, event.seq))
        self._on_closed(event, id)

    def _why(self, id: str) -> str:
        denied = next((fault for fault in self._faults_at(id) if fault.effect.denied), None)
        return (denied.description or denied.kind.title) if denied is not None else "the building is out of service"

    def _evacuated(self, id: str, place: _Place, closed: int) -> None:
        if place.open or place.closed != closed:
            return
        detail = WorkplaceDetail(len(self.staffing.usual_at(id)))
        rests_on = (f"estate.sites.{id}.workplace.evacuation",)
        self._kernel.emit("workplace.evacuated", site(id), ESTATE, detail, [closed], rests_on=rests_on)

    def _reopen(self, id: str, place: _Place, trigger: int | None) -> None:
        place.relocation = None
        moves = self.staffing.call_back(id)
        causes = sorted({place.closed, *_known(trigger)})
        event = self._kernel.emit("workplace.reopened", site(id), ESTATE, WorkplaceDetail(len(moves)), causes)
        self._set_out(moves, event.seq)

    def _allocate(self) -> None:
        """Sends those who may be sent now: of places that are empty and whose people were told to go."""
        now = self._kernel.now()
        from_sites = {
            id: place.relocation
            for id, place in self._places.items()
            if place.relocation is not None and not place.open and place.empty_at_ms <= now
        }
        if not from_sites:
            return
        moves = self.staffing.allocate(from_sites, self.is_open)
        for home, together in groupby(sorted(moves, key=lambda m: m.worker.home), key=lambda m: m.worker.home):
            order = from_sites[home]
            assert order is not None
            self._set_out(list(together), order)

    def _set_out(self, moves: Iterable[Move], order: int) -> None:
        """Everybody is on the way, each for as long as he takes."""

        def kind_of(move: Move) -> tuple[str, str, str]:
            return move.worker.need.function, move.worker.need.id, move.to

        for (id, need, to), batch in groupby(sorted(moves, key=kind_of), key=kind_of):
            together = list(batch)
            detail = RelocationDetail(id, need, to, len(together))
            home = together[0].worker.home
            event = self._kernel.emit("staff.relocating", site(home), ESTATE, detail, [order])
            self._because([move.worker for move in together], event.seq)
            for move in together:
                self._kernel.call_at(self._kernel.now() + self._way_ms(move), partial(self._arrive, move))

    def _way_ms(self, move: Move) -> int:
        """From setting out to the first piece of work, of one person."""
        worker, streams = move.worker, self._kernel.streams
        entity = f"worker/{worker.need.function}/{worker.need.id}/{worker.group_id}/{worker.number}"
        occasion = f"{move.to}/loss-{self._places[worker.home].losses}"
        if move.to == REMOTE:
            assert self._estate.remote_work is not None
            return streams.draw(self._estate.remote_work.set_up, entity, "remote-set-up", occasion)
        set_up = streams.draw(self._places[move.to].spec.set_up, entity, "set-up", occasion)
        if move.to == worker.home:
            return set_up
        alternates = self._places[worker.home].spec.alternates
        travel = next(alternate.travel for alternate in alternates if alternate.site == move.to)
        return set_up + streams.draw(travel, entity, "travels", occasion)

    def _arrive(self, move: Move) -> None:
        if move.is_current:
            self.staffing.arrive(move)
            self._on_change(None)

    def _follow_absences(self, trigger: int | None) -> None:
        lasting = {(fault.id, id): fault for id in self._places for fault in self._absent_at(id)}
        for key in [key for key in self._absences if key not in lasting]:
            for worker in self._absences.pop(key).away:
                self.staffing.come_back(worker, place_is_open=self.is_open(worker.home))
                self._because([worker], trigger)
        for key, fault in lasting.items():
            if key not in self._absences:
                absence = self._absences[key] = _Absence(fault)
                absence.away += [w for w in self.staffing.usual_at(key[1]) if self._stays_away(w, absence)]
                for worker in absence.away:
                    self.staffing.stay_away(worker)
                self._because(absence.away, fault.event)

    def _stays_away(self, worker: Worker, absence: _Absence) -> bool:
        effect = absence.fault.effect
        if effect.absent_teams and self._estate.functions[worker.need.function].owner not in effect.absent_teams:
            return False
        if any(worker in other.away for other in self._absences.values()):
            return False
        entity = f"worker/{worker.need.function}/{worker.need.id}/{worker.group_id}/{worker.number}"
        return self._kernel.streams.chance(effect.absent_ratio, entity, "absent", absence.fault.id)

    # What it leaves of the functions

    def _because(self, workers: Iterable[Worker], event: int | None) -> None:
        for worker in workers:
            self._watches[worker.need.function, worker.need.id].because = event

    def _count(self, watch: _Watch) -> Headcount:
        remote = self._estate.remote_work
        works = remote is not None and all(map(self._serving, remote.through))
        return self.staffing.count(watch.need, remote_works=works)

    def _follow_need(self, watch: _Watch, trigger: int | None) -> None:
        spec, count = watch.need.spec, self._count(watch)
        local = self._kernel.wall().astimezone(self._timezone)
        on = spec.hours is None or spec.hours.hold(local)
        level = staff_level(spec, count.present) if on else 1.0
        if on:
            self._tell(watch, count, level, trigger)
        if level >= watch.felt or not spec.after:
            watch.felt, watch.pending = level, 0
        elif not watch.pending:
            token = watch.pending = self._kernel.now() + 1
            self._kernel.call_at(self._kernel.now() + spec.after, lambda: self._felt(watch, token))
        if spec.hours is not None and count.present < spec.needed:
            self._look_again_at(watch, from_wall(spec.hours.next_edge(local), self._kernel.epoch))

    def _look_again_at(self, watch: _Watch, edge_ms: int) -> None:
        """Hours begin or end there."""
        if watch.edge_ms != edge_ms:
            watch.edge_ms = edge_ms
            self._kernel.call_at(edge_ms, lambda: self._on_change(None))

    def _felt(self, watch: _Watch, token: int) -> None:
        """What is missing by now is felt from now on."""
        if watch.pending == token:
            watch.pending = 0
            watch.felt = staff_level(watch.need.spec, self._count(watch).present)
            self._on_change(None)

    def _tell(self, watch: _Watch, count: Headcount, level: float, trigger: int | None) -> None:
        spec = watch.need.spec
        short, whole = count.present < spec.minimum, count.present >= spec.needed
        if short != watch.told_short:
            kind = "short" if short else "minimum_reached"
        elif whole != watch.told_whole or abs(level - watch.told_level) >= _LEVEL_STEP:
            kind = "changed"
        else:
            return
        watch.told_level, watch.told_short, watch.told_whole = level, short, whole
        detail = StaffDetail(
            need=watch.need.id,
            present=count.present,
            needed=spec.needed,
            minimum=spec.minimum,
            remote=count.remote,
            alternate=count.alternate,
            travelling=count.travelling,
            waiting=count.waiting,
            absent=count.absent,
            level_ratio=round(level, 4),
        )
        causes = _known(watch.because if watch.because is not None else trigger)
        rests_on = (f"estate.functions.{watch.need.function}.workforce.{watch.need.id}",)
        event = self._kernel.emit(
            f"staff.{kind}", function(watch.need.function), ESTATE, detail, causes, rests_on=rests_on
        )
        self._last[watch.need.function] = event.seq


def _known(*events: int | None) -> list[int]:
    return [event for event in events if event is not None]
