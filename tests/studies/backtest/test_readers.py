"""Readers: what each format says, and what is refused, where and why."""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from simulator.monitoring.promql import is_stale
from studies.backtest.readers import Format, Layout, NanIs, Reading, read_recording, series_text
from tests.studies.backtest.building import T0, read, samples
from timeline.findings import InputError

S0 = T0 // 1000


def refused(folder: Path, text: str, reading: Reading | None = None, name: str = "data") -> list[str]:
    """Lines and messages of what is refused."""
    with pytest.raises(InputError) as error:
        read(folder, text, name, reading)
    return [f"{finding.place.line}: {finding.message}" for finding in error.value.findings]


def exposition(rows: list[str]) -> str:
    return "\n".join([*rows, "# EOF\n"])


def test_openmetrics_times_are_seconds(tmp_path: Path) -> None:
    assert samples(read(tmp_path, f'up{{a="x, y"}} 1 {S0}.250\n# EOF\n').store) == {'up{a="x, y"}': [(T0 + 250, 1.0)]}


def test_dump_times_are_milliseconds_and_strings_are_quoted_as_go_does(tmp_path: Path) -> None:
    recording = read(tmp_path, f'{{__name__="up", a="tab\\there"}} 1 {T0}\n')
    assert recording.files[0].format is Format.DUMP
    assert samples(recording.store) == {'up{a="tab\\there"}': [(T0, 1.0)]}


def test_utf8_names_stand_between_braces(tmp_path: Path) -> None:
    found = samples(read(tmp_path, f'{{"http.requests","a.b"="1"}} 1 {S0}\n# EOF\n').store)
    assert found == {'http.requests{a.b="1"}': [(T0, 1.0)]}


@pytest.mark.parametrize("shuffled", [False, True], ids=["series by series", "in any order"])
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
def test_order_of_lines_does_not_matter(tmp_path: Path, shuffled: bool, compressed: bool) -> None:
    rows, wanted = [], {}
    for number in range(5):
        points = [(T0 + step * 15_000, float(step * number)) for step in range(300)]
        wanted[f'x{{i="{number}"}}'] = points
        rows += [f'x{{i="{number}"}} {value!r} {at_ms / 1000:.3f}' for at_ms, value in points]
    if shuffled:
        random.Random(1).shuffle(rows)
    text = exposition(rows).encode()
    assert samples(read(tmp_path, gzip.compress(text) if compressed else text).store) == wanted


@pytest.mark.parametrize("block_bytes", [1, 100, 5_000, 20_000])
def test_blocks_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int) -> None:
    monkeypatch.setattr(series_text, "_BLOCK_BYTES", block_bytes)
    draw, rows = random.Random(2), []
    for number in range(6):
        rows += [f'x{{i="{number}"}} {step} {S0 + step}' for step in range(draw.choice([1, 2, 3, 400]))]
    found = samples(read(tmp_path, exposition(rows)).store)
    assert sorted(f"{name} {value:g} {at_ms // 1000}" for name, points in found.items() for at_ms, value in points) == (
        sorted(rows)
    )


def test_odd_line_within_a_long_run_is_found_with_its_number(tmp_path: Path) -> None:
    rows = [f"x {step} {S0 + step}" for step in range(5_000)]
    rows[3_210] = f"x 1.2.3 {S0 + 3_210}"
    assert refused(tmp_path, exposition(rows)) == ["3211: '1.2.3' is not a number", "0: 1 line cannot be read"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x 1", "the sample has no time; "),
        (f"x 1_0 {S0}", "'1_0' is not a number"),
        (f"x 1 {T0}", f"the time '{T0}' lies beyond 2286"),
        (f'x{{a="1",a="2"}} 1 {S0}', "the label a is there twice"),
        (f"x{{a=1}} 1 {S0}", "'a=1' is not a list of labels"),
        (f"x 1 {S0} ", "after 'x' there is no value and time"),
        (f"9x 1 {S0}", "no series here"),
        ("# a remark", "expected # TYPE, # HELP, # UNIT or # EOF"),
        (f"{{}} 1 {S0}", "the series has no name"),
    ],
)
def test_bad_line_is_refused_with_its_reason(tmp_path: Path, line: str, message: str) -> None:
    found = refused(tmp_path, exposition([f"x 1 {S0}", line]), Reading(Format.OPENMETRICS))
    assert found[0].startswith(f"2: {message.rstrip('; ')}")


def test_file_without_its_end_may_be_cut_short(tmp_path: Path) -> None:
    assert refused(tmp_path, f"x 1 {S0}\n")[0] == "1: the file does not end with # EOF; it may be cut short"


def test_text_after_the_end_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, exposition([f"x 1 {S0}"]) * 2)[0] == "3: there is text after # EOF"


def test_skipped_lines_are_told(tmp_path: Path) -> None:
    recording = read(tmp_path, exposition([f"x 1 {S0}", "x one two", f"x 2 {S0 + 1}"]), reading=Reading(skip_bad=1))
    assert [finding.place.line for finding in recording.refused] == [2]
    assert samples(recording.store) == {"x": [(T0, 1.0), (T0 + 1000, 2.0)]}


def test_one_line_more_than_may_be_skipped_is_refused(tmp_path: Path) -> None:
    found = refused(tmp_path, exposition([f"x 1 {S0}", "x one two", "x three four"]), Reading(skip_bad=1))
    assert found[-1] == "0: 2 lines cannot be read"


def test_reading_stops_when_there_are_far_too_many(tmp_path: Path) -> None:
    found = refused(tmp_path, exposition(["x one two"] * 1000), Reading(Format.OPENMETRICS))
    assert len(found) == 21
    assert found[-1] == "0: at least 20 lines cannot be read"


@pytest.mark.parametrize(("nan", "stale"), [(NanIs.STALE, True), (NanIs.VALUE, False)])
def test_nan_of_a_dump_is_the_end_of_its_series_or_a_value(tmp_path: Path, nan: NanIs, stale: bool) -> None:
    recording = read(tmp_path, exposition([f"x 1 {S0}", f"x NaN {S0 + 15}"]), reading=Reading(nan=nan))
    (series,) = recording.store.select([], T0, T0 + 60_000)
    assert is_stale(series.values).tolist() == [False, stale]
    assert recording.files[0].nans == 1


def answer(result: list[object], kind: str = "matrix") -> str:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})


UP = {"metric": {"__name__": "up", "job": "a"}, "values": [[S0, "1"], [S0 + 0.5, "NaN"], [S0 + 30, "+Inf"]]}


@pytest.mark.parametrize("indent", [None, 2], ids=["one line", "many lines"])
@pytest.mark.parametrize("sort_keys", [False, True], ids=["as it comes", "sorted"])
def test_query_range_gives_its_series(tmp_path: Path, indent: int | None, sort_keys: bool) -> None:
    text = json.dumps(json.loads(answer([UP])), indent=indent, sort_keys=sort_keys)
    recording = read(tmp_path, text)
    (series,) = recording.store.select([], T0, T0 + 60_000)
    assert recording.files[0].format is Format.JSON
    assert series.times.tolist() == [T0, T0 + 500, T0 + 30_000]
    assert [str(value) for value in series.values] == ["1.0", "nan", "inf"]
    assert not is_stale(series.values).any()


def test_several_answers_and_large_ones_are_read_on(tmp_path: Path) -> None:
    many = [
        {"metric": {"__name__": "x", "i": f"é{number}"}, "values": [[S0 + step, str(step)] for step in range(3000)]}
        for number in range(5)
    ]
    found = samples(read(tmp_path, answer(many) + "\n" + answer([UP]) + "\n").store)
    assert len(found) == 6
    assert found['x{i="é4"}'][-1] == (T0 + 2_999_000, 2999.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (answer([], "vector"), "the result is a vector"),
        (json.dumps({"status": "error", "error": "too many points"}), "the answer has the status 'error'"),
        (answer([UP])[:-20], "not JSON"),
        (answer([{**UP, "metric": {"job": "a"}}]), "has no __name__"),
        (answer([{**UP, "values": [[S0, 1]]}]), 'where [seconds, "value"] was expected'),
        (answer([{"metric": {"__name__": "h"}, "histograms": []}]), "native histograms"),
    ],
)
def test_answer_of_another_kind_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in refused(tmp_path, text)[0]


def test_long_table_has_labels_in_its_other_columns(tmp_path: Path) -> None:
    rows = ["2026-03-01T00:00:00Z,up,a,1", "2026-03-01T01:00:15+01:00,up,,0", "2026-03-01T00:01:00Z,up,a,"]
    text = "\n".join(["time,metric,job,value", *rows])
    assert samples(read(tmp_path, text, "d.csv").store) == {'up{job="a"}': [(T0, 1.0)], "up": [(T0 + 15_000, 0.0)]}


def test_wide_table_has_a_series_in_each_column(tmp_path: Path) -> None:
    text = f'Time;up{{job="a"}};x\n{S0};1;\n{S0 + 60};null;2.5\n'
    assert samples(read(tmp_path, text, "d.csv").store) == {'up{job="a"}': [(T0, 1.0)], "x": [(T0 + 60_000, 2.5)]}


@pytest.mark.parametrize(
    ("cell", "layout"),
    [
        (str(T0), Layout()),
        (str(T0 * 1_000), Layout()),
        ("2026-03-01 01:00:00", Layout(zone=ZoneInfo("Europe/Berlin"))),
        ("01.03.2026 00:00", Layout(time_format="%d.%m.%Y %H:%M")),
        (str(T0), Layout(time_format="ms")),
    ],
)
def test_times_of_tables(tmp_path: Path, cell: str, layout: Layout) -> None:
    text = f"time,metric,value\n{cell},up,1\n"
    assert samples(read(tmp_path, text, "d.csv", Reading(layout=layout)).store) == {"up": [(T0, 1.0)]}


def test_columns_can_be_named(tmp_path: Path) -> None:
    layout = Layout(time="wann", value="wert", metric="was")
    text = f"was,wert,wann\nup,1,{S0}\n"
    assert samples(read(tmp_path, text, "d.csv", Reading(layout=layout)).store) == {"up": [(T0, 1.0)]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "1: no column of the heading is the time"),
        (f"time,value\n{S0},1\n", "1: no column of the heading is the metric"),
        (f"time,CPU load\n{S0},1\n", "1: 'CPU load' is not the name of a series"),
        (f"time,metric,value\n{S0},up\n", "2: 2 cells; the heading has 3"),
        (f"time,metric,value\n{S0},up,one\n", "2: 'one' is not a number"),
        (f"time,metric,value\n{S0},up,1\nsoon,up,1\n", "3: 'soon' is not a time"),
    ],
)
def test_table_that_does_not_fit_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert refused(tmp_path, text, name="d.csv")[0].startswith(message)


def test_two_files_of_one_series_are_one(tmp_path: Path) -> None:
    paths = [tmp_path / "1", tmp_path / "2"]
    for number, path in enumerate(paths):
        path.write_text(exposition([f"x {number} {S0 + number}"]))
    assert samples(read_recording(paths).store) == {"x": [(T0, 0.0), (T0 + 1000, 1.0)]}


def test_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    assert (
        "x has two values at 2026-03-01T00:00:00.000Z" in refused(tmp_path, exposition([f"x 1 {S0}", f"x 2 {S0}"]))[0]
    )


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(exposition([f"x {step} {S0 + step}" for step in range(1000)]).encode())
    with pytest.raises(InputError, match="the compressed file is damaged"):
        read(tmp_path, whole[: len(whole) // 2])


@pytest.mark.parametrize("text", ["", "hello\n", "# EOF\n"])
def test_nothing_recorded_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        read(tmp_path, text)


def test_full_temporary_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: Path("/dev/full").open("w+b", buffering=0))  # noqa: SIM115
    with pytest.raises(InputError, match="no room for the recording"):
        read(tmp_path, exposition([f"x 1 {S0}"]))


def test_missing_file_is_named_with_its_nearest(tmp_path: Path) -> None:
    (tmp_path / "data.om").write_text("# EOF\n")
    with pytest.raises(InputError, match=r"did you mean 'data\.om'"):
        read_recording([tmp_path / "dat.om"])
