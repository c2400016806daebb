"""Moments of evaluation from a server's answer: by file and group, by group, or not known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studies.backtest.moments import Moments, read_moments
from studies.backtest.running import Server
from tests.studies.backtest.building import alert
from timeline.findings import InputError


def told(folder: Path, *groups: tuple[str, str, str]) -> Moments:
    answer = {
        "status": "success",
        "data": {
            "groups": [
                {"name": name, "file": file, "interval": 60, "lastEvaluation": at, "rules": []}
                for name, file, at in groups
            ]
        },
    }
    path = folder / "rules.json"
    path.write_text(json.dumps(answer))
    return read_moments(path)


def test_group_is_known_by_file_and_name_or_by_its_name_alone(tmp_path: Path) -> None:
    moments = told(
        tmp_path,
        ("g", "/etc/prometheus/rules.yml", "2026-03-01T12:00:07.5Z"),
        ("g", "/etc/prometheus/more.yml", "2026-03-01T13:00:09+01:00"),
        ("h", "/etc/prometheus/more.yml", "2026-03-01T12:00:11.123456789Z"),
        ("new", "/etc/prometheus/more.yml", "0001-01-01T00:00:00Z"),
    )
    (group,) = alert("up == 0")
    offset = Server(moments=moments).offset
    assert offset(replace(group, file="here/rules.yml")) == 7_500
    assert offset(replace(group, file="here/more.yml")) == 9_000
    assert offset(replace(group, name="h", file="changed.yml")) == 11_123
    assert moments.of(replace(group, file="changed.yml")) is None, "two groups have this name"
    assert moments.of(replace(group, name="new", file="more.yml")) is None


@pytest.mark.parametrize("text", ["[]", '{"data": {}}', "x", '{"data": {"groups": [{"name": "g"}]}}'])
def test_what_is_no_answer_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"rules\.json: error"):
        read_moments(path)
