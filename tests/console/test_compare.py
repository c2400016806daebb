"""`blackstart compare`, as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.main import main


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in ("compare", *arguments)])
    printed = capsys.readouterr()
    return int(leaving.value.code or 0), printed.out, printed.err


def test_settings_go_to_the_variant_that_they_are_given_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    common = ("corner-lab-crash", "-n", 20, "--jobs", 1, "--out", tmp_path / "out")
    options = ("--set", "scenario.duration=90m", "--set-b", "organisation.working.check=30m")
    status, out, _ = call(capsys, "own", "organisation.working.decision=20m", *common, *options, "--json")
    found = json.loads(out)
    assert status == 0
    assert found["a"]["settings"] == ["scenario.duration=90m"]
    assert found["b"]["settings"] == [
        "scenario.duration=90m",
        "organisation.working.check=30m",
        "organisation.working.decision=20m",
    ]
    assert found["replications"] == 20
    assert found["measures"]["time_to_detect"]["p50"]["difference"] == 0
    assert found["measures"]["time_to_find_cause"]["p50"]["low"] > 0
    status, out, _ = call(capsys, "own", "organisation.working.decision=20m", *common, *options)
    assert status == 0
    assert "organisation.working.check=30m" in out
    assert "alike in every pair" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("own", "corner-lb", "corner-lab-crash"), "corner-lab"),
        (("own", "own", "corner-lab-crsh"), "corner-lab-crash"),
        (("own", "estate.components.nobody.replicas=2", "corner-lab-crash"), "nobody"),
        (("own", "own", "corner-lab-crash", "-n", "19"), "at least 20"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = call(capsys, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert not list(tmp_path.iterdir())
