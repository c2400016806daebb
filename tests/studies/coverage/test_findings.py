"""Planted gaps are found, exactly those."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from blackstart._coverage import CoverageInput, coverage_input
from console.commands.alerts_coverage import FailOn
from scenarios.faults import FAULTS
from studies.coverage import Coverage, CoverageFinding, Kind, Verdict
from studies.coverage.faults import single_cases
from tests.studies.coverage.building import RULES, found, kiosk, studied, subjects


@dataclass
class Studied:
    given: CoverageInput
    coverage: Coverage
    findings: list[CoverageFinding]

    def subjects(self, kind: str) -> set[str]:
        return subjects(self.findings, kind)

    def message(self, kind: str, subject: str) -> str:
        (one,) = (f for f in self.findings if (f.kind, f.subject) == (kind, subject))
        return one.finding.message


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Studied:
    given = kiosk(tmp_path_factory.mktemp("kiosk"))
    coverage = studied(given, draws=2)
    return Studied(given, coverage, found(given, coverage))


def test_faults_that_nothing_sees_or_that_take_the_alerting_with_them_page_nobody(shop: Studied) -> None:
    carriers = ("alertmanager", "cache", "paging", "prometheus")
    unseen = {f"{kind}@{target}" for kind in ("bad-deploy", "crash", "hang", "slow") for target in carriers}
    unseen |= {"slow@db", "site-loss@room", "vendor-outage@paging", "vendor-outage@pager"}
    assert shop.subjects("uncovered") == unseen
    assert "of which nobody is told and disrupts selling" in shop.message("uncovered", "site-loss@room")


def test_alerts_that_no_fault_makes_fire(shop: Studied) -> None:
    assert shop.subjects("never") == {"NightlyLull", "VerySlow"}


def test_alerts_that_always_fire_together(shop: Studied) -> None:
    assert shop.subjects("twins") == {"ProbeFails+ProbeFailsToo"}


def test_an_alert_on_a_season_is_false(shop: Studied) -> None:
    assert shop.subjects("false") == {"NightlyLull"}
    assert "fires once in 1 d" in shop.message("false", "NightlyLull")


def test_a_receiver_that_reaches_no_team(shop: Studied) -> None:
    assert shop.subjects("unowned") == {"old-mail"}


def test_a_rule_on_series_that_nobody_provides_is_set_aside_and_not_called_silent(shop: Studied) -> None:
    assert shop.subjects("not-assessable") == {"QueueLags"}
    assert (shop.coverage.inventory.alerting_rules.of, shop.coverage.inventory.alerting_rules.mapped) == (8, 7)


def test_expectations_beside_what_is_predicted(shop: Studied) -> None:
    verdicts = {one.expectation: one.verdict for one in shop.coverage.judgements}
    assert verdicts == {
        "web-crash": Verdict.MET,
        "web-deploy-at-once": Verdict.LATE,
        "cache-crash": Verdict.MISSED,
        "db-for-data": Verdict.WRONG_TEAM,
        "lagging": Verdict.NOT_ASSESSABLE,
    }
    assert shop.subjects("missed") == {"cache-crash"}
    assert shop.subjects("late") == {"web-deploy-at-once"}
    assert shop.subjects("wrong-team") == {"db-for-data"}


def test_an_expectation_gives_its_fault_its_parameters(shop: Studied) -> None:
    cases = {row.case.id: row.case for row in shop.coverage.rows}
    assert dict(cases["slow@db"].faults[0].parameters) == {"latency_factor": 20}


def test_times_are_intervals_over_the_draws(shop: Studied) -> None:
    (row,) = (row for row in shop.coverage.rows if row.case.id == "crash@web")
    (cell,) = (cell for cell in row.cells if cell.alert == "ProbeFails")
    assert cell.draws == 2
    # for 30 s, scraped and evaluated every 15 s: at least 30 s, at most 30 s and both intervals
    assert 30_000 <= cell.fired.low_ms < cell.fired.high_ms <= 60_000
    assert {r: (t.low_ms - cell.fired.low_ms) for r, t in cell.told.items()} == {"shop-pager": 10_000}


def test_findings_stand_where_their_subject_is_written(shop: Studied) -> None:
    places = {one.id: one.finding.place for one in shop.findings}
    assert places["never:VerySlow"].file.endswith("rules.yaml")
    assert places["missed:cache-crash"].file.endswith("expectations.yaml")
    assert places["uncovered:slow@db"].file.endswith("topology.yaml")
    assert places["unowned:old-mail"].file.endswith("alertmanager.yaml")
    assert all(place.line for place in places.values())


def test_an_expectation_that_another_fault_masks(tmp_path: Path) -> None:
    kiosk(tmp_path)
    expectations = tmp_path / "alerts" / "expectations.yaml"
    dark = "{fault: site-loss, target: room, alerts: [ProbeFails], within: 5m}"
    expectations.write_text(expectations.read_text() + f"  room-dark: {dark}\n")
    given = coverage_input(tmp_path)
    findings = found(given, studied(given, pairs=True, kinds=("crash", "site-loss")))
    assert subjects(findings, "masked") == {"web-crash/crash@web+site-loss@room"}


def test_faults_of_equal_effect_are_one_run(shop: Studied) -> None:
    rows = {row.case.id: row for row in shop.coverage.rows}
    assert shop.coverage.runs < sum(len(row.trials) for row in rows.values())
    assert rows["vendor-outage@paging"].cells == rows["crash@paging"].cells


def test_a_kind_that_states_no_usual_parameters_is_named_as_untried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unusual = replace(FAULTS["slow"], typical={})
    monkeypatch.setattr("studies.coverage.faults.FAULTS", {"slow": unusual})
    given = kiosk(tmp_path)
    cases, untried = single_cases(given.subject.estate, {}, 60_000, ["slow"])
    assert not cases
    assert {one.id for one in untried} >= {"slow@web", "slow@db"}
    assert all("latency_factor" in one.reason for one in untried)


def test_a_rule_whose_evaluation_fails_is_told_with_the_reason(tmp_path: Path) -> None:
    wrong = "      - alert: Ambiguous\n        expr: up * on () up > 2\n        labels: {severity: page, team: shop}\n"
    given = kiosk(tmp_path, rules=RULES + wrong)
    findings = found(given, studied(given, kinds=("crash",)))
    assert subjects(findings, "failing") == {"rest/Ambiguous"}


def test_a_kind_of_finding_can_be_asked_for_by_its_name() -> None:
    assert {kind.value for kind in Kind} == {kind.value for kind in FailOn} - {"nothing"}


def test_only_faults_with_expectations_are_drawn_several_times_unless_asked_for(tmp_path: Path) -> None:
    given = kiosk(tmp_path)
    for for_all, others in ((False, 1), (True, 2)):
        rows = studied(given, draws=2, draws_for_all=for_all, kinds=("crash",)).rows
        assert {row.case.id: len(row.trials) for row in rows if row.case.expectations} == {
            "crash@cache": 2,
            "crash@web": 2,
        }
        assert {len(row.trials) for row in rows if not row.case.expectations} == {others}
