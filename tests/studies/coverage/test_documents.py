"""Baseline, JUnit, SARIF, JSON and the page."""

import json
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from blackstart._coverage import CoverageInput
from studies.coverage import Coverage, CoverageFinding, Kind, failing, findings_of, read_baseline
from studies.coverage.folder import write_folder
from studies.coverage.junit import junit_xml
from studies.coverage.sarif import sarif
from tests.studies.coverage.building import kiosk, studied, subjects
from timeline.findings import InputError

BASELINE = """\
format: blackstart/coverage-baseline/1
accepted:
  "missed:cache-crash": {reason: Prices come from the database then, expires: 2026-12-31}
  "never:VerySlow": {reason: Waits for a new probe, expires: 2026-01-31}
  "never:VerySlov": {reason: Mistyped, expires: 2026-12-31}
  "mutants:anything": {reason: Not looked for in this run, expires: 2026-12-31}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[CoverageInput, Coverage]:
    given = kiosk(tmp_path_factory.mktemp("kiosk"))
    return given, studied(given)


@pytest.fixture
def held(shop: tuple[CoverageInput, Coverage], tmp_path: Path) -> list[CoverageFinding]:
    file = tmp_path / "baseline.yaml"
    file.write_text(BASELINE)
    given, coverage = shop
    return findings_of(coverage, given.places, read_baseline(file, date(2026, 6, 1)))


def test_an_accepted_finding_does_not_count(held: list[CoverageFinding]) -> None:
    (one,) = (one for one in held if one.id == "missed:cache-crash")
    assert one.accepted == "Prices come from the database then"
    assert not failing(held, [Kind.MISSED])
    assert {one.subject for one in failing(held, [Kind.LATE])} == {"web-deploy-at-once"}


def test_an_expired_acceptance_counts_again_and_is_told(held: list[CoverageFinding]) -> None:
    assert "VerySlow" in {one.subject for one in failing(held, [Kind.NEVER])}
    assert "expired/never:VerySlow" in subjects(held, "baseline")


def test_an_acceptance_still_holds_on_its_last_day(shop: tuple[CoverageInput, Coverage], tmp_path: Path) -> None:
    file = tmp_path / "baseline.yaml"
    file.write_text(BASELINE)
    given, coverage = shop
    on_the_day = findings_of(coverage, given.places, read_baseline(file, date(2026, 1, 31)))
    assert "VerySlow" not in {one.subject for one in failing(on_the_day, [Kind.NEVER])}


def test_an_id_that_no_finding_has_is_a_finding_itself_with_the_nearest(held: list[CoverageFinding]) -> None:
    assert subjects(held, "baseline") == {"expired/never:VerySlow", "unknown/never:VerySlov"}
    (one,) = (one for one in held if one.subject == "unknown/never:VerySlov")
    assert "never:VerySlow" in one.finding.hint
    assert one.finding.place.line == 5


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("{reason: why, expires: someday}", "not a day"),
        ("{reason: '', expires: 2026-01-01}", "reason"),
        ("{reason: why}", "expires"),
        ("{reason: why, expires: 2026-01-01, until: x}", "until"),
    ],
)
def test_a_baseline_that_is_wrong_is_refused_with_its_place(tmp_path: Path, entry: str, complaint: str) -> None:
    file = tmp_path / "baseline.yaml"
    file.write_text(f"format: blackstart/coverage-baseline/1\naccepted:\n  never:A: {entry}\n")
    with pytest.raises(InputError) as refused:
        read_baseline(file, date(2026, 1, 1))
    assert complaint in str(refused.value)
    assert "baseline.yaml:3" in str(refused.value)


def test_junit_has_a_case_for_each_expectation(
    shop: tuple[CoverageInput, Coverage], held: list[CoverageFinding]
) -> None:
    root = ElementTree.fromstring(junit_xml(shop[1], held, [Kind.MISSED, Kind.NEVER]).encode())
    expectations, findings = root.findall("testsuite")
    results = {case.get("name"): next((below.tag for below in case), "passed") for case in expectations}
    assert results == {
        "web-crash": "passed",
        "web-deploy-at-once": "failure",
        "cache-crash": "skipped",
        "db-for-data": "failure",
        "lagging": "skipped",
    }
    assert (expectations.get("tests"), expectations.get("failures"), expectations.get("skipped")) == ("5", "2", "2")
    assert [case.get("name") for case in findings] == ["never"]


def test_sarif_names_file_and_line_and_suppresses_what_is_accepted(
    shop: tuple[CoverageInput, Coverage], held: list[CoverageFinding]
) -> None:
    root = Path(shop[0].places.monitoring().file).parent
    document = sarif(held, root)
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results = {result["partialFingerprints"]["coverageId/v1"]: result for result in run["results"]}
    assert len(results) == len(held)
    for result in results.values():
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
    never = results["never:VerySlow"]["locations"][0]["physicalLocation"]
    assert never["artifactLocation"]["uri"] == "alerts/rules.yaml"
    lines = (root / "alerts" / "rules.yaml").read_text().splitlines()
    assert "probe_duration_seconds > 1000" in lines[never["region"]["startLine"] - 1]
    suppressed = {id for id, result in results.items() if "suppressions" in result}
    assert suppressed == {"missed:cache-crash"}


def test_the_folder_holds_page_document_and_picture(
    shop: tuple[CoverageInput, Coverage], held: list[CoverageFinding], tmp_path: Path
) -> None:
    write_folder(tmp_path / "out", shop[1], held)
    page = (tmp_path / "out" / "report.html").read_text()
    document = json.loads((tmp_path / "out" / "coverage.json").read_text())
    assert page.index("Could be mapped to components: 7 of 8 alerting rules") < page.index("Expected and predicted")
    assert "<svg" in page
    assert "src=" not in page
    assert len(document["faults"]) == len(shop[1].rows)
    assert list(document)[1] == "assessable"
    assert {file.name for file in (tmp_path / "out").rglob("*.*")} == {"report.html", "coverage.json", "matrix.svg"}
