"""Module 3: what is seen, by whom first, and at whose door it lands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from blackstart._coverage import coverage_input
from studies.coverage import Question, study
from tests.practices.harness import LIBRARY, RESPONSE, PracticeCase, assert_holds, shows
from timeline.instants import HOUR, MINUTE

AFTER_SEARCH = (
    "1.1",
    "1.2",
    "1.3",
    "2.2",
    "2.3",
    "2.4",
    "3.2",
    "3.4",
    "4.1",
    "4.2",
    "4.4",
    "5.1",
    "5.2",
    "6.5",
    "6.6",
    "7.2",
    "7.3",
    "8.1",
    "8.2",
    "8.3",
    "8.4",
)
"""What may look different for whoever finds the cause later."""

CASES = (
    PracticeCase(
        practice="3.1",
        scenario="kiosk/outage",
        broken={f"alerts.{alert}.for": "12m" for alert in ("NoTickets", "InstanceDown")},
        worsens=(
            "time_to_alert",
            "time_to_detect",
            "time_to_acknowledge",
            "time_to_find_cause",
            "time_to_declare",
            "time_to_mitigate",
            "time_to_restore",
        ),
        may_worsen=("financial_loss", "user_reports", "detected_before_users", "detection_lead", "rto_met"),
        may_move=("1.1", *RESPONSE, "2.5", "7.3", "alert_precision"),
        fixed=("alert_recall", "recovery_point_achieved", "data_loss"),
        why="alerts that wait for twelve minutes come ten minutes later, and all that follows from them",
    ),
    PracticeCase(
        practice="3.1",
        scenario="kiosk/outage",
        broken={"alerts.BusyInstance.expr": "node_load1 > 0.33", "alerts.BusyInstance.for": "0s"},
        worsens=("alert_precision", "correlation_purity", "pages_per_person", "page_inequality"),
        may_move=("1.1", *RESPONSE, "2.5", "3.2", "6.1", "6.5", "7.2", "7.3", "time_to_detect", "time_to_alert"),
        fixed=("alert_recall", "recovery_point_achieved"),
        why="a threshold within the usual noise fires of nothing, and people are called for it",
    ),
    PracticeCase(
        practice="3.2",
        scenario="kiosk/bad-release",
        broken={"estate.components.kiosk.telemetry": "[]"},
        worsens=("detected_before_users", "time_to_detect", "time_to_acknowledge", "time_to_restore", "user_reports"),
        may_worsen=("recovery_time_achieved", "rto_met", "financial_loss", "alert_recall", "time_to_find_cause"),
        may_move=("1.1", *RESPONSE, "2.5", "3.1", "3.2", "6.5"),
        fixed=("recovery_point_achieved", "unapproved_changes"),
        why="without a synthetic user nothing is down, so that users are the first to notice",
    ),
    PracticeCase(
        practice="3.3",
        scenario="kiosk/outage",
        unbroken={
            "alerts.InstanceDown.for": "10h",
            "estate.components.logs": "{title: Log platform, kind: monitoring, site: pier, owner: back}",
            "estate.platform.logs": "logs",
            "organisation.log_aggregation": "{takes: 30s, completeness: 0.95, noise: 0.05}",
        },
        broken={"organisation.log_aggregation": "null"},
        worsens=("tickets_enriched", "diagnosis_time", "time_to_find_cause"),
        may_worsen=("financial_loss", "user_reports", "rto_met", "time_to_mitigate", "time_to_restore"),
        may_move=AFTER_SEARCH,
        fixed=("time_to_alert", "time_to_detect", "time_to_acknowledge", "alert_precision", "alert_recall"),
        why="whoever has no log lines on the ticket follows the trail from the machines down to the store",
    ),
    PracticeCase(
        practice="3.3",
        scenario="kiosk/outage",
        unbroken={
            "alerts.InstanceDown.for": "10h",
            "estate.components.logs": "{title: Log platform, kind: monitoring, site: pier, owner: back}",
            "estate.platform.logs": "logs",
            "organisation.log_aggregation": "{takes: 30s, completeness: 0.95, noise: 0.05}",
        },
        broken={"estate.platform.logs": "null"},
        worsens=("tickets_enriched", "diagnosis_time"),
        may_worsen=("financial_loss", "user_reports", "rto_met", "time_to_find_cause", "time_to_mitigate"),
        may_move=AFTER_SEARCH,
        fixed=("time_to_alert", "time_to_detect", "time_to_acknowledge", "alert_precision", "alert_recall"),
        why="enrichment stands on the log platform: without it no line comes",
    ),
    PracticeCase(
        practice="3.4",
        scenario="kiosk/outage",
        unbroken={
            "organisation.event_management.correlation": "{window: 30m, hops: 3}",
            "organisation.severities.0.major": "false",
        },
        broken={"organisation.event_management.correlation": "{window: 1s, hops: 0}"},
        worsens=("alert_compression", "correlation_completeness", "tickets_per_fault", "duplicates_suppressed"),
        may_move=("1.1", *RESPONSE, "2.5", "3.2", "6.1", "6.5", "7.2", "7.3"),
        fixed=("alert_precision", "alert_recall", "time_to_detect", "time_to_alert", "orphan_alerts"),
        why="signs of one cause that are not put together make an incident each",
    ),
    PracticeCase(
        practice="3.5",
        scenario="kiosk/outage",
        broken={"estate.components.store-a.labels.team": "front"},
        worsens=("ownership_accuracy",),
        may_move=("1.1", *RESPONSE, "2.5", "3.2", "6.1", "6.5", "7.2", "7.3"),
        fixed=("alert_precision", "alert_recall", "time_to_detect", "time_to_alert", "orphan_alerts"),
        why="a label that names another team than the owner sends the page to that team",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.practice}-{next(iter(case.broken))}")
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)


# 3.6: alerts are proven by controlled failure.  A difference is planted on one side only: exactly those cells of the
# matrix and those expectations must be flagged, and nothing else.

QUESTION = Question(
    datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/Vienna")),
    lasts_ms=30 * MINUTE,
    quiet_ms=HOUR,
    draws=1,
    kinds=("crash", "corruption"),
)
WELL = {"machines": "met", "search": "met", "bookings": "met", "store": "met", "tickets": "met"}


@dataclass(frozen=True)
class Proven:
    """Verdicts by expectation, and the cells of the matrix: case and alert, with when and to whom it was told."""

    verdicts: dict[str, str]
    cells: dict[tuple[str, str], object]

    def differ_in(self, other: Proven) -> set[tuple[str, str]]:
        return {key for key in {*self.cells, *other.cells} if self.cells.get(key) != other.cells.get(key)}


@cache
def proven(*settings: str) -> Proven:
    found = study(coverage_input(LIBRARY / "kiosk", settings=settings).subject, QUESTION, jobs=1)
    return Proven(
        {judged.expectation: judged.verdict.value for judged in found.judgements},
        {
            (row.case.id, cell.alert.rpartition("/")[2]): (cell.fired, cell.told)
            for row in found.rows
            for cell in row.cells
        },
    )


@shows("3.6")
@pytest.mark.parametrize(
    ("planted", "verdicts", "touches"),
    [
        ("alerts.NoTickets.for=10m", {"machines": "late"}, lambda _, alert: "NoTickets" in alert),
        ("alerts.WrongTickets.expr=ticket_mismatches > 5", {"tickets": "missed"}, lambda _, a: "WrongTickets" in a),
        (
            "estate.components.search.labels.team=back",
            {"search": "wrong team"},
            lambda case, _: "search" in case,
        ),
        (
            "alerts.alertmanager.route.routes.0.matchers=['team=\"frnt\"']",
            {"machines": "wrong team", "search": "wrong team"},
            lambda case, alert: "NoTickets" in alert or case in ("crash@kiosk", "crash@search"),
        ),
    ],
    ids=["a longer for", "a threshold out of reach", "a wrong label", "a dead route"],
)
def test_a_planted_difference_is_flagged_in_its_cells_and_nowhere_else(
    planted: str, verdicts: dict[str, str], touches: Callable[[str, str], bool]
) -> None:
    well, other = proven(), proven(planted)
    assert well.verdicts == WELL
    assert other.verdicts == WELL | verdicts
    flagged = well.differ_in(other)
    assert flagged == {key for key in {*well.cells, *other.cells} if touches(*key)}
