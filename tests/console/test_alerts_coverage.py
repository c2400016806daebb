"""The command `alerts coverage`: what it prints, and what it ends with."""

import json
from pathlib import Path

import pytest

from console.main import main
from tests.studies.coverage.building import kiosk

QUICK = ["--draws", "1", "--jobs", "1", "--lasts", "20m", "--quiet-time", "1h", "--fault", "crash"]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["alerts", "coverage", *arguments])
    return int(left.value.code or 0)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("kiosk")
    kiosk(folder)
    return str(folder)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ([], 1),
        (["--fail-on", "nothing"], 0),
        (["--fail-on", "late"], 0),
        (["--fail-on", "uncovered"], 1),
        (["--fail-on", "late", "--fail-on", "never"], 1),
        (["--fault", "crush"], 2),
        (["--lasts", "soon"], 2),
        (["--at", "2026-03-03T10:00:00"], 2),
        (["--rules", "nowhere/*.yaml"], 2),
        (["--baseline", "nowhere.yaml"], 2),
    ],
)
def test_exit_status(shop: str, options: list[str], status: int) -> None:
    assert run(shop, *QUICK, *options) == status


def test_the_last_line_counts_expectations(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(shop, *QUICK)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Could be mapped to components: 7 of 8 alerting rules")
    assert lines[-1] == "1 passed, 1 failed"


def test_json_is_one_document(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(shop, *QUICK, "--json")
    document = json.loads(capsys.readouterr().out)
    verdicts = {one["id"]: one["verdict"] for one in document["expectations"]}
    assert verdicts == {"web-crash": "met", "cache-crash": "missed"}


def test_rules_of_ones_own_take_the_place_of_the_estates(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, query in (("a", 'up{component="web"} == 0'), ("b", "up == 0")):
        rule = f'{{alert: Own{name.upper()}, expr: "{query.replace(chr(34), chr(39))}", labels: {{severity: page}}}}'
        (tmp_path / f"{name}.yaml").write_text(f"groups:\n  - {{name: own, rules: [{rule}]}}\n")
    run(shop, *QUICK, "--rules", str(tmp_path / "*.yaml"), "--json")
    document = json.loads(capsys.readouterr().out)
    alerts = {cell["alert"] for fault in document["faults"] for cell in fault["alerts"]}
    assert alerts == {"OwnA", "OwnB"}


def test_junit_and_sarif_are_written(shop: str, tmp_path: Path) -> None:
    run(shop, *QUICK, "--junit", str(tmp_path / "j.xml"), "--sarif", str(tmp_path / "s.sarif"), "--quiet")
    assert (tmp_path / "j.xml").read_text().startswith("<?xml")
    assert json.loads((tmp_path / "s.sarif").read_text())["version"] == "2.1.0"
