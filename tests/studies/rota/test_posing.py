"""From an organisation to a problem, and from a rota back to an organisation."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.workload.load import Span
from simulator.response.oncall import OnCall
from studies.rota.leave import read_leave
from studies.rota.posing import Wishes, overrides_of, pose, with_rota
from studies.rota.problem import Rule
from studies.rota.solving import Proposal, solve
from tests.reports.workload.test_load import FORTNIGHT, WEEK, moment, rota, span, staffed
from timeline.findings import InputError
from timeline.instants import DAY, HOUR, UNIX_EPOCH, to_wall


def wishes(**fields: Any) -> Wishes:
    return Wishes(**{"span": span(FORTNIGHT), **fields})


def times(at_ms: int) -> str:
    return f"{to_wall(at_ms, UNIX_EPOCH):%d %H:%M}"


def test_slots_are_the_turns_of_the_layers() -> None:
    org = staffed(first=rota("ann", "ben", overrides=[{"start": "2026-01-06T00:00:00", "end": "2026-01-07T00:00:00"}]))
    slots = pose(org, "first", wishes()).slots
    assert [(times(s.from_ms), times(s.to_ms), s.today) for s in slots] == [
        ("05 09:00", "12 09:00", "ann"),
        ("12 09:00", "19 09:00", "ben"),
    ]


def test_slots_of_another_length_and_gaps_that_stay_gaps() -> None:
    days = [{"days": ["monday", "tuesday"], "start": "08:00", "end": "20:00"}]
    layer = {"people": ["ann"], "start": "2026-01-05T08:00:00", "length": "1w", "restrictions": days}
    org = staffed(first={"title": "days", "timezone": "UTC", "layers": [layer]})
    slots = pose(org, "first", wishes(span=span(WEEK), slot_ms=6 * HOUR)).slots
    assert [(times(s.from_ms), times(s.to_ms)) for s in slots] == [
        ("05 09:00", "05 15:00"),
        ("05 15:00", "05 20:00"),
        ("06 08:00", "06 09:00"),
        ("06 09:00", "06 15:00"),
        ("06 15:00", "06 20:00"),
        ("12 08:00", "12 09:00"),
    ]


def test_slots_keep_their_clock_time_when_the_clocks_change() -> None:
    """29 March 2026, Vienna: the slot of that night is an hour shorter."""
    org = staffed(first={**rota("ann", length="12h"), "timezone": "Europe/Vienna"})
    bounds = span(("2026-03-28T08:00+00:00", "2026-03-30T07:00+00:00"))
    slots = pose(org, "first", wishes(span=bounds, slot_ms=12 * HOUR)).slots
    assert [s.length_ms // HOUR for s in slots] == [12, 11, 12, 12]


def test_candidates_are_those_of_the_rotation_and_who_else_is_named() -> None:
    overrides = [{"start": "2026-01-06T00:00:00", "end": "2026-01-07T00:00:00", "person": "ben"}]
    org = staffed(first=rota("ann", overrides=overrides))
    assert pose(org, "first", wishes()).people == ("ann", "ben")
    assert pose(org, "first", wishes(more_people=("chi",))).people == ("ann", "ben", "chi")


def test_what_blocks_whom() -> None:
    org = staffed(first=rota("ann", "ben", "chi"), second=rota("ben", "chi"))
    people = dict(org.people)
    people["chi"] = people["chi"].model_copy(update={"skills": {"database": 0.4, "*": 1.0}})
    org = org.model_copy(update={"people": people})
    away = {"ann": [(moment("2026-01-13T00:00+00:00"), moment("2026-01-14T00:00+00:00"))]}
    asked = {"leave": away, "skills": {"database": 0.5}}
    assert pose(org, "first", wishes(**asked)).blocked == {
        (0, 1): {Rule.LEAVE},
        (1, 0): {Rule.ELSEWHERE},
        (2, 0): {Rule.SKILLS},
        (2, 1): {Rule.SKILLS, Rule.ELSEWHERE},
    }
    assert (1, 0) not in pose(org, "first", wishes(**asked, doubling=True)).blocked


def test_burdens_are_told_on_the_clock_of_the_person() -> None:
    """A week: 63 hours of night for Ann by UTC, as many for Chi in Singapore, but not at the same times."""
    task = pose(staffed(first=rota("ann", "chi", length="12h")), "first", wishes(span=span(WEEK)))
    nights = next(b for b in task.burdens if b.id == "nights")
    assert [sum(row[p] for row in nights.of) for p in (0, 1)] == [63 * 60, 63 * 60]
    assert [row[0] for row in nights.of[:2]] == [0, 9 * 60]
    assert [row[1] for row in nights.of[:2]] == [7 * 60, 2 * 60]


FORTNIGHT_OF_HALVES = pose(staffed(first=rota("ann", "ben", "chi", length="12h")), "first", wishes())


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["ann", "ben", "chi"]), min_size=28, max_size=28))
def test_a_rota_put_into_the_organisation_is_what_the_schedule_then_says(holders: list[str]) -> None:
    before = staffed(first=rota("ann", "ben", "chi", length="12h"))
    slots = FORTNIGHT_OF_HALVES.slots
    oncall = OnCall(with_rota(before, "first", slots, holders), UNIX_EPOCH)
    for slot, holder in zip(slots, holders, strict=True):
        assert oncall.shifts("first", slot.from_ms, slot.to_ms) == [(slot.from_ms, slot.to_ms, [holder])]
    after_ms = slots[-1].to_ms
    assert oncall.holders("first", after_ms) == OnCall(before, UNIX_EPOCH).holders("first", after_ms)


def test_neighbours_of_one_holder_are_one_override() -> None:
    found = overrides_of(FORTNIGHT_OF_HALVES.slots[:4], ["ann", "ann", "ben", "ann"])
    lengths = [(o.person, o.end - o.start) for o in found]
    half = timedelta(hours=12)
    assert lengths == [("ann", 2 * half), ("ben", half), ("ann", half)]


AWAY = st.dictionaries(
    st.sampled_from(["ann", "ben", "chi"]),
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 2)), max_size=2),
    max_size=3,
)


@settings(max_examples=15, deadline=None)
@given(AWAY, st.sampled_from([0, 11, 23]), st.sampled_from([None, 0.4, 0.5]))
def test_what_is_proposed_keeps_to_what_was_asked(
    away: dict[str, list[tuple[int, int]]], rest_h: int, share: float | None
) -> None:
    """Judged from the schedule with the proposal in it, not from the problem."""
    start_ms = moment(WEEK[0])
    leave = {id: [(start_ms + d * DAY, start_ms + (d + n) * DAY) for d, n in spans] for id, spans in away.items()}
    org = staffed(first=rota("ann", "ben", "chi", length="12h"))
    task = pose(org, "first", wishes(span=span(WEEK), leave=leave, rest_ms=rest_h * HOUR, share_ratio=share))
    found = solve(task, 1)
    if not isinstance(found, Proposal):
        return
    schedule = OnCall(with_rota(org, "first", task.slots, found.holders), UNIX_EPOCH)
    shifts = [
        (start, end, people[0])
        for slot in task.slots
        for start, end, people in schedule.shifts("first", slot.from_ms, slot.to_ms)
    ]
    for id in ("ann", "ben", "chi"):
        own = [(start, end) for start, end, holder in shifts if holder == id]
        assert not [s for s in own for a in leave.get(id, []) if s[0] < a[1] and a[0] < s[1]]
        if rest_h:
            assert all(later[0] - earlier[1] >= rest_h * HOUR for earlier, later in pairwise(own))
        if share is not None:
            assert sum(end - start for start, end in own) <= share * 7 * DAY


def test_leave_is_whole_days_on_the_clock_of_the_person(tmp_path: Path) -> None:
    file = tmp_path / "leave.yaml"
    file.write_text("format: blackstart/leave/1\nleave:\n  chi: [{from: 2026-01-06, to: 2026-01-07}]\n")
    assert read_leave(file, staffed(first=rota("ann"))) == {
        "chi": [(moment("2026-01-06T00:00+08:00"), moment("2026-01-08T00:00+08:00"))]
    }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("chy: [{from: 2026-01-06, to: 2026-01-07}]", "'chi'"),
        ("chi: [{from: 2026-01-06, to: 2026-01-05}]", "leave ends"),
        ("chi: [{from: soon, to: 2026-01-05}]", "leave.yaml:3"),
        ("chi: [{from: 2026-01-05, till: 2026-01-06}]", "till"),
    ],
)
def test_leave_that_cannot_be_read(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "leave.yaml"
    file.write_text(f"format: blackstart/leave/1\nleave:\n  {line}\n")
    with pytest.raises(InputError) as refused:
        read_leave(file, staffed(first=rota("ann")))
    assert words in str(refused.value)


def test_the_span_of_a_slot_that_nobody_holds_any_more_has_no_holder_today() -> None:
    over = datetime.fromisoformat("2026-01-05T09:00").isoformat()
    overrides = [{"start": over, "end": "2026-01-20T00:00:00"}]
    task = pose(staffed(first=rota("ann", overrides=overrides)), "first", wishes(span=Span(*map(moment, WEEK))))
    assert [slot.today for slot in task.slots] == [None]
    assert task.today() == [None]
