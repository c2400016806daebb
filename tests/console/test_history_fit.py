"""`history fit` and `history backtest` as users meet them."""

import json
from pathlib import Path

import pytest

from console.main import main
from scenarios.history.calibration.model_file import read_model
from scenarios.history.record import write_history
from tests.scenarios.history.calibration.building import made_history


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "h.parquet"
    write_history(path, made_history(1, 150))
    return path


def status(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def test_fit_writes_a_model_and_its_figures(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, figures = tmp_path / "model.yaml", tmp_path / "fit"
    assert status("history", "fit", history, "-o", model, "--figures", figures) == 0
    assert read_model(model).history.incidents == 150
    assert (figures / "figures" / "restore-survival.svg").exists()
    told = capsys.readouterr().out
    assert "time to restore, median" in told
    assert "Proposed recovery times" in told


def test_fit_as_json_is_one_document(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status("history", "fit", history, "--json", "--confidence", "0.8") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["history"]["incidents"] == 150
    assert answer["proposed_rto"][0]["confidence"] == 0.8
    assert answer["proposed_rto"][0]["proposed_s"] >= answer["proposed_rto"][0]["quantile_s"]


def test_backtest_says_its_verdict_in_words_and_in_json(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status("history", "backtest", history) == 0
    told = capsys.readouterr().out
    assert "restore: better against all earlier times" in told
    assert "no figure of coverage: fewer than 100 test cases" in told
    assert status("history", "backtest", history, "--json") == 0
    assert json.loads(capsys.readouterr().out)["target"]["restore"]["crps"]["model"] > 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--cut", "tomorrow"), "is not a moment"),
        (("--cut", "2040-01-01"), "incidents were opened from 2025-01-08"),
        (("--without", "servise"), "did you mean 'service'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    history: Path, arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("history", "backtest", history, *arguments) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["fit", "backtest"])
def test_a_file_that_is_no_history_is_refused(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.parquet").write_text("nothing")
    assert status("history", verb, tmp_path / "x.parquet") == 2
    assert "history import" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["fit", "backtest"])
def test_an_empty_history_is_refused(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_history(tmp_path / "h.parquet", [])
    assert status("history", verb, tmp_path / "h.parquet") == 2
    assert "the history has no incident" in capsys.readouterr().err


def test_fit_writes_an_overlay_that_a_run_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of so few incidents no parameter is fitted: the file says why, and somebody puts in what he knows better."""
    path, overlay = tmp_path / "h.parquet", tmp_path / "fitted.yaml"
    write_history(path, made_history(3, 20, factors={"api": 1.0}))
    assert status("history", "fit", path, "--estate", "corner-lab", "--overlay", overlay) == 0
    told = capsys.readouterr().out
    assert "left alone: organisation.working: the record does not divide" in told
    assert "too few, 30 are needed" in told
    known = "values: {organisation.people.shop-lead.answer.day: {value: 6m, basis: expert}}"
    overlay.write_text(overlay.read_text().replace("values: {}", known))
    out = tmp_path / "run"
    assert status("run", "corner-lab-crash", "--overlay", overlay, "--out", out, "-q") in (0, 1)
    assert 'organisation.people.shop-lead.answer.day="6m"' in (out / "inputs" / "settings.txt").read_text()
    assert '"basis": "expert"' in (out / "sources.json").read_text()


def test_an_overlay_needs_an_estate(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status("history", "fit", history, "--overlay", tmp_path / "o.yaml") == 2
    assert "give --estate and --overlay together" in capsys.readouterr().err


def test_plan_says_it_in_words_in_json_and_in_a_folder(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("history", "plan", history, "--out", tmp_path / "plan") == 0
    told = capsys.readouterr().out
    assert "Bottlenecks" in told
    assert "Problem candidates" in told
    assert (tmp_path / "plan" / "problems.csv").exists()
    assert status("history", "plan", history, "--json") == 0
    assert json.loads(capsys.readouterr().out)["bottlenecks"][0]["rank"] == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--limit", "cpu=high"), "'cpu=high' is no limit"),
        (("--mapping", "m.yaml"), "give --estate, too"),
        (("--utilisation", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_plan_refuses_what_cannot_be_meant(
    history: Path, arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("history", "plan", history, *arguments) == 2
    assert told in capsys.readouterr().err
