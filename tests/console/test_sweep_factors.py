"""`blackstart sweep --factors` and `sweep explain`, as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from console.main import main

SCENARIO = "corner-lab-crash"
MORRIS = """\
format: blackstart/factors/1
factors:
  approval: {path: organisation.authority.5.decision, uniform: [2m, 20m]}
  window: {path: estate.components.cache.recovery.restart, levels: [30s, 31s]}
design: {kind: morris, replicates: 5}
replications: 2
responses: [restore, time_to_restore, time_to_declare]
"""


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(leaving.value.code or 0), printed.out, printed.err


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("factors") / "factors.yaml"
    path.write_text(MORRIS)
    return path


@pytest.fixture(scope="module")
def whole(file: Path) -> Path:
    folder = file.with_name("whole")
    with pytest.raises(SystemExit) as leaving:
        main(["sweep", SCENARIO, "--factors", str(file), "--jobs", "1", "--quiet", "--out", str(folder)])
    assert leaving.value.code == 0
    return folder


def answer(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "sweep.json").read_text())
    return found


def test_what_moves_something_is_told_apart_from_what_does_not(whole: Path) -> None:
    found = answer(whole)
    assert (found["points"], found["replications"], found["complete"]) == (15, 30, True)
    elementary = found["responses"]["time_to_restore"]["elementary"]
    assert elementary["approval"]["mu"]["value"] > 60
    assert elementary["window"]["mu_star"] == {"value": 0, "low": 0, "high": 0}
    page = (whole / "report.html").read_text()
    assert page.count("<svg") == len(list((whole / "figures").iterdir())) >= 1


def test_points_of_a_replicate_play_the_same_replications_and_no_others(whole: Path) -> None:
    study = json.loads((whole / "study.json").read_text())
    for arm in study["arms"]:
        rows = pl.read_parquet(whole / "rows" / arm["name"] / "*.parquet")
        first = arm["point"]["replicate"] * 10_000
        assert rows["replication"].to_list() == [first, first + 1]


def test_shards_of_points_merge_to_the_same_bytes(
    whole: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, jobs in ((1, 2), (2, 1)):
        part = ("--shard", f"{number}/2", "--jobs", jobs, "--out", tmp_path / str(number), "--quiet")
        assert call(capsys, "sweep", SCENARIO, "--factors", file, *part)[0] == 0
    assert not answer(tmp_path / "1")["complete"]
    assert call(capsys, "sweep", "merge", tmp_path / "2", tmp_path / "1", "--out", tmp_path / "merged")[0] == 0
    merged, once = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.suffix in (".parquet", ".html", ".svg")}
        for f in (tmp_path / "merged", whole)
    )
    assert merged == once
    assert (tmp_path / "merged" / "study.json").read_bytes() == (whole / "study.json").read_bytes()


def test_a_replication_is_played_again_as_its_row_says(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    status, out, _ = call(capsys, "sweep", "explain", whole, 20_001, "--arm", "p00007", "--json", "--out", run)
    assert status == 0
    measures = {m["id"]: m["value"] for m in json.loads(out)["scores"]["measures"] if m["value"] is not None}
    row = pl.read_parquet(whole / "rows" / "p00007" / "*.parquet").row(1, named=True)
    assert {figure["id"]: figure["value"] for figure in row["figures"]} == measures
    assert (run / "timeline.jsonl").is_file()
    assert (run / "report.html").is_file()


def test_a_row_that_another_version_played_is_not_passed_off_as_its_own(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    other = shutil.copytree(whole, tmp_path / "other")
    (cell,) = (other / "rows" / "p00000").glob("*.parquet")
    pl.read_parquet(cell).with_columns(events=pl.col("events") + 1).write_parquet(cell)
    status, _, err = call(capsys, "sweep", "explain", other, 0, "--arm", "p00000", "--out", tmp_path / "run")
    assert status == 2
    assert "sweep.not-the-same" in err


def test_changed_files_are_noticed_before_anything_is_played(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = call(
        capsys, "sweep", "explain", whole, 0, "--arm", "p00000", "--scenario", "corner-lab-bad-night", "--out",
        tmp_path / "run",
    )  # fmt: skip
    assert status == 2
    assert "sweep.changed" in err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("organisation.authority.5", "organisation.authoriti.5", ":3:20", "authoriti"),
        ("[30s, 31s]", "[30s, soon]", ":4:74", "soon"),
        ("time_to_declare]", "time_to_declar]", ":7:39", "time_to_declare"),
        ("kind: morris, replicates: 5", "kind: factorial", ":1:1", "needs levels"),
    ],
)
def test_errors_are_told_at_their_place_in_the_file(
    old: str, new: str, place: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "factors.yaml"
    file.write_text(MORRIS.replace(old, new))
    status, out, err = call(capsys, "sweep", SCENARIO, "--factors", file, "--out", tmp_path / "out")
    assert (status, out) == (2, "")
    assert f"{file}{place}" in err
    assert message in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SCENARIO, "corner-lab-bad-night", "--factors", "corner-lab-recovery"), "cannot share"),
        ((SCENARIO, "--factors", "corner-lab-recovery", "--until", "restore=5%"), "leave out"),
        ((SCENARIO, "--factors", "corner-lab-recovery", "-n", "5"), "too few"),
        ((SCENARIO, "--factors", "corner-lab-recovery", "-n", "20000"), "at most"),
        ((SCENARIO, "--factors", "corner-lab-recovery", "--shard", "1/9"), "8 points cannot be cut"),
        ((SCENARIO, "--factors", "corner-lab-recover"), "corner-lab-recovery"),
        (("explain", "nowhere", "3"), "no study.json"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = call(capsys, "sweep", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert not list(tmp_path.iterdir())
