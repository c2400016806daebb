"""The model file: written, read again, edited."""

from pathlib import Path

import pytest

from scenarios.history.calibration.cases import Target
from scenarios.history.calibration.fitting import fit_history
from scenarios.history.calibration.model_file import HistoryModel, model_of, model_text, read_model
from scenarios.history.calibration.proposals import propose
from scenarios.history.record import write_history
from tests.scenarios.history.calibration.building import FACTORS, made_history
from timeline.findings import InputError
from timeline.instants import HOUR


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[HistoryModel, str]:
    path = tmp_path_factory.mktemp("history") / "h.parquet"
    records = made_history(1)
    write_history(path, records)
    model = model_of(fit_history(records), records, path.read_bytes())
    return model, model_text(model)


def test_a_model_reads_as_it_was_written(made: tuple[HistoryModel, str], tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(made[1])
    assert read_model(tmp_path / "model.yaml") == made[0]


def test_known_parameters_lie_in_their_intervals(made: tuple[HistoryModel, str]) -> None:
    restore = made[0].restore
    assert restore is not None
    assert restore.family == "lognormal"
    assert restore.shapes["sigma"].low < 0.7 < restore.shapes["sigma"].high
    factors = restore.effects["service"].factors
    found = factors["ledger"].value / factors["checkout"].value
    assert found == pytest.approx(FACTORS["ledger"] / FACTORS["checkout"], rel=0.25)
    assert restore.distribution.quantile(0.5) == pytest.approx(restore.median.value, rel=1e-3)
    assert restore.distribution.quantile(0.9) == pytest.approx(restore.p90.value, rel=1e-3)
    rate = made[0].arrivals.incidents_a_week
    assert rate is not None
    assert rate.low < 7 < rate.high
    reopened = made[0].transitions.reopened
    assert reopened is not None
    assert reopened.low < 0.04 < reopened.high


def test_every_figure_is_marked_as_fitted_and_names_its_cases(made: tuple[HistoryModel, str]) -> None:
    text = made[1]
    figures = [line for line in text.splitlines() if "{value:" in line]
    assert len(figures) > 12
    assert all(line.endswith("basis: fitted}") and ", n: " in line for line in figures)
    assert f"sha256: {made[0].history.sha256}" in text


def test_an_edited_value_is_kept_with_its_new_basis(made: tuple[HistoryModel, str], tmp_path: Path) -> None:
    edited = made[1].replace("basis: fitted", "basis: expert", 1)
    (tmp_path / "model.yaml").write_text(edited)
    assert read_model(tmp_path / "model.yaml") != made[0]


def test_a_wrong_edit_is_told_with_its_line(made: tuple[HistoryModel, str], tmp_path: Path) -> None:
    broken = made[1].replace("basis: fitted", "basis: guessed", 1)
    line = 1 + next(n for n, text in enumerate(broken.splitlines()) if "guessed" in text)
    (tmp_path / "model.yaml").write_text(broken)
    with pytest.raises(InputError, match=rf"model\.yaml:{line}:"):
        read_model(tmp_path / "model.yaml")


def test_proposals_are_the_careful_end_of_the_quantile() -> None:
    fit = fit_history(made_history(3, 800)).durations[Target.RESTORE]
    found = {p.level: p for p in propose(fit.model, fit.cases.values(fit.cases.usable), 0.9, ("service",))}
    for service, factor in FACTORS.items():
        true_s = factor * 3600 * 2.4524  # e^(0.7 x 1.2816), the 90 % point of a lognormal of sigma 0.7
        assert found[service].low_s < true_s < found[service].high_s
        assert found[service].proposed_s == found[service].high_s < 1.5 * true_s
    assert found["ledger"].quantile_s > 2 * HOUR / 1000


def test_relative_traces_get_times_between_incidents_alone() -> None:
    from dataclasses import replace

    trace = [replace(r, time_basis="relative") for r in made_history(4)]  # type: ignore[arg-type]
    arrivals = fit_history(trace).arrivals
    assert arrivals.between is not None
    assert (arrivals.level, arrivals.week, arrivals.clustering) == (None, None, None)
    # 400 incidents in 400 days at an even rate: exponential, a Weibull of shape 1 and a mean of a day.
    assert arrivals.between.quantile_s(0.5) == pytest.approx(86_400 * 0.693, rel=0.2)


def test_an_empty_history_is_refused() -> None:
    with pytest.raises(ValueError, match="no incident"):
        fit_history([])
