"""`blackstart report RUN --format ...` and `blackstart report diff`: files, answers, and how they refuse."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from zipfile import is_zipfile

import pytest

import blackstart
from console.main import main
from tests.reports.documents.reading import need_pdf

_NAMES = ("executive-summary", "after-action-report", "technical-report")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "lab"
    first = min(blackstart.load("corner-lab-crash").scenario.objectives)
    settings = [f"scenario.objectives.{first}.title=Set on the command line"]
    blackstart.run("corner-lab-crash", seed=1, settings=settings, out=path)
    return path


def called(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def test_documents_are_written_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("report", folder, "--format", "html,docx,xlsx", "--classification", "Secret", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    written = [Path(name) for name in answer["files"]]
    assert {path.name for path in written} == {
        *(f"{name}.{suffix}" for name in _NAMES for suffix in ("html", "docx")),
        "msel-and-results.xlsx",
    }
    assert all(path.is_file() and path.parent == folder / "documents" for path in written)
    assert all(is_zipfile(path) for path in written if path.suffix != ".html")
    page = (folder / "documents" / "after-action-report.html").read_text(encoding="utf-8")
    assert "EXERCISE EXERCISE EXERCISE · Secret" in page
    assert "Set on the command line" in page


def test_pdf_is_written(folder: Path) -> None:
    need_pdf()
    assert called("report", folder, "--format", "pdf", "--quiet") == 0
    assert all((folder / "documents" / f"{name}.pdf").read_bytes().startswith(b"%PDF") for name in _NAMES)


@pytest.mark.parametrize("name", ["weasyprint", "weasyprint.text.ffi"])
def test_without_its_libraries_pdf_is_refused_with_what_to_install_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for loaded in [module for module in sys.modules if module.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, name, None)
    before = sorted(folder.rglob("*"))
    assert called("report", folder, "--format", "docx,pdf") == 2
    told = capsys.readouterr().err
    assert "libpango-1.0-0" in told
    assert "blackstart[documents]" in told
    assert sorted(folder.rglob("*")) == before


def test_an_unknown_format_is_refused_with_the_nearest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("report", folder, "--format", "html,docs") == 2
    assert "did you mean 'docx'" in capsys.readouterr().err


def test_a_scenario_that_can_no_longer_be_read_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = tmp_path / "inputs" / "scenario"
    inputs.mkdir(parents=True)
    (tmp_path / "timeline.jsonl").write_bytes((folder / "timeline.jsonl").read_bytes())
    (inputs / "broken.yaml").write_text("format: blackstart/scenario/1\ntitle: [", encoding="utf-8")
    assert called("report", tmp_path, "--format", "xlsx") == 2
    assert "broken.yaml" in capsys.readouterr().err
    assert not (tmp_path / "documents").exists()


def test_a_run_without_its_inputs_still_has_documents(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "timeline.jsonl").write_bytes((folder / "timeline.jsonl").read_bytes())
    assert called("report", tmp_path, "--format", "html,xlsx", "--quiet") == 0
    assert (tmp_path / "documents" / "msel-and-results.xlsx").is_file()


def test_diff_of_a_run_with_itself_is_empty(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("report", "diff", folder, folder) == 0
    assert capsys.readouterr().out == "no difference\n"


def test_diff_of_two_runs_tells_the_seed_and_where_they_part(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blackstart.run("corner-lab-crash", seed=2, out=tmp_path / "two")
    assert called("report", "diff", folder, tmp_path / "two") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "seed: 1 -> 2"
    assert lines[-3].startswith("timelines part at event ")
    assert called("report", "diff", folder, tmp_path / "two", "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["same"] is False
    assert answer["made_of"][0] == {"path": "seed", "before": "1", "after": "2", "verdict": ""}
    assert lines[-3] == f"timelines part at event {answer['parting']['seq']}"


def test_diff_refuses_a_folder_that_is_no_run(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("report", "diff", folder, tmp_path) == 2
    assert "run.not-found" in capsys.readouterr().err
