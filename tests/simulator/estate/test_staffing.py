"""Where people are: nobody is lost or doubled, no seat is given away twice, and the order of the analysis holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.estate.staffing import REMOTE, Move, Staffing, Whereabouts
from topologies.estate import Estate

MAIN, FIRST, SECOND = "main", "first", "second"
SITES = (MAIN, FIRST, SECOND)


def need(site: str, count: int, *, needed: int, minimum: int, remote: float = 0.0) -> dict[str, Any]:
    groups = {"g": {"site": site, "count": count, "remote": remote}}
    return {"title": "work", "needed": needed, "minimum": minimum, "groups": groups}


def estate(functions: dict[str, dict[str, Any]], seats: tuple[int, int] = (5, 4), remote: int = 3) -> Estate:
    alternates = [{"site": FIRST, "travel": "30m"}, {"site": SECOND, "travel": "60m"}]
    office = {"title": "office", "kind": "workplace", "timezone": "UTC"}
    return Estate.model_validate(
        {
            "format": "blackstart/estate/1",
            "title": "test",
            "timezone": "UTC",
            "sites": {
                MAIN: {**office, "workplace": {"alternates": alternates}},
                FIRST: {**office, "seats": seats[0]},
                SECOND: {**office, "seats": seats[1]},
            },
            "components": {"web": {"title": "web", "kind": "service"}},
            "functions": {
                id: {"title": id, "supported_by": {"web": {"type": "hard"}}, **f} for id, f in functions.items()
            },
            "remote_work": {"seats": remote},
        }
    )


TWO = {
    "late": {"criticality": "standard", "workforce": {"work": need(MAIN, 8, needed=6, minimum=3, remote=0.5)}},
    "soon": {"criticality": "critical", "workforce": {"work": need(MAIN, 7, needed=7, minimum=4)}},
    "there": {"workforce": {"work": need(FIRST, 2, needed=2, minimum=1)}},
}


def always(_: str) -> bool:
    return True


def sent(moves: list[Move]) -> Counter[tuple[str, str]]:
    return Counter((move.worker.need.function, move.to) for move in moves)


def test_minimums_come_first_in_the_order_of_the_analysis_then_whole_needs() -> None:
    staffing = Staffing(estate(TWO, seats=(5, 4), remote=2))
    staffing.close(MAIN)
    # FIRST has 5 seats of which 2 are usual: 3 are free, and 4 in SECOND.
    assert sent(staffing.allocate([MAIN], always)) == {
        ("soon", FIRST): 3,
        ("soon", SECOND): 1 + 2,  # its minimum; then, after the minimum of the other, as far as seats go
        ("late", REMOTE): 2,
        ("late", SECOND): 1,
    }


def test_who_can_work_remotely_does_so_and_leaves_the_seats_to_the_others() -> None:
    staffing = Staffing(
        estate({"f": {"workforce": {"work": need(MAIN, 6, needed=6, minimum=1, remote=0.5)}}}, remote=9)
    )
    staffing.close(MAIN)
    assert sent(staffing.allocate([MAIN], always)) == {("f", REMOTE): 3, ("f", FIRST): 3}


def test_nobody_is_sent_to_a_place_that_is_lost_as_well() -> None:
    staffing = Staffing(estate({"f": {"workforce": {"work": need(MAIN, 4, needed=4, minimum=1)}}}))
    staffing.close(MAIN)
    staffing.close(FIRST)
    assert sent(staffing.allocate([MAIN], lambda site: site != FIRST)) == {("f", SECOND): 4}


def test_more_are_not_sent_than_the_function_needs() -> None:
    staffing = Staffing(estate({"f": {"workforce": {"work": need(MAIN, 8, needed=3, minimum=2)}}}))
    staffing.close(MAIN)
    assert sent(staffing.allocate([MAIN], always)) == {("f", FIRST): 3}


STEPS = st.lists(
    st.tuples(st.sampled_from(["close", "open", "allocate", "arrive", "away", "back"]), st.integers(0, 30)),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, seats=st.tuples(st.integers(0, 8), st.integers(0, 6)), remote=st.integers(0, 5))
def test_heads_are_conserved_and_seats_never_exceeded(
    steps: list[tuple[str, int]], seats: tuple[int, int], remote: int
) -> None:
    built = estate(TWO, seats, remote)
    staffing = Staffing(built)
    heads = {need.function: len(need.workers) for need in staffing.needs}
    usual = Counter(worker.home for worker in staffing.workers)
    lost: set[str] = set()
    moves: list[Move] = []
    for what, number in steps:
        site = SITES[number % 3]
        worker = staffing.workers[number % len(staffing.workers)]
        if what == "close":
            lost.add(site)
            staffing.close(site)
        elif what == "open" and site in lost:
            lost.remove(site)
            moves += staffing.call_back(site)
        elif what == "allocate":
            moves += staffing.allocate([MAIN], lambda place: place not in lost)
        elif what == "arrive":
            moves = [move for move in moves if move.is_current]
            if moves:
                staffing.arrive(moves.pop(number % len(moves)))
        elif what == "away":
            staffing.stay_away(worker)
        elif what == "back" and worker.where is Whereabouts.ABSENT:
            staffing.come_back(worker, place_is_open=worker.home not in lost)

        for each in staffing.needs:
            count = staffing.count(each, remote_works=True)
            whole = count.present + count.travelling + count.waiting + count.absent
            assert whole == heads[each.function]
            assert count.present == count.at_place + count.alternate + count.remote
        taken = Counter(worker.seat for worker in staffing.workers if worker.seat is not None)
        for place, limit in ((FIRST, seats[0]), (SECOND, seats[1])):
            assert taken[place] <= max(limit - usual[place], 0)
            assert staffing.free_seats(place) == max(limit - usual[place], 0) - taken[place]
        assert taken[REMOTE] <= remote
        assert not [w for w in staffing.workers if w.where is Whereabouts.AT_PLACE and w.home in lost]
        assert not [w for w in staffing.workers if w.where is Whereabouts.AT_ALTERNATE and w.seat in lost]
