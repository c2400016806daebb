"""`alerts backtest`, as a user calls it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from console.main import main

START = 1_772_323_200
RULES = """
groups:
  - name: shop
    interval: 1m
    rules:
      - {alert: Down, expr: 'up == 0', for: 2m, labels: {severity: page}}
      - {alert: Gone, expr: 'absent(orders_total)'}
"""
CONFIG = """
route:
  receiver: shop-pager
  group_by: [alertname]
receivers:
  - {name: shop-pager, webhook_configs: [{url: "http://127.0.0.1/"}]}
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that is down for 5 minutes after one hour and for 20 after three; scraped every 30 s for 6 h."""
    monkeypatch.chdir(tmp_path)
    down = [*range(120, 130), *range(360, 400)]
    lines = [f'up{{instance="i1"}} {int(step not in down)} {START + 30 * step}' for step in range(720)]
    Path("data.om").write_text("\n".join([*lines, "# EOF\n"]))
    Path("rules.yml").write_text(RULES)
    Path("slower.yml").write_text(RULES.replace("for: 2m", "for: 10m"))
    Path("alertmanager.yml").write_text(CONFIG)


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["alerts", "backtest", *arguments])
    return int(leaving.value.code or 0)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert call("rules.yml", "--data", "data.om", "--json", *arguments) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_json_says_what_would_have_paged_whom(capsys: pytest.CaptureFixture[str]) -> None:
    document = answer(capsys, "--config", "alertmanager.yml")
    (variant,) = document["variants"]
    assert (variant["alerts"], variant["pages"]) == (2, 2)
    assert [page["receiver"] for page in variant["sent"]] == ["shop-pager"] * 2
    assert [one["told"].keys() for one in variant["firing"]] == [{"shop-pager"}] * 2
    assert variant["firing"][0]["fired"].startswith("2026-03-01T01:0")
    assert [one["missing"] for one in variant["not_assessable"]] == [["orders_total"]]
    assert document["data"]["samples"] == 720
    assert "comparison" not in document


def test_people_are_those_on_call(capsys: pytest.CaptureFixture[str]) -> None:
    (variant,) = answer(capsys, "--config", "alertmanager.yml", "--organisation", "corner-lab")["variants"]
    assert all(page["people"] for page in variant["sent"])
    assert sum(variant["receivers"][0]["people"].values()) >= 2


def test_comparison_tells_what_a_change_does(capsys: pytest.CaptureFixture[str]) -> None:
    document = answer(capsys, "--config", "alertmanager.yml", "--against", "slower.yml")
    assert [one["name"] for one in document["variants"]] == ["rules.yml", "slower.yml"]
    (row,) = document["comparison"]["by_alert_and_receiver"]
    assert (row["before"], row["after"], row["gone"], row["moved"], row["added"]) == (2, 1, 1, 1, 0)


def test_another_configuration_can_be_compared_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("quiet.yml").write_text(CONFIG.replace("receiver: shop-pager", "receiver: none") + "  - {name: none}\n")
    document = answer(capsys, "--config", "alertmanager.yml", "--against-config", "quiet.yml")
    assert [one["name"] for one in document["variants"]] == [
        "rules.yml with alertmanager.yml",
        "rules.yml with quiet.yml",
    ]
    assert [one["change"] for one in document["comparison"]["differences"]] == ["gone", "gone"]


def test_table_names_rules_receivers_and_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("rules.yml", "--data", "data.om", "--config", "alertmanager.yml", "--offsets", "3") == 0
    printed = capsys.readouterr().out
    assert re.search(r"^Down +2 ", printed, re.MULTILINE)
    assert re.search(r"^shop-pager +2 ", printed, re.MULTILINE)
    assert "- Gone cannot be assessed: the recording has no series orders_total." in printed
    assert "over 3 offsets there were 2 to 2 pages" in printed


def test_folder_has_the_report_its_figures_and_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--config", "alertmanager.yml", "--against", "slower.yml", "--out", "found", "--quiet"]
    assert call("rules.yml", "--data", "data.om", *options) == 0
    assert capsys.readouterr().out == ""
    assert {str(path.relative_to("found")) for path in Path("found").rglob("*") if path.is_file()} == {
        "report.html",
        "backtest.json",
        "figures/heat-map.svg",
        "figures/firing.svg",
        "figures/by-day.svg",
    }
    page = Path("found/report.html").read_text()
    assert "slower.yml" in page
    assert not re.search(r'(?:src|href)="https?://', page)
    assert json.loads(Path("found/backtest.json").read_text())["comparison"]


def test_incidents_give_precision(capsys: pytest.CaptureFixture[str]) -> None:
    Path("incidents.csv").write_text("name,from,to\nshop,2026-03-01T03:05:00Z,2026-03-01T03:30:00Z\n")
    (variant,) = answer(capsys, "--incidents", "incidents.csv")["variants"]
    down = next(one for one in variant["rules"] if one["alert"] == "Down")
    assert (down["in_incidents"], down["precision"]) == (1, 0.5)
    assert variant["incidents_missed"] == []


def test_span_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    (variant,) = answer(capsys, "--from", "2026-03-01T02:00:00+00:00", "--to", "2026-03-01T06:00:00")["variants"]
    assert variant["alerts"] == 1


@pytest.mark.parametrize(
    ("arguments", "place", "message"),
    [
        (["rules.yml", "--data", "dat.om"], "dat.om", "did you mean 'data.om'"),
        (["rules.yml", "--data", "no*.om"], "no*.om", "no file matches"),
        (["rule.yml", "--data", "data.om"], "rule.yml", ""),
        (["rules.yml", "--data", "broken.om"], "broken.om:2", "'one' is not a number"),
        (["rules.yml", "--data", "data.om", "--timezone", "Europe/Zurch"], "--timezone", "Europe/Zurich"),
        (["rules.yml", "--data", "data.om", "--column", "tim=x"], "--column", "did you mean 'time'"),
        (["rules.yml", "--data", "data.om", "--external-label", "=x"], "--external-label", "NAME=VALUE"),
        (["rules.yml", "--data", "data.om", "--short", "soon"], "--short", "is not a duration"),
        (["rules.yml", "--data", "data.om", "--from", "2027-01-01T00:00:00Z"], "--from", "nothing was recorded"),
        (["rules.yml", "--data", "data.om", "--incidents", "alertmanager.yml"], "alertmanager.yml:1", "from,to"),
        (["rules.yml", "--data", "data.om", "--incidents", "wrong.csv"], "wrong.csv:2", "does not lie after"),
        (["rules.yml", "--data", "data.om", "--config", "rules.yml"], "rules.yml:2", ""),
    ],
)
def test_bad_input_ends_with_two_its_place_and_a_hint(
    capsys: pytest.CaptureFixture[str], arguments: list[str], place: str, message: str
) -> None:
    Path("broken.om").write_text(f"up 1 {START}\nup one {START}\n# EOF\n")
    Path("wrong.csv").write_text("from,to\n2026-03-01T03:05:00Z,2026-03-01T02:00:00Z\n")
    assert call(*arguments, "--out", "found") == 2
    said = capsys.readouterr()
    assert place in said.err
    assert message in said.err
    assert said.out == ""
    assert not Path("found").exists()


def test_skipped_lines_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.om").write_text(f"up 1 {START}\nup one {START}\nup 1 {START + 60}\n# EOF\n")
    assert call("rules.yml", "--data", "broken.om", "--skip-bad", "1") == 0
    assert "- 1 line of the data could not be read and was left out." in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["rules.yml", "--data", "half1.om", "half2.om"],
        ["--data", "half1.om", "half2.om", "rules.yml"],
        ["rules.yml", "--data", "half1.om", "--data", "half2.om"],
        ["rules.yml", "--data", "half*.om"],
        ["rules.json", "--data", "half1.om", "half2.om"],
    ],
)
def test_files_of_data_may_be_many_as_a_shell_gives_them(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    lines = Path("data.om").read_text().splitlines()[:-1]
    Path("half1.om").write_text("\n".join([*lines[:300], "# EOF\n"]))
    Path("half2.om").write_text("\n".join([*lines[300:], "# EOF\n"]))
    Path("rules.json").write_text('{"groups": [{"name": "g", "rules": [{"alert": "Down", "expr": "up == 0"}]}]}')
    assert call(*arguments, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["data"]["samples"] == 720
    assert document["variants"][0]["alerts"] == 2
