"""`programme record`, `status` and `plan`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import blackstart
from tests.console.test_review import status_of
from tests.reports.programme.building import written


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return blackstart.run("corner-lab-crash", out=tmp_path_factory.mktemp("runs") / "crash").folder


def test_a_year_from_plan_to_status(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, register, page = written(tmp_path), tmp_path / "r.sqlite", tmp_path / "page.html"
    assert status_of("programme", "plan", file, "-o", tmp_path / "year.ics") == 0
    assert "BEGIN:VEVENT" in (tmp_path / "year.ics").read_text()
    record = ("programme", "record", run, "--as", "crash", "-r", register, "--on", "2026-06-10")
    assert status_of(*record, "--type", "functional") == 0
    assert "rehearsal of 2026-06-10" in capsys.readouterr().out
    status = ("programme", "status", file, "-r", register, "--on", "2026-07-01")
    assert status_of(*status, "--out", page) == 1
    told = capsys.readouterr().out
    assert "overdue: exercise crash, technical-lead, since 2026-06-30; it was rehearsed in the model alone" in told
    assert "overdue: business function ordering, only rehearsed in 12 months; nothing is planned" in told
    assert "it was rehearsed in the model alone" in page.read_text()
    register.unlink()
    around = ("--type", "tabletop", "--with", "shop", "--attested-by", "owner")
    assert status_of(*record, *around) == 0
    capsys.readouterr()
    assert status_of(*status, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["coverage"]["functions"]["rows"]["ordering"]["by"] == ["crash"]
    assert found["overdue"]["exercises"] == ["crash"]  # planned as functional: talking about it is less


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--type", "tabeltop"), "did you mean 'tabletop'?"),
        ((), "give --type"),
        (("--type", "tabletop", "--with", "shap", "--attested-by", "owner"), "did you mean 'shop'?"),
        (("--type", "tabletop", "--with", "shop"), "belong together"),
        (("--type", "drill", "--with", "shop", "--attested-by", "owner"), "no drill exercise"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], says: str
) -> None:
    register = tmp_path / "r.sqlite"
    assert status_of("programme", "record", run, "--as", "crash", "-r", register, *options) == 2
    assert says in capsys.readouterr().err
    assert not register.exists()


def test_without_a_register_nothing_was_held_and_a_wrong_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert status_of("programme", "status", file, "--on", "2026-01-02", "-q") == 1
    assert not (tmp_path / "improvements.sqlite").exists()
    assert status_of("programme", "status", file, "-r", "other.sqlite") == 2
    assert "programme record" in capsys.readouterr().err
