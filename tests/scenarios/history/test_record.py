"""The canonical record and its file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.history.record import (
    COLUMNS,
    FIELDS,
    IncidentRecord,
    Known,
    TimeBasis,
    read_history,
    scan_history,
    write_history,
)
from scenarios.history.steps import Step, StepKind, read_steps, steps_path, write_steps
from timeline.findings import InputError

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
moments = st.integers(0, 10**12).map(lambda ms: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
texts = st.none() | st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
_STRATEGIES = {
    "str | None": texts,
    "int | None": st.none() | st.integers(-(2**40), 2**40),
    "float | None": st.none() | st.floats(allow_nan=False),
    "datetime": moments,
    "datetime | None": st.none() | moments,
    "TimeBasis": st.sampled_from(TimeBasis),
    "int": st.integers(1, 2**40),
    "str": st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8),
}
records = st.builds(
    IncidentRecord,
    **{f.name: _STRATEGIES[str(f.type)] for f in IncidentRecord.__dataclass_fields__.values()},
)


@settings(max_examples=30)
@given(written=st.lists(records, max_size=5, unique_by=lambda record: record.id))
def test_what_is_written_is_read_back(written: list[IncidentRecord], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("history") / "history.parquet"
    assert write_history(path, written) == len(written)
    assert read_history(path) == sorted(written, key=lambda record: (record.opened_at, record.id))
    assert [entry.name for entry in path.parent.iterdir()] == ["history.parquet"]


def test_more_than_one_part_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.history.parquet._PART_ROWS", 3)
    written = [IncidentRecord(id=f"{n}", opened_at=MOMENT, source="csv", source_line=n) for n in range(8)]
    write_history(tmp_path / "h.parquet", written)
    assert read_history(tmp_path / "h.parquet") == written


def test_a_writer_that_dies_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "h.parquet"
    old = IncidentRecord(id="old", opened_at=MOMENT, source="csv", source_line=2)
    write_history(path, [old])

    def dying():  # type: ignore[no-untyped-def]
        yield IncidentRecord(id="new", opened_at=MOMENT, source="csv", source_line=2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_history(path, dying())
    assert read_history(path) == [old]
    assert [entry.name for entry in tmp_path.iterdir()] == ["h.parquet"]


def test_any_reader_sees_columns_and_version(tmp_path: Path) -> None:
    write_history(tmp_path / "h.parquet", [])
    assert pl.read_parquet(tmp_path / "h.parquet").columns == [*COLUMNS, "schema_version"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id,opened_at\n", "no Parquet file"),
        (pl.DataFrame({"a": [1]}), "no column 'id'"),
        (pl.DataFrame({"schema_version": [99]}), "version 99"),
        (None, "no incident history"),
    ],
)
def test_what_is_no_history_is_refused(content: bytes | pl.DataFrame | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "h.parquet"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        content.write_parquet(path)
    with pytest.raises(InputError, match=says):
        scan_history(path)


def test_every_field_says_when_it_is_known() -> None:
    assert list(FIELDS) == list(COLUMNS)


def test_moments_are_known_when_they_come_and_outcomes_only_afterwards() -> None:
    assert {name for name, (known, _) in FIELDS.items() if known is Known.MOMENT} == {
        "detected_at",
        "acknowledged_at",
        "mitigated_at",
        "resolved_at",
        "closed_at",
    }
    for outcome in ("cause", "reassignments", "reopenings", "updates", "failure_mode", "impact_from", "impact_to"):
        assert FIELDS[outcome][0] is Known.AFTERWARDS


def test_a_record_opened_after_the_fact_is_restored_as_its_impact_says() -> None:
    hour = timedelta(hours=1)
    record = IncidentRecord(
        id="late",
        opened_at=MOMENT + 3 * hour,
        resolved_at=MOMENT + hour,
        impact_from=MOMENT,
        impact_to=MOMENT + hour,
        source="gcp",
        source_line=1,
    )
    assert record.restore_time == hour


def test_contradicting_moments_give_no_time() -> None:
    record = IncidentRecord(
        id="odd", opened_at=MOMENT, resolved_at=MOMENT - timedelta(hours=1), source="csv", source_line=1
    )
    assert record.restore_time is None


def test_steps_lie_beside_the_history(tmp_path: Path) -> None:
    path = tmp_path / "history.parquet"
    steps = [
        Step("a", MOMENT, StepKind.OPENED, line=2),
        Step("a", MOMENT, StepKind.ASSIGNED, None, "network", "k3", 3),
    ]
    assert write_steps(path, reversed(steps)) == 2
    assert steps_path(path).name == "history.steps.parquet"
    assert read_steps(path) == steps
