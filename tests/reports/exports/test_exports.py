"""Exports say what `scores.json` says: each read again by somebody else's reader, figure by figure."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

import blackstart
from reports.exports import ExportFormat, write_exports
from reports.exports.dashboard import dashboard
from reports.scoring.model import Scores
from tests.practices.harness import shows


@pytest.fixture(scope="module")
def scores() -> Scores:
    return blackstart.score(blackstart.simulate("corner-lab-crash"))


@pytest.fixture(scope="module")
def written(scores: Scores, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    files = write_exports(scores, tmp_path_factory.mktemp("run"), list(ExportFormat))
    return {path.suffix: path for path in files}


def test_tables_hold_every_figure(scores: Scores, written: dict[str, Path]) -> None:
    parquet = pl.read_parquet(written[".parquet"])
    csv = pl.read_csv(written[".csv"], schema=parquet.schema)
    assert csv.with_columns(pl.col(pl.String).fill_null("")).equals(parquet)
    found = dict(parquet.filter(kind="measure").select("id", "value").iter_rows())
    assert found == {measure.id: measure.value for measure in scores.measures}
    assert parquet.filter(kind="score")["value"].to_list() == [scores.score]
    met = dict(parquet.filter(kind="objective").select("id", "met").iter_rows())
    assert met == {objective.id: objective.met for objective in scores.objectives}


def test_openmetrics_is_read_by_the_reference_parser(scores: Scores, written: dict[str, Path]) -> None:
    families = list(text_string_to_metric_families(written[".openmetrics"].read_text()))
    samples = {family.name: family.samples for family in families}
    values = {sample.labels["measure"]: sample.value for sample in samples["blackstart_measure"]}
    assert values == {measure.id: measure.value for measure in scores.measures if measure.value is not None}
    assert [sample.value for sample in samples["blackstart_score"]] == [scores.score]
    assert all(sample.labels["evidence"] == "modelled" for found in samples.values() for sample in found)


@shows("8.5")
def test_figures_on_the_dashboard_are_those_that_were_scored(scores: Scores) -> None:
    """Changed on one side only, a figure changes there; nothing on the page is computed by itself."""
    page = dashboard(scores)
    shown = dict(re.findall(r'data-figure="(\w+)">[^<]*<strong>([^<]*)</strong>', page))
    assert {"time_to_detect", "time_to_restore", "rto_met"} <= shown.keys()
    assert f"Score <strong>{scores.score:.0f}</strong>" in page
    for objective in scores.objectives:
        assert objective.title in page
    detected = scores.measure("time_to_detect")
    assert detected.value is not None
    later = detected.model_copy(update={"value": detected.value + 3600})
    changed = scores.model_copy(update={"measures": tuple(later if m.id == later.id else m for m in scores.measures)})
    again = dict(re.findall(r'data-figure="(\w+)">[^<]*<strong>([^<]*)</strong>', dashboard(changed)))
    assert {id for id in shown if shown[id] != again[id]} == {"time_to_detect"}
    assert "http://" not in page
    assert "https://" not in page


def test_what_was_not_exercised_is_no_figure(scores: Scores, written: dict[str, Path]) -> None:
    absent = [measure.id for measure in scores.measures if measure.value is None]
    assert absent
    text = written[".openmetrics"].read_text()
    assert not [id for id in absent if f'measure="{id}"' in text]
