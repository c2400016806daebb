"""What holds for every rotation, with levels, groups, months, leave and overrides, and through a written calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.oncall import calendar_of
from simulator.response.oncall import OnCall
from tests.simulator.response.oncall.rotas import EPOCH
from timeline.instants import DAY, HOUR, MINUTE, to_wall
from topologies.importers.oncall import Window, import_roster
from topologies.roster import Roster

PEOPLE = "abcd"
ZONES = st.sampled_from(["UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
STARTS = st.datetimes(datetime(2025, 12, 1), datetime(2026, 2, 1)).map(lambda d: d.replace(second=0, microsecond=0))
SPANS_MS = st.sampled_from([6 * HOUR, DAY, 7 * DAY])
LENGTHS = st.sampled_from([{"length": "5h"}, {"length": "1d"}, {"length": "1w"}, {"months": 1}])
PERSONS = st.sampled_from(PEOPLE)
TURNS = st.lists(st.lists(PERSONS, max_size=2, unique=True) | PERSONS, min_size=1, max_size=4)
DAYS = st.sampled_from(["monday", "friday", "sunday"])
CLOCK = st.builds(lambda h, m: f"{h:02d}:{m:02d}", st.integers(0, 23), st.sampled_from([0, 30]))
RESTRICTIONS = st.fixed_dictionaries(
    {"days": st.lists(DAYS, min_size=1, unique=True), "start": CLOCK, "end": CLOCK}, optional={"end_day": DAYS}
)
LAYERS = st.builds(
    lambda people, start, length, fields: {"people": people, "start": start.isoformat(), **length, **fields},
    TURNS,
    STARTS,
    LENGTHS,
    st.fixed_dictionaries(
        {}, optional={"level": st.integers(0, 2), "restrictions": st.lists(RESTRICTIONS, min_size=1, max_size=2)}
    ),
)


def spans(**others: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Spans of the first months of 2026 with other fields."""
    return st.builds(
        lambda day, length, fields: {
            "start": (datetime(2026, 1, 1) + timedelta(days=day)).isoformat(),
            "end": (datetime(2026, 1, 1) + timedelta(days=day, milliseconds=length)).isoformat(),
            **fields,
        },
        st.integers(0, 100),
        SPANS_MS,
        st.fixed_dictionaries({}, optional=others),
    )


ROTATIONS = st.builds(
    lambda zone, layers, overrides, cover: {
        "title": "r",
        "timezone": zone,
        "layers": layers,
        "overrides": overrides,
        "cover": cover,
    },
    ZONES,
    st.lists(LAYERS, max_size=3),
    st.lists(spans(person=PERSONS, instead_of=PERSONS), max_size=3),
    st.sampled_from(["next", "nobody"]),
)
LEAVE = st.dictionaries(PERSONS, st.lists(spans(), min_size=1, max_size=2), max_size=2)
MOMENTS = st.integers(0, 120 * DAY // MINUTE).map(lambda minutes: minutes * MINUTE)


def oncall(rotation: dict[str, Any], leave: dict[str, Any] | None = None, people: str = PEOPLE) -> OnCall:
    named = {id: {"title": id, "leave": (leave or {}).get(id, [])} for id in people}
    return OnCall(Roster.model_validate({"title": "t", "people": named, "rotations": {"r": rotation}}), EPOCH)


def alone(rotation: dict[str, Any], layer: dict[str, Any]) -> dict[str, Any]:
    return {"title": "r", "timezone": rotation["timezone"], "layers": [layer]}


@given(ROTATIONS, LEAVE, MOMENTS)
@settings(max_examples=40)
def test_shifts_say_at_every_moment_what_the_schedule_says(
    rotation: dict[str, Any], leave: dict[str, Any], start: int
) -> None:
    duty = oncall(rotation, leave)
    shifts = duty.shifts("r", start, start + 3 * DAY)
    assert (shifts[0][0], shifts[-1][1]) == (start, start + 3 * DAY)
    for begin, over, people in shifts:
        assert all(duty.holders("r", at) == people for at in {begin, over - 1, *range(begin, over, 3 * HOUR)})


@given(ROTATIONS, MOMENTS)
@settings(max_examples=40)
def test_a_layer_is_held_by_one_turn_at_any_moment(rotation: dict[str, Any], at: int) -> None:
    for layer in rotation["layers"]:
        turns = [sorted(turn) if isinstance(turn, list) else [turn] for turn in layer["people"]]
        assert sorted(oncall(alone(rotation, layer)).holders("r", at)) in [[], *turns]


@given(ROTATIONS, MOMENTS)
@settings(max_examples=40)
def test_the_highest_level_that_has_somebody_holds_the_duty(rotation: dict[str, Any], at: int) -> None:
    held: dict[int, set[str]] = {}
    for place, layer in enumerate(rotation["layers"]):
        held.setdefault(layer.get("level", place), set()).update(oncall(alone(rotation, layer)).holders("r", at))
    expected = next((people for _, people in sorted(held.items(), reverse=True) if people), set())
    assert set(oncall({**rotation, "overrides": []}).holders("r", at)) == expected


@given(ROTATIONS, LEAVE, spans(person=PERSONS), MOMENTS)
@settings(max_examples=40)
def test_the_last_override_goes_before_all_and_changes_nothing_outside(
    rotation: dict[str, Any], leave: dict[str, Any], override: dict[str, Any], at: int
) -> None:
    before = oncall(rotation, leave).holders("r", at)
    after = oncall({**rotation, "overrides": [*rotation["overrides"], override]}, leave).holders("r", at)
    zone = oncall({"title": "r", "timezone": rotation["timezone"], "overrides": [{**override, "person": "a"}]})
    inside = zone.holders("r", at) == ["a"]
    assert after == ([override["person"]] if override.get("person") else []) if inside else after == before


@given(ROTATIONS, LEAVE, MOMENTS)
@settings(max_examples=40)
def test_nobody_is_on_call_while_on_leave_unless_an_override_says_so(
    rotation: dict[str, Any], leave: dict[str, Any], at: int
) -> None:
    """Leave is in UTC here, as the people of these rosters have no zone."""
    moment = to_wall(at, EPOCH).astimezone(UTC).replace(tzinfo=None)
    away = {
        id
        for id, spans in leave.items()
        for span in spans
        if datetime.fromisoformat(span["start"]) <= moment < datetime.fromisoformat(span["end"])
    }
    assert away.isdisjoint(oncall({**rotation, "overrides": []}, leave).holders("r", at))


@given(st.permutations(PEOPLE), STARTS, st.integers(1, 4), MOMENTS)
@settings(max_examples=30)
def test_turns_by_the_month_come_round_with_the_calendar(
    people: list[str], start: datetime, months: int, at: int
) -> None:
    """Each hand-over is at the clock time of the first, on its day or the last of the month; all take their turn."""
    layer = {"people": people, "start": start.isoformat(), "months": months}
    duty = oncall({"title": "r", "timezone": "UTC", "layers": [layer]})
    shifts = [shift for shift in duty.shifts("r", at, at + 2000 * DAY) if shift[2]][1:-1]
    order = "".join(holder for _, _, (holder,) in shifts)
    assert order in "".join(people) * 20
    for begin, _, _ in shifts:
        moment = to_wall(begin, EPOCH)
        assert moment.time() == start.time()
        assert moment.day == start.day or (moment + timedelta(days=1)).day == 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calendars")


@given(ROTATIONS, LEAVE, MOMENTS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_schedule_written_as_a_calendar_and_read_again_is_the_same(
    folder: Path, rotation: dict[str, Any], leave: dict[str, Any], start: int
) -> None:
    shifts = oncall(rotation, leave).shifts("r", start, start + 10 * DAY)
    file = folder / "schedule.ics"
    file.write_text(calendar_of("r", rotation["timezone"], shifts, {}, EPOCH))
    window = Window(to_wall(start - DAY, EPOCH), to_wall(start + 11 * DAY, EPOCH))
    again = OnCall(import_roster(file, window).roster, EPOCH).shifts("r", start, start + 10 * DAY)
    assert merged(again) == merged(shifts)


def merged(shifts: list[tuple[int, int, list[str]]]) -> list[tuple[int, int, list[str]]]:
    """Spans with people in one order; those that then are the same become one."""
    found: list[tuple[int, int, list[str]]] = []
    for start, end, people in shifts:
        if found and found[-1][2] == sorted(people):
            found[-1] = (found[-1][0], end, found[-1][2])
        else:
            found.append((start, end, sorted(people)))
    return found
