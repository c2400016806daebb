"""From known answers and recoveries through a record of them to an overlay, and back into a run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest

import blackstart
from blackstart._coverage import coverage_input
from scenarios.history.record import IncidentRecord
from simulator.exercise import facts_of
from simulator.randomness import Streams
from studies.calibration.matching import Quantiles, match
from studies.calibration.overlay import LEAST_CASES, apart, fit_overlay
from studies.coverage import Subject
from studies.replay import place, propose
from studies.replay.detection import RecordedDetector
from studies.replay.diagnosis import Routes
from studies.replay.remedies import Remedies
from studies.replay.running import run
from tests.studies.replay.building import CRASH, incident, organisation, subject, subject_from_yaml, topology
from timeline.distributions import Distribution
from timeline.instants import HOUR, SECOND, UNIX_EPOCH, WEEK
from topologies.loading.overlay_file import Overlay, overlay_text, read_overlay
from topologies.writing import to_yaml

ANSWER, RESTART = "lognormal(median=4m, p90=12m)", "lognormal(median=20m, p90=45m)"
WORKING = dict.fromkeys(("triage", "validation", "check", "check_unskilled", "decision", "verification"), "1m")


def recorded_by(truth: Subject, number: int, *, every_h: float = 50, seed: int = 11) -> list[IncidentRecord]:
    """What a record would show if these people worked on so many crashes, one after the other."""
    facts = facts_of(truth.estate)
    happened = [incident(f"i{n}", minute=n * every_h * 60) for n in range(number)]
    remedies = Remedies(truth.estate, truth.organisation, facts)
    detector = RecordedDetector(truth.organisation, facts)
    done = run(happened, truth.organisation, facts, detector, Routes(facts), remedies, Streams(seed))
    records = []
    for course in done.courses:
        opened = UNIX_EPOCH + timedelta(milliseconds=course.incident.opened_ms)
        assert course.acknowledge_ms is not None
        assert course.restore_ms is not None
        records.append(
            IncidentRecord(
                id=course.incident.id,
                service="api",
                opened_at=opened,
                acknowledged_at=opened + timedelta(milliseconds=course.acknowledge_ms),
                resolved_at=opened + timedelta(milliseconds=course.restore_ms),
                source="csv",
                source_line=1,
            )
        )
    return records


def people(answer: str) -> dict[str, object]:
    made = organisation(working=WORKING)
    for person in made["people"].values():
        person["answer"] = {"day": answer, "night": answer}
    return made


def fitted(records: list[IncidentRecord], given: Subject) -> Overlay:
    return fit_overlay(
        records, place(records, propose(records, given.estate), given.estate), given, "test", simulated=600
    )


@pytest.fixture(scope="module")
def truth() -> list[IncidentRecord]:
    return recorded_by(subject(people(ANSWER), topology(recovery={"restart": RESTART})), 300)


@pytest.fixture(scope="module")
def overlay(truth: list[IncidentRecord]) -> Overlay:
    return fitted(truth, subject(people("30s")))


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("organisation.people.responder-1.answer.day", ANSWER),
        ("organisation.people.responder-1.answer.night", ANSWER),
        ("estate.components.api.recovery.restart", RESTART),
    ],
)
def test_what_was_true_is_found_and_lies_within_its_interval(path: str, written: str, overlay: Overlay) -> None:
    value = overlay.values[path]
    assert (value.basis, value.confidence) in {("fitted", "high"), ("fitted", "medium")}
    true, found = Distribution.parse(written), Distribution.parse(value.value)
    low, high = Distribution.parse(value.low or ""), Distribution.parse(value.high or "")
    assert found.median_ms == pytest.approx(true.median_ms, rel=0.15)
    for share in (0.5, 0.9):
        # The simulation has an error of its own, a standard deviation of some 7 % of the value: twice that is allowed.
        assert 0.86 * low.quantile(share) <= true.quantile(share) <= 1.14 * high.quantile(share)


def test_what_no_record_tells_is_left_alone_with_its_reason(overlay: Overlay) -> None:
    assert set(overlay.values) == {
        "organisation.people.responder-1.answer.day",
        "organisation.people.responder-1.answer.night",
        "estate.components.api.recovery.restart",
    }
    assert {"scenario.faults", "organisation.working"} <= set(overlay.left_alone)


def test_few_incidents_fit_nothing(truth: list[IncidentRecord]) -> None:
    found = fitted(truth[: LEAST_CASES - 1], subject(people("30s")))
    assert found.values == {}
    assert "too few, 30 are needed" in found.left_alone["estate.components.api.recovery.restart"]


def test_times_that_the_model_cannot_show_are_left_alone(truth: list[IncidentRecord]) -> None:
    """Whoever needs an hour of triage restores nothing within half an hour, however fast the restart is."""
    slow = people("30s") | {"working": {**WORKING, "triage": "2h"}}
    found = fitted(truth[:100], subject(slow))
    assert "estate.components.api.recovery.restart" not in found.values
    assert "takes too long" in found.left_alone["estate.components.api.recovery.restart"]


def test_the_overlay_brings_the_recorded_times_back(
    truth: list[IncidentRecord], overlay: Overlay, tmp_path: Path
) -> None:
    """Fit, file, files of the estate with the overlay, replay with other random numbers: the same distributions."""
    (tmp_path / "fitted.yaml").write_text(overlay_text(overlay))
    folder = tmp_path / "estate"
    folder.mkdir()
    stated = subject_from_yaml(folder, topology(), people("30s"))
    calibrated = coverage_input(folder, settings=read_overlay(tmp_path / "fitted.yaml")).subject
    again = recorded_by(calibrated, 300, seed=99)
    uncalibrated = recorded_by(stated, 300, seed=99)
    for times in (acknowledged_s, restored_s):
        assert ks_2samp(times(truth), times(again)).pvalue > 0.01
        assert ks_2samp(times(truth), times(uncalibrated)).pvalue < 1e-9


def acknowledged_s(records: list[IncidentRecord]) -> list[float]:
    return [record.acknowledge_time.total_seconds() for record in records if record.acknowledge_time is not None]


def restored_s(records: list[IncidentRecord]) -> list[float]:
    return [record.restore_time.total_seconds() for record in records if record.restore_time is not None]


def test_incidents_are_simulated_alone_and_at_their_hour() -> None:
    given = [incident("a", 0), incident("b", 30, restore=20 * WEEK)]
    moved = apart(given, 6)
    assert len({one.id for one in moved}) == 6
    assert {(one.at_ms - given[0].at_ms) % WEEK for one in moved} == {0, 30 * 60 * SECOND}
    gaps = np.diff([one.at_ms for one in moved])
    assert gaps.min() > 20 * WEEK


def test_a_match_is_found_through_a_delay_that_is_added() -> None:
    uniform = (np.arange(4000) + 0.5) / 4000

    def simulate(parameter: Distribution) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return 60.0 + np.array([parameter.quantile(p) / SECOND for p in uniform])

    found = match(Quantiles(360.0, 960.0), simulate)
    assert found is not None
    assert [found.parameter.quantile(p) / SECOND for p in (0.5, 0.9)] == pytest.approx([300, 900], rel=0.02)
    assert match(Quantiles(50.0, 90.0), simulate) is None


SCENARIO = """\
format: blackstart/scenario/1
title: The order service crashes
purpose: Acknowledgements under fitted answers
estate: estate
starts_at: 2026-01-06T10:00:00+00:00
duration: 3h
faults:
  crash: {fault: crash, target: api, at: 1m}
objectives:
  answered: {title: Somebody answers, targets: [{measure: time_to_acknowledge, at_most: 1h}]}
"""
RULES = """\
groups:
  - name: api
    rules:
      - {alert: ApiDown, expr: up == 0, labels: {component: api, severity: page}}
"""
ROUTES = """\
route: {receiver: crew, group_wait: 0s, group_by: [alertname]}
receivers: [{name: crew}]
"""


def test_exercises_acknowledge_as_was_fitted_and_say_how_much_is_fitted(overlay: Overlay, tmp_path: Path) -> None:
    estate = tmp_path / "estate"
    estate.mkdir()
    watched = topology(telemetry=["blackbox"])
    watched |= {"monitoring": {"rules": ["rules.yml"], "alertmanager": "alertmanager.yml", "scrape_interval": "15s"}}
    for name, text in (
        ("topology.yaml", to_yaml(watched)),
        ("organisation.yaml", to_yaml(people("30s") | {"receivers": {"crew": "crew"}})),
        ("rules.yml", RULES),
        ("alertmanager.yml", ROUTES),
    ):
        (estate / name).write_text(text)
    (tmp_path / "crash.yaml").write_text(SCENARIO)
    (tmp_path / "fitted.yaml").write_text(overlay_text(overlay))
    given = read_overlay(tmp_path / "fitted.yaml")
    loaded = blackstart.load(tmp_path / "crash.yaml", settings=given)
    took_s = []
    for seed in range(40):
        events = list(blackstart.simulate(loaded, seed=seed))
        sent = next(event.at_ms for event in events if event.kind == "page.delivered")
        answered = next(event.at_ms for event in events if event.kind == "page.acknowledged")
        took_s.append((answered - sent) / SECOND)
    assert min(took_s) > 0
    assert max(took_s) < 3 * HOUR / SECOND
    parameter = Distribution.parse(overlay.values["organisation.people.responder-1.answer.day"].value)
    sigma = np.log(parameter.quantile(0.9) / parameter.quantile(0.5)) / 1.2815515655446004
    fit = kstest(took_s, "lognorm", (sigma, 0, parameter.quantile(0.5) / SECOND))
    assert fit.pvalue > 0.01
    assert kstest(took_s, "lognorm", (sigma, 0, 2 * parameter.quantile(0.5) / SECOND)).pvalue < 0.01
    run = blackstart.run(tmp_path / "crash.yaml", settings=given, out=tmp_path / "run")
    page = (run.folder / "report.html").read_text()
    assert "organisation.people.responder-1.answer.day" in run.scores.rests_on
    assert "1 fitted (" in page
    assert CRASH.target in page
