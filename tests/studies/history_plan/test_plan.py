"""Bottlenecks and their trends, problem candidates, recovery objectives, and the folder of them all."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from scenarios.history.record import IncidentRecord
from studies.history_plan import OnEstate, Policy, document, plan_from_history, write_folder
from studies.history_plan.objectives import Kept, lost_s, objectives
from studies.history_plan.problems import problems, problems_csv, problems_document
from studies.history_plan.recurrence import bottlenecks
from studies.history_plan.trends import YEAR_S, Direction, holm, trend
from studies.intervals import quantile
from studies.replay import place, propose
from tests.studies.replay.building import topology
from topologies.estate import Estate

BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
DAY_S = 86_400.0


def happened(
    id: str, day: float, *, hours: float | None = 1.0, service: str = "api", mode: str | None = "server"
) -> IncidentRecord:
    at = BEGIN + timedelta(days=day)
    return IncidentRecord(
        id=id,
        service=service,
        failure_mode=mode,
        opened_at=at,
        resolved_at=None if hours is None else at + timedelta(hours=hours),
        source="csv",
        source_line=1,
    )


def rising(rng: np.random.Generator, factor: float, count: int, years: float) -> np.ndarray:  # type: ignore[type-arg]
    """Moments in seconds of a rate that grows by a factor each year."""
    growth = np.log(factor) * years
    shares = rng.random(count)
    places = shares if growth == 0 else np.log1p(shares * np.expm1(growth)) / growth
    return np.asarray(np.sort(places * years * YEAR_S))


def test_the_score_of_no_trend_is_laplace() -> None:
    """Near "no trend" the likelihood ratio is the square of Laplace's statistic."""
    at_s = rising(np.random.default_rng(3), 1.3, 400, 2.0)
    found = trend(at_s, 2 * YEAR_S)
    assert found is not None
    laplace = (at_s.mean() / (2 * YEAR_S) - 0.5) * np.sqrt(12 * len(at_s))
    assert found.p_value == pytest.approx(2 * norm.sf(abs(laplace)), rel=0.1)


def test_the_interval_of_a_trend_covers_what_it_was_made_of() -> None:
    hits = 0
    for seed in range(100):
        found = trend(rising(np.random.default_rng(seed), 1.8, 60, 2.0), 2 * YEAR_S)
        assert found is not None
        hits += found.low <= 1.8 <= found.high
    assert 89 <= hits <= 100


def test_clusters_widen_the_interval_and_few_events_tell_nothing() -> None:
    at_s = rising(np.random.default_rng(1), 2.0, 50, 1.0)
    narrow, wide = trend(at_s, YEAR_S), trend(at_s, YEAR_S, dispersion=3.0)
    assert narrow is not None
    assert wide is not None
    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide.p_value > narrow.p_value
    assert trend(at_s[:5], YEAR_S) is None


def test_p_values_are_corrected_as_holm_says() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_what_takes_most_hours_comes_first_and_a_trend_is_named() -> None:
    grows = rising(np.random.default_rng(5), 6.0, 60, 2.0) / DAY_S
    records = [happened(f"g{n}", float(day), hours=0.5) for n, day in enumerate(grows)]
    records += [happened(f"l{n}", 30.0 * n, hours=20, service="ledger") for n in range(24)]
    records += [happened(f"u{n}", 50.0 * n, hours=None, service="web") for n in range(10)]
    found = bottlenecks(records, 30 * DAY_S)
    assert [(one.service, one.direction) for one in found] == [
        ("ledger", Direction.NOT_SHOWN),
        ("api", Direction.RISING),
        ("web", Direction.NOT_SHOWN),
    ]
    ledger, api, web = found
    assert ledger.hours_a_year is not None
    assert ledger.hours_a_year.low <= ledger.hours_a_year.value <= ledger.hours_a_year.high
    assert (ledger.incidents, ledger.recurrences) == (24, 23)
    assert web.hours_a_year is None
    assert api.trend is not None
    assert api.trend.low > 1


def test_a_problem_is_so_many_of_a_kind_within_the_period() -> None:
    close = [happened(f"a{n}", 10.0 * n) for n in range(3)]
    far = [happened(f"b{n}", 60.0 * n, service="web") for n in range(5)]
    unclassified = [happened(f"c{n}", n, mode=None) for n in range(9)]
    (found,) = problems([*close, *far, *unclassified], Policy(3, timedelta(days=21)))
    assert (found.service, found.failure_mode, found.incidents, found.most_within_period) == ("api", "server", 3, 3)
    assert [one.incident for one in found.evidence] == ["a0", "a1", "a2"]
    assert problems([*close, *far], Policy(3, timedelta(days=19))) == ()


def test_problem_files_have_the_evidence_row_by_row() -> None:
    records = [replace(happened(f"a{n}", n), parent="PRB7", title="down, again") for n in range(3)]
    policy = Policy()
    found = problems(records, policy)
    rows = list(csv.DictReader(io.StringIO(problems_csv(found))))
    assert [(row["problem"], row["incident"], row["hours"]) for row in rows] == [
        ("api--server", f"a{n}", "1.0") for n in range(3)
    ]
    data = problems_document(found, policy)
    assert data["policy"] == {"incidents": 3, "within_days": 90}
    assert data["problems"][0]["known_as"] == ("PRB7",)
    assert data["problems"][0]["evidence"][0]["title"] == "down, again"


def kept(records: list[IncidentRecord], confidence: float = 0.9) -> tuple[tuple[Kept, ...], tuple[Kept, ...]]:
    estate = Estate.model_validate(topology())
    until_s = (BEGIN + timedelta(days=100)).timestamp()
    found = objectives(records, place(records, propose(records, estate), estate), estate, confidence, until_s)
    return found.rto, found.rpo


def test_an_rto_is_proposed_at_the_upper_end_of_the_interval_and_held_against_what_is_declared() -> None:
    """The function declares 30 minutes; of 40 losses 30 took 20 minutes and 10 took 50."""
    records = [happened(f"i{n}", n, hours=20 / 60 if n < 30 else 50 / 60) for n in range(40)]
    (rto,), rpo = kept(records)
    assert rpo == ()
    assert rto.held is not None
    assert (rto.function, rto.declared_s, rto.losses, rto.held.hits, rto.held.trials) == ("orders", 1800, 40, 30, 40)
    expected = quantile([1200.0] * 30 + [3000.0] * 10, 0.9)
    assert rto.proposed_s == expected.high == 3000.0


def test_open_losses_are_longer_than_so_far_and_too_few_propose_nothing() -> None:
    records = [happened(f"i{n}", n, hours=0.1) for n in range(30)] + [happened("open", 99.9, hours=None)]
    (rto,), _ = kept(records)
    assert (rto.losses, rto.open) == (31, 1)
    assert rto.held is not None
    assert (rto.held.hits, rto.held.trials) == (30, 31)
    (few,), _ = kept(records[:6])
    assert few.quantile is not None
    assert few.proposed_s is None


def test_an_rpo_comes_of_what_is_written_as_a_duration() -> None:
    assert [lost_s(text) for text in ("15m", " 0s ", "some orders", None)] == [900, 0, None, None]
    records = [replace(happened(f"i{n}", n), data_lost="5m" if n % 2 else "0s") for n in range(40)]
    _, (rpo,) = kept([*records, replace(happened("x", 50), data_lost="a few rows")])
    assert (rpo.losses, rpo.declared_s, rpo.proposed_s, rpo.held) == (40, None, 300, None)


def test_the_folder_has_everything_and_reads_back(tmp_path: Path) -> None:
    estate = Estate.model_validate(topology())
    records = [happened(f"i{n}", 3.0 * n) for n in range(40)]
    placed = place(records, propose(records, estate), estate)
    plan = plan_from_history(records, Policy(), on_estate=OnEstate(estate, placed))
    write_folder(tmp_path / "plan", "Plans", plan)
    assert {path.name for path in (tmp_path / "plan").iterdir()} == {
        "plan.html",
        "plan.json",
        "problems.csv",
        "problems.json",
    }
    answer = json.loads((tmp_path / "plan" / "plan.json").read_text())
    assert answer == json.loads(json.dumps(document(plan)))
    assert (
        answer["bottlenecks"][0] | {"service": "api", "failure_mode": "server", "rank": 1} == answer["bottlenecks"][0]
    )
    assert answer["objectives"]["rto"][0]["proposed_s"] == 3600
    page = (tmp_path / "plan" / "plan.html").read_text()
    assert page.count("<svg") == 1
    assert "api--server" in page
