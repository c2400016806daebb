"""From an organisation to a problem: the slots of a rotation, who may hold them, what they weigh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from reports.workload.load import Span
from simulator.response.oncall import OnCall, hardship, shifts_of
from simulator.response.oncall.clock import LocalClock
from studies.rota.arrivals import Arrivals, expected_sleep_pages
from studies.rota.problem import Burden, Problem, Rule, Slot
from timeline.instants import HOUR, MINUTE, UNIX_EPOCH
from topologies.organisation import Organisation
from topologies.rotations import Override

_MILLI = 1000


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each burden counts."""

    on_call: float = 1.0
    nights: float = 2.0
    weekends: float = 1.0
    holidays: float = 1.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a rota is asked to keep to.  Spans are milliseconds since 1970."""

    span: Span
    more_people: tuple[str, ...] = ()
    """Candidates beside those who are in the rotation."""
    slot_ms: int | None = None
    """Slots of this length on the local clock; None cuts where the rotation itself changes hands."""
    leave: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    skills: Mapping[str, float] = field(default_factory=dict)
    """Kind of component to the skill needed in it."""
    rest_ms: int = 11 * HOUR
    """Daily rest, Directive 2003/88/EC Art. 3."""
    share_ratio: float | None = None
    """Of the whole span, that one person holds at most."""
    doubling: bool = False
    """Whether somebody may be on call in two rotations at once."""
    weights: Weights = Weights()
    arrivals: Arrivals | None = None


def pose(organisation: Organisation, rotation_id: str, wishes: Wishes) -> Problem:
    """The problem of a rotation over a span.  Raises KeyError for a rotation or a person that does not exist."""
    rotation = organisation.rotations[rotation_id]
    people = tuple(dict.fromkeys([*rotation.everybody, *wishes.more_people]))
    slots = tuple(_slots(organisation, rotation_id, wishes))
    return Problem(
        people=people,
        slots=slots,
        burdens=_burdens(organisation, people, slots, LocalClock(rotation.timezone, UNIX_EPOCH), wishes),
        blocked=_blocked(organisation, rotation_id, people, slots, wishes),
        rest_ms=wishes.rest_ms,
        longest_ms=None if wishes.share_ratio is None else int(wishes.share_ratio * wishes.span.length_ms),
    )


def with_rota(
    organisation: Organisation, rotation_id: str, slots: Sequence[Slot], holders: Sequence[str]
) -> Organisation:
    """The organisation with a rota as overrides of its rotation, which go before all others."""
    rotation = organisation.rotations[rotation_id]
    changed = rotation.model_copy(update={"overrides": (*rotation.overrides, *overrides_of(slots, holders))})
    return organisation.model_copy(update={"rotations": {**organisation.rotations, rotation_id: changed}})


def overrides_of(slots: Sequence[Slot], holders: Sequence[str]) -> list[Override]:
    """A rota as overrides, neighbours of one holder joined; moments are UTC, so that no change of clocks matters."""
    joined: list[tuple[int, int, str]] = []
    for slot, holder in zip(slots, holders, strict=True):
        if joined and joined[-1][1:] == (slot.from_ms, holder):
            joined[-1] = (joined[-1][0], slot.to_ms, holder)
        else:
            joined.append((slot.from_ms, slot.to_ms, holder))
    return [
        Override(
            start=UNIX_EPOCH + timedelta(milliseconds=from_ms),
            end=UNIX_EPOCH + timedelta(milliseconds=to_ms),
            person=holder,
        )
        for from_ms, to_ms, holder in joined
    ]


def _slots(organisation: Organisation, rotation_id: str, wishes: Wishes) -> Iterator[Slot]:
    """What the layers cover, cut; what nobody holds by them stays a gap."""
    rotation = organisation.rotations[rotation_id]
    layers = organisation.model_copy(update={"rotations": {rotation_id: rotation.model_copy(update={"overrides": ()})}})
    planned, today = OnCall(layers, UNIX_EPOCH), OnCall(organisation, UNIX_EPOCH)
    span = wishes.span
    cuts = _hand_overs(planned, rotation_id, span)
    if wishes.slot_ms is not None:
        covered = [planned.shifts(rotation_id, start, end)[0] for start, end in pairwise(cuts)]
        gaps = {bound for start, end, holders in covered if not holders for bound in (start, end)}
        grid = _grid(LocalClock(rotation.timezone, UNIX_EPOCH), span, wishes.slot_ms)
        cuts = sorted({*grid, *(bound for bound in gaps if span.from_ms <= bound <= span.to_ms)})
    for start_ms, end_ms in pairwise(cuts):
        if planned.holders(rotation_id, start_ms):
            yield Slot(start_ms, end_ms, _longest_holder(today, rotation_id, start_ms, end_ms))


def _hand_overs(oncall: OnCall, rotation_id: str, span: Span) -> list[int]:
    """Both ends of the span, and every moment between them at which the holder may change."""
    cuts = [span.from_ms]
    while (change := oncall.next_change(rotation_id, cuts[-1])) is not None and change < span.to_ms:
        cuts.append(change)
    return [*cuts, span.to_ms]


def _grid(clock: LocalClock, span: Span, length_ms: int) -> list[int]:
    """Cuts a length apart on the local clock, from the start of the span."""
    start, cuts = clock.wall(span.from_ms), [span.from_ms]
    while (cut := clock.at_ms(start + len(cuts) * timedelta(milliseconds=length_ms))) < span.to_ms:
        cuts.append(cut)
    return [*cuts, span.to_ms]


def _longest_holder(oncall: OnCall, rotation_id: str, from_ms: int, to_ms: int) -> str | None:
    held: dict[str, int] = {}
    for shift in shifts_of(oncall, [rotation_id], from_ms, to_ms):
        held[shift.person] = held.get(shift.person, 0) + shift.to_ms - shift.from_ms
    return max(held, key=lambda person: held[person], default=None)


def _blocked(
    organisation: Organisation, rotation_id: str, people: Sequence[str], slots: Sequence[Slot], wishes: Wishes
) -> dict[tuple[int, int], frozenset[Rule]]:
    others = [id for id in organisation.rotations if id != rotation_id]
    span = wishes.span
    elsewhere = [] if wishes.doubling else shifts_of(OnCall(organisation, UNIX_EPOCH), others, span.from_ms, span.to_ms)
    blocked: dict[tuple[int, int], frozenset[Rule]] = {}
    for p, id in enumerate(people):
        busy = {
            Rule.LEAVE: list(wishes.leave.get(id, ())),
            Rule.ELSEWHERE: [(shift.from_ms, shift.to_ms) for shift in elsewhere if shift.person == id],
        }
        unskilled = any(_skill(organisation, id, kind) < needed for kind, needed in wishes.skills.items())
        for s, slot in enumerate(slots):
            rules = {rule for rule, spans in busy.items() if any(slot.overlaps(span) for span in spans)}
            if unskilled:
                rules.add(Rule.SKILLS)
            if rules:
                blocked[p, s] = frozenset(rules)
    return blocked


def _skill(organisation: Organisation, person: str, kind: str) -> float:
    skills = organisation.people[person].skills
    return skills.get(kind, skills.get("*", 0.0))


def _burdens(
    organisation: Organisation, people: Sequence[str], slots: Sequence[Slot], clock: LocalClock, wishes: Wishes
) -> tuple[Burden, ...]:
    clocks = [LocalClock(organisation.people[id].timezone, UNIX_EPOCH) for id in people]
    costs = [[hardship([(slot.from_ms, slot.to_ms)], own, organisation.holidays) for own in clocks] for slot in slots]
    if wishes.arrivals is None:
        nights = [[cost.night_ms // MINUTE for cost in row] for row in costs]
    else:
        profile = wishes.arrivals
        nights = [
            [
                round(_MILLI * expected_sleep_pages(profile, Span(slot.from_ms, slot.to_ms), clock, own))
                for own in clocks
            ]
            for slot in slots
        ]
    weights = wishes.weights
    return (
        _burden("on_call", weights.on_call, [[cost.on_call_ms // MINUTE for cost in row] for row in costs]),
        _burden("nights", weights.nights, nights),
        _burden("weekends", weights.weekends, [[cost.weekend_ms // MINUTE for cost in row] for row in costs]),
        _burden("holidays", weights.holidays, [[cost.holiday_ms // MINUTE for cost in row] for row in costs]),
    )


def _burden(id: str, weight: float, of: Sequence[Sequence[int]]) -> Burden:
    return Burden(id, weight, tuple(tuple(row) for row in of))
