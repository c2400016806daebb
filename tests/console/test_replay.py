"""`blackstart replay` as users meet it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.main import main
from scenarios.history.record import IncidentRecord, write_history


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Three months of incidents in another year, some of a service that the estate has not got."""
    services = ("Web shop", "order api", "Price cache", "Payroll")
    opened = [datetime(2024, 6, 3, 9, tzinfo=UTC) + timedelta(hours=53 * number) for number in range(40)]
    records = [
        IncidentRecord(
            id=f"INC{number}",
            service=services[number % 4],
            opened_at=at,
            acknowledged_at=at + timedelta(minutes=1 + number % 7),
            resolved_at=at + timedelta(minutes=20 + 11 * number % 23),
            source="csv",
            source_line=number + 2,
        )
        for number, at in enumerate(opened)
    ]
    write_history(tmp_path / "history.parquet", records)
    return tmp_path / "history.parquet"


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_replay_counts_every_record_and_compares(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("replay", history, "corner-lab", "-n", "12", "--json") == 0
    answer = document(capsys)
    assert (answer["records"], answer["replayed"], answer["unmapped"]) == (40, 30, 10)
    assert answer["unmapped_names"] == [
        {"name": "Payroll", "failure_mode": None, "reason": "no component stands for it", "records": 10}
    ]
    assert answer["moved_weeks"] == 104
    assert answer["told_by"] == {"alert": 30}
    assert answer["compared"]["acknowledge"]["recorded"]["p50"] == 240
    assert 0 < answer["compared"]["restore"]["modelled"]["p50"]["value"] < 3600
    assert set(answer["functions"]) == {"ordering"}
    assert answer["functions"]["ordering"]["rto_attained"]["value"] > 0.5


def test_the_same_seed_gives_the_same_answer_and_people_are_told(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = []
    for seed in (5, 5, 6):
        assert run("replay", history, "corner-lab", "-n", "3", "--seed", str(seed)) == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1] != answers[2]
    assert "30 of 40 incidents on corner-lab, 10 not" in answers[0]
    assert "not replayed: Payroll: no component stands for it (10)" in answers[0]


def test_a_stress_and_a_change_stand_beside_it_with_intervals(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slower = "organisation.working.triage=30m"
    out = tmp_path / "out"
    assert run("replay", history, "corner-lab", "--stress", "overlap=3", "--set", slower, "-o", out, "--json") == 0
    answer = document(capsys)
    assert answer["other"]["title"] == f"corner-lab with {slower} and overlap=3"
    assert answer["differences"]["restored_p50"]["low"] > 20 * 60
    names = sorted(path.name for path in out.iterdir())
    assert names == ["incidents.csv", "mapping.yaml", "replay.html", "replay.json"]
    assert json.loads((out / "replay.json").read_text()) == answer
    assert len((out / "incidents.csv").read_text().splitlines()) == 31
    page = (out / "replay.html").read_text()
    assert f"What changes: corner-lab with {slower} and overlap=3" in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )


def test_a_proposed_mapping_can_be_corrected_and_handed_in(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("replay", history, "corner-lab", "--propose") == 0
    text = capsys.readouterr().out
    assert "Price cache: {component: cache, rule: title}" in text
    corrected = tmp_path / "mapping.yaml"
    corrected.write_text(text.replace("services:\n", "services:\n  Payroll: {component: db-a}\n"))
    assert run("replay", history, "corner-lab", "--mapping", corrected, "-n", "1", "--json") == 0
    assert document(capsys)["unmapped"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--stress", "worst-weak"], "did you mean 'worst-week'"),
        (["--mapping", "m.yaml", "--deal"], "leave out --deal"),
        (["--mapping", "m.yaml"], "m.yaml:3:"),
        (["--set", "organisation.working.triage=soon"], "triage"),
        (["--at", "noon"], "--at"),
    ],
)
def test_what_cannot_be_meant_ends_with_2(
    arguments: list[str],
    says: str,
    history: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(history.parent)
    Path("m.yaml").write_text("format: blackstart/replay-mapping/1\nservices:\n  Payroll: {component: db-c}\n")
    assert run("replay", history, "corner-lab", *arguments) == 2
    assert says in capsys.readouterr().err


def test_a_model_in_place_of_a_history_is_a_future(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model.yaml"
    assert run("history", "fit", history, "-o", model, "-q") == 0
    answers = []
    for seed in ("1", "1", "2"):
        assert run("replay", model, "corner-lab", "--weeks", "26", "-n", "1", "--seed", seed, "--json") == 0
        answers.append(document(capsys))
    assert answers[0] == answers[1]
    assert answers[0]["compared"] != answers[2]["compared"]
    assert answers[0]["records"] == answers[0]["replayed"] + answers[0]["unmapped"]
    assert answers[0]["records"] > 30


def test_a_history_that_is_not_on_the_estate_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    write_history(
        tmp_path / "h.parquet",
        [IncidentRecord(id="1", service="Payroll", opened_at=at, source="csv", source_line=2)],
    )
    assert run("replay", tmp_path / "h.parquet", "corner-lab") == 2
    assert "let --deal deal the services out" in capsys.readouterr().err
