"""The timeline on disk: what is written reads back, what is torn is dropped, what is broken is located."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.details import AlertDetail, ExerciseDetail, FaultDetail, ObjectiveDetail, ObjectiveOfService, Target
from timeline.events import DETAIL_OF_KIND, Event, LiveStamp
from timeline.findings import InputError
from timeline.journal import Timeline
from timeline.references import SCENARIO, Reference, RefKind, component, fault
from timeline.store import TimelineFile, decode, encode, read_timeline


def small_timeline() -> Timeline:
    timeline = Timeline()
    first = timeline.emit(0, "fault.started", fault("f"), SCENARIO, FaultDetail("crash", "db"))
    timeline.emit(5, "fault.ended", fault("f"), SCENARIO, FaultDetail("crash", "db", ended_by="restart"), [first.seq])
    return timeline


def write(timeline: Timeline, path: Path) -> Path:
    with TimelineFile(path) as file:
        for event in timeline:
            file(event)
    return path


def test_every_kind_has_a_detail_that_reads_back() -> None:
    objective = ObjectiveDetail("o", "Ö", 2.0, (Target("rto_met", at_least=1.0),), ("t",), ("7.3",))
    event = Event(
        0,
        -5,
        "exercise.started",
        Reference(RefKind.EXERCISE, "x"),
        SCENARIO,
        ExerciseDetail("s", "T", "e", 1, "2026-03-14T02:10:00+01:00", 1000, "modelled", (objective,)),
        rests_on=("estate.a",),
        live=LiveStamp("2026-03-14T02:10:00+01:00", 3, 2.0, "ab"),
    )
    assert decode(encode(event)) == event


def exercise(*slos: ObjectiveOfService) -> Event:
    detail = ExerciseDetail("s", "T", "e", 1, "2026-03-14T02:10:00+01:00", 1000, "modelled", slos=slos)
    return Event(0, 0, "exercise.started", Reference(RefKind.EXERCISE, "x"), SCENARIO, detail)


def test_a_timeline_without_slos_does_not_speak_of_them_and_one_with_them_reads_back() -> None:
    assert "slos" not in encode(exercise())
    assert decode(encode(exercise())) == exercise()
    with_one = exercise(ObjectiveOfService("web", "component:web", 0.999, 1000))
    assert decode(encode(with_one)) == with_one


@given(
    st.lists(st.tuples(st.text(), st.text())),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    st.integers(-(10**12), 10**12),
)
def test_any_text_and_number_survives(labels: list[tuple[str, str]], value: float | None, at_ms: int) -> None:
    detail = AlertDetail("A", tuple(labels), (), value, at_ms, "f")
    event = Event(0, at_ms, "alert.firing", Reference(RefKind.ALERT, "A"), SCENARIO, detail)
    line = encode(event)
    assert "\n" not in line
    assert decode(line) == event


def test_a_run_killed_in_the_middle_of_a_line_leaves_a_timeline_that_loads(tmp_path: Path) -> None:
    whole = write(small_timeline(), tmp_path / "whole.jsonl").read_bytes()
    for length in range(len(whole)):
        torn = tmp_path / "torn.jsonl"
        torn.write_bytes(whole[:length])
        assert len(read_timeline(torn)) == whole[:length].count(b"\n")


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda lines: [lines[0][:-5], lines[1]], 1),
        (lambda lines: [lines[0].replace("fault.started", "fault.begun"), lines[1]], 1),
        (lambda lines: [lines[1]], 1),
        (lambda lines: [lines[0], lines[0]], 2),
        (lambda lines: [lines[0], lines[1].replace('"causes":[0]', '"causes":[7]')], 2),
        (lambda lines: [lines[0].replace('"target":"db"', '"target":3'), lines[1]], 1),
    ],
    ids=["cut", "unknown kind", "gap", "repeat", "cause after effect", "detail of another type"],
)
def test_a_damaged_line_is_located(tmp_path: Path, damage: object, line: int) -> None:
    path = write(small_timeline(), tmp_path / "t.jsonl")
    lines = path.read_text().splitlines()
    path.write_text("".join(f"{text}\n" for text in damage(lines)))  # type: ignore[operator]
    with pytest.raises(InputError) as caught:
        read_timeline(path)
    assert caught.value.findings[0].place.line == line


def test_kind_and_detail_must_belong_together() -> None:
    with pytest.raises(ValueError, match=r"alert\.firing carries AlertDetail, not FaultDetail"):
        Timeline().emit(0, "alert.firing", component("a"), SCENARIO, FaultDetail("crash", "a"))


def test_time_never_runs_backwards() -> None:
    timeline = small_timeline()
    with pytest.raises(ValueError, match="before the last event"):
        timeline.emit(4, "fault.started", fault("g"), SCENARIO, FaultDetail("crash", "db"))


def test_causes_lead_from_an_effect_to_its_origin_and_back() -> None:
    timeline = small_timeline()
    unrelated = timeline.emit(6, "fault.started", fault("g"), SCENARIO, FaultDetail("crash", "db"))
    assert timeline.ancestors(timeline[1]) == [timeline[0]]
    assert timeline.descendants(timeline[0]) == [timeline[1]]
    assert timeline.ancestors(unrelated) == []


def test_vocabulary_is_dotted_and_every_family_is_a_dataclass() -> None:
    for kind, family in DETAIL_OF_KIND.items():
        assert kind.count(".") == 1
        assert hasattr(family, "__dataclass_fields__")
