"""Module 3: what is seen, by whom first, and at whose door it lands."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

AFTER_DETECTION = ("1.2", "1.3", "2.2", "2.3", "2.4", "2.5", "3.4", "3.5", "4.1", "4.4", "5.1", "5.2", "8.4")
"""What may look different for whoever is called later, or as another incident."""

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
        may_move=(*AFTER_DETECTION, "7.3", "alert_precision"),
        fixed=("alert_recall", "recovery_point_achieved", "data_loss"),
        why="alerts that wait for twelve minutes come ten minutes later, and all that follows from them",
    ),
    PracticeCase(
        practice="3.1",
        scenario="kiosk/outage",
        broken={"alerts.BusyInstance.expr": "node_load1 > 0.33", "alerts.BusyInstance.for": "0s"},
        worsens=("alert_precision", "correlation_purity", "pages_per_person", "page_inequality"),
        may_move=(*AFTER_DETECTION, "3.2", "6.1", "6.5", "7.2", "7.3", "time_to_detect", "time_to_alert"),
        fixed=("alert_recall", "recovery_point_achieved"),
        why="a threshold within the usual noise fires of nothing, and people are called for it",
    ),
    PracticeCase(
        practice="3.2",
        scenario="kiosk/bad-release",
        broken={"estate.components.kiosk.telemetry": "[]"},
        worsens=("detected_before_users", "time_to_detect", "time_to_acknowledge", "time_to_restore", "user_reports"),
        may_worsen=("recovery_time_achieved", "rto_met", "financial_loss", "alert_recall", "time_to_find_cause"),
        may_move=(*AFTER_DETECTION, "3.1", "3.2", "6.5"),
        fixed=("recovery_point_achieved", "unapproved_changes"),
        why="without a synthetic user nothing is down, so that users are the first to notice",
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
        may_move=(*AFTER_DETECTION, "3.2", "6.1", "6.5", "7.2", "7.3"),
        fixed=("alert_precision", "alert_recall", "time_to_detect", "time_to_alert", "orphan_alerts"),
        why="signs of one cause that are not put together make an incident each",
    ),
    PracticeCase(
        practice="3.5",
        scenario="kiosk/outage",
        broken={"estate.components.store-a.labels.team": "front"},
        worsens=("ownership_accuracy",),
        may_move=(*AFTER_DETECTION, "3.2", "6.1", "6.5", "7.2", "7.3"),
        fixed=("alert_precision", "alert_recall", "time_to_detect", "time_to_alert", "orphan_alerts"),
        why="a label that names another team than the owner sends the page to that team",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.practice}-{next(iter(case.broken))}")
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
