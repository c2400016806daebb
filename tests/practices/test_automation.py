"""Module 8: on-call is shared, and the map is true."""

from __future__ import annotations

import pytest

import blackstart
from studies.impact.assessment import assess
from tests.practices.harness import LIBRARY, RESPONSE, PracticeCase, assert_holds, shows
from topologies.drift import drift
from topologies.loading.estate import load_estate

A_STALE_MAP = {"estate.catalogue.missing": "[{dependent: booking, dependency: store}]"}

CASES = (
    PracticeCase(
        practice="8.3",
        scenario="kiosk/outage",
        broken={**A_STALE_MAP, "estate.catalogue.stale": "[{dependent: kiosk, dependency: search}]"},
        worsens=("dependencies_documented",),
        may_worsen=(
            "time_to_mitigate",
            "time_to_restore",
            "recovery_time_achieved",
            "financial_loss",
            "impact_foreseen",
            "rto_met",
        ),
        may_move=(*RESPONSE, "3.2", "5.5", "6.5", "7.2", "7.3"),
        fixed=("time_to_detect", "time_to_alert", "time_to_acknowledge", "alert_precision", "ownership_accuracy"),
        why="a map that nobody kept true hides that two incidents are one, so that one of them is fixed by halves",
    ),
    PracticeCase(
        practice="8.6",
        scenario="kiosk/outage",
        broken=A_STALE_MAP,
        worsens=("impact_foreseen",),
        may_worsen=("time_to_restore", "time_to_mitigate", "recovery_time_achieved", "dependencies_documented"),
        may_move=(*RESPONSE, "3.2", "5.5", "6.5", "7.2", "7.3"),
        fixed=("time_to_detect", "time_to_alert", "time_to_acknowledge", "alert_precision", "ownership_accuracy"),
        why="by a CMDB without that edge nothing stands on the store, whatever its loss hurts",
    ),
    PracticeCase(
        practice="8.4",
        scenario="kiosk/bad-night",
        unbroken={
            "organisation.working.fatigue": "{}",
            "organisation.rotations.front-first.layers.0.start": "2026-03-10T00:30:00",
            "organisation.rotations.front-first.layers.0.length": "70m",
        },
        broken={"organisation.rotations.front-first.layers.0.people": "[front-one]"},
        worsens=("pages_per_person", "page_inequality", "interruption_time", "incidents_per_shift"),
        may_worsen=("time_to_restore", "time_to_mitigate", "time_to_find_cause", "user_reports", "time_to_acknowledge"),
        may_move=("1.1", *RESPONSE, "2.5", "3.2"),
        fixed=("alert_precision", "alert_recall", "time_to_alert", "orphan_alerts"),
        why="whoever has every turn has every page, and answers the next one wearier",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)


@shows("8.3", "8.6")
def test_what_drift_finds_between_two_maps_is_what_the_impact_assessment_gets_wrong() -> None:
    """The map of last year beside the estate of today: the edges that differ, and the functions that it would miss."""
    today = load_estate(LIBRARY / "kiosk").topology
    booking = today.components["booking"]
    without_store = booking.model_copy(update={"depends_on": {"search": booking.depends_on["search"]}})
    last_year = today.model_copy(update={"components": {**today.components, "booking": without_store}})
    found = drift(last_year, today)
    assert (found.stale_edges, found.missing_edges) == ((), (("booking", "store"),))
    crash = {
        name: {f.target: set(f.lost) for f in assess(estate, only="crash").faults}
        for name, estate in (("last year", last_year), ("today", today))
    }
    wrong = {target for target, lost in crash["today"].items() if lost != crash["last year"][target]}
    assert wrong == {"store-a"}
    assert (crash["last year"]["store-a"], crash["today"]["store-a"]) == (set(), {"selling", "invoicing"})
    played = blackstart.simulate(LIBRARY / "kiosk" / "outage.yaml")
    assert {e.subject.id for e in played.of_kind("function.disrupted")} == crash["today"]["store-a"]
