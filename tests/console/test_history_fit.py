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
