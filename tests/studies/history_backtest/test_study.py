"""A back-test: skill where there is some, none where there is none, and no look beyond the cut."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from scenarios.history.calibration.cases import Target, cases_of
from scenarios.history.record import IncidentRecord
from studies.history_backtest import HistoryBacktest, TargetTest, backtest_history, document, write_folder
from studies.history_backtest.forecasting import Opinion, opinions
from studies.history_backtest.pooling import learn_weights
from studies.history_backtest.skill import Verdict
from tests.scenarios.history.calibration.building import BEGIN, made_history

NO_EFFECT = {"checkout": 1.0, "search": 1.0, "ledger": 1.0}


@pytest.fixture(scope="module")
def with_effect() -> HistoryBacktest:
    return backtest_history(made_history(1, 500))


def restore_of(test: HistoryBacktest) -> TargetTest:
    return next(t for t in test.tested if t.target is Target.RESTORE)


def test_services_that_differ_give_skill_against_both_baselines(with_effect: HistoryBacktest) -> None:
    restore = restore_of(with_effect)
    assert restore.against_empirical.verdict is Verdict.BETTER
    assert restore.against_last_period.verdict is Verdict.BETTER
    # With the services known the best forecast scores about 30 % below the common distribution here.
    assert 0.2 < restore.against_empirical.value < 0.45
    assert [term.name for term in restore.fitted.design.terms] == ["service"]


def test_coverage_is_near_its_level_where_the_model_is_right(with_effect: HistoryBacktest) -> None:
    covered = restore_of(with_effect).coverage
    assert covered is not None
    for level in covered:
        assert level.inside == pytest.approx(level.level / 100, abs=0.12)


def test_where_nothing_can_be_foretold_no_skill_is_claimed() -> None:
    claims = [
        restore_of(backtest_history(made_history(seed, 200, factors=NO_EFFECT))).against_empirical
        for seed in range(10, 13)
    ]
    assert sum(claim.verdict is Verdict.BETTER for claim in claims) <= 1
    assert all(abs(claim.value) < 0.05 for claim in claims)


def test_a_trend_is_foretold_better_than_by_all_of_the_past() -> None:
    records = [
        replace(
            r,
            resolved_at=r.opened_at
            + (r.resolved_at - r.opened_at) * (4.0 if r.opened_at > BEGIN + timedelta(days=200) else 1.0),
        )
        for r in made_history(3, 500, factors=NO_EFFECT)
        if r.resolved_at is not None
    ]
    restore = restore_of(backtest_history(records))
    assert restore.against_empirical.verdict is Verdict.BETTER
    assert restore.weights.of[Opinion.EMPIRICAL] < 0.4


def _changed_after(records: list[IncidentRecord], cut_s: float) -> list[IncidentRecord]:
    """Another future: what ends after the cut ends much later, what opens after it is of another service."""
    cut = BEGIN + timedelta(seconds=cut_s - BEGIN.timestamp())
    changed = []
    for record in records:
        ended = record.resolved_at
        if ended is not None and ended > cut:
            record = replace(record, resolved_at=ended + timedelta(hours=7))
        if record.acknowledged_at is not None and record.acknowledged_at > cut:
            record = replace(record, acknowledged_at=record.acknowledged_at + timedelta(hours=3))
        changed.append(record if record.opened_at <= cut else replace(record, service="unheard of", priority="9"))
    return changed


@pytest.mark.parametrize("target", list(Target))
def test_nothing_after_the_cut_moves_what_was_fitted(target: Target) -> None:
    records = made_history(4, 300, sigma=2.5)
    cut_s = float(np.quantile([r.opened_at.timestamp() for r in records], 0.7))
    fits, weights = [], []
    for history in (records, _changed_after(records, cut_s)):
        cases = cases_of(history, target)
        train, test = cases.usable & (cases.opened_s <= cut_s), cases.usable & (cases.opened_s > cut_s)
        formed = opinions(cases, train, test, cut_s, cases.watched_until_s)
        fits.append((formed.fitted.family.name, formed.fitted.parameters.tolist(), formed.latest_from_s))
        weights.append(learn_weights(cases, train, cut_s, formed.fitted.family.name))
    assert fits[0] == fits[1]
    assert weights[0] == weights[1]
    assert weights[0].cases > 50


def test_the_order_of_the_records_changes_nothing() -> None:
    records = made_history(5, 200)
    assert document(backtest_history(records)) == document(backtest_history(records[::-1]))


def test_the_document_has_the_agreed_form(with_effect: HistoryBacktest) -> None:
    answer = json.loads(json.dumps(document(with_effect)))
    assert set(answer["target"]) == {"acknowledge", "restore"}
    restore = answer["target"]["restore"]
    assert restore["train"] == 350
    assert restore["test"] == 150
    assert {"model", "empirical", "last_period"} <= set(restore["crps"])
    assert set(restore["coverage"]) == {"50", "80", "95"}
    assert restore["skill"]["empirical"]["verdict"] == "better"


def test_below_100_test_cases_the_document_has_no_coverage() -> None:
    restore = document(backtest_history(made_history(6, 200)))["target"]["restore"]
    assert restore["coverage"] is None
    assert "fewer than 100" in restore["no_coverage_because"]


def test_too_few_cases_are_said() -> None:
    test = backtest_history(made_history(7, 20))
    assert test.tested == ()
    assert all("too few" in untested.reason for untested in test.untested)


def test_a_history_without_acknowledgements_says_so() -> None:
    records = [replace(r, acknowledged_at=None) for r in made_history(8, 100)]
    reasons = {u.target: u.reason for u in backtest_history(records).untested}
    assert reasons[Target.ACKNOWLEDGE] == "the history has no such time"


@pytest.mark.parametrize("cut", [0.0, 1e11])
def test_a_cut_outside_of_the_history_is_refused(cut: float) -> None:
    with pytest.raises(ValueError, match="sides of the cut"):
        backtest_history(made_history(9, 50), cut_s=cut)


def test_the_folder_holds_the_answer_and_its_figures(with_effect: HistoryBacktest, tmp_path: Path) -> None:
    write_folder(tmp_path / "out", with_effect)
    assert json.loads((tmp_path / "out" / "backtest.json").read_text()) == document(with_effect)
    page = (tmp_path / "out" / "figures.html").read_text()
    for name in ("skill", "restore-calibration", "acknowledge-calibration", "weeks"):
        assert (tmp_path / "out" / "figures" / f"{name}.svg").read_text() in page
