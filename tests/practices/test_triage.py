"""Practices 8.1 and 8.2, played on a depot where what is wrong lies three steps below the alert; and 6.4 over a
history, which no exercise can show."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from scenarios.history.classification import Classifier
from scenarios.history.classifying import Outcome, classified, examples
from scenarios.history.failure_modes import Kind, Taxonomy, load_taxonomy
from scenarios.history.record import IncidentRecord
from scenarios.triage.classifier import TriageClassifier
from scenarios.triage.labels import Label, read_labels
from tests.practices.harness import LIBRARY, PracticeCase, assert_holds, shows

SEEN = ("time_to_alert", "alert_precision", "alert_recall")
"""What the monitoring does, whoever makes what of it."""
DOWNSTREAM = (
    "pages_per_person",
    "incidents_per_shift",
    "sleep_hour_pages",
    "interruption_time",
    "page_inequality",
    "pages_per_incident",
    "pages_answered",
    "first_assignment_accuracy",
    "reopened_incidents",
    "dependencies_documented",
)
"""Who is called for what, how often, and what they come to look at."""
ONE_TICKET_TOOL = {"organisation.event_management.correlation.sources": "[metrics]"}

CASES = (
    PracticeCase(
        practice="8.1",
        scenario="depot/no-connections",
        unbroken=ONE_TICKET_TOOL,
        broken={"organisation.triage_bot": "null"},
        worsens=("initial_response_time", "time_to_find_cause", "time_to_correct_cause", "time_to_restore"),
        may_worsen=("time_to_detect", "time_to_acknowledge", "time_to_mitigate", "recovery_time_achieved"),
        may_move=("1.1", "3.3", "4.2", *DOWNSTREAM, "triage_accuracy", "triage_abstentions"),
        fixed=SEEN,
        why="without the bot nobody makes sense of an incident before its triage, and the search begins at the alert",
    ),
    PracticeCase(
        practice="8.1",
        scenario="depot/no-connections",
        unbroken=ONE_TICKET_TOOL,
        broken={"organisation.triage_bot.tickets": "[misfiled.yaml]"},
        worsens=("triage_accuracy", "time_to_correct_cause", "time_to_restore"),
        may_worsen=("time_to_find_cause", "time_to_mitigate", "recovery_time_achieved", "rto_met"),
        may_move=("1.1", "3.3", "4.2", *DOWNSTREAM, "time_to_acknowledge"),
        fixed=(*SEEN, "initial_response_time", "triage_abstentions"),
        why="a bot that learnt from tickets put down to the wrong cause is as quick, and sends people the wrong way",
    ),
    PracticeCase(
        practice="8.2",
        scenario="depot/no-connections",
        unbroken={"organisation.triage_bot": "null"},
        broken=ONE_TICKET_TOOL,
        worsens=("time_to_correct_cause", "correlation_completeness", "time_to_restore"),
        may_worsen=("time_to_find_cause", "time_to_mitigate", "recovery_time_achieved", "initial_response_time"),
        may_move=(
            "1.1",
            "2.2",
            "3.3",
            "4.2",
            "5.1",
            *DOWNSTREAM,
            "3.5",
            "correlation_purity",
            "alert_compression",
            "duplicates_suppressed",
            "tickets_per_fault",
            "time_to_detect",
            "time_to_acknowledge",
            "time_to_declare",
            "escalations_exhausted",
            "rto_met",
        ),
        fixed=SEEN,
        why="what the log says waits in an incident of its own while others search from the alert downwards",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)


def _history() -> tuple[list[IncidentRecord], dict[str, Label]]:
    """Closed incidents of the depot, with the modes that somebody gave them."""
    opened = datetime(2026, 3, 1, tzinfo=UTC)
    with (LIBRARY / "closed-incidents.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    records = [
        IncidentRecord(id=row["id"], title=row["title"], opened_at=opened, source="csv", source_line=n)
        for n, row in enumerate(rows, 2)
    ]
    return records, read_labels(LIBRARY / "closed-incidents.csv", load_taxonomy())


def _outcome(taxonomy: Taxonomy, corrections: dict[str, Label]) -> Outcome:
    """Every incident classified, each without its own correction, and held against its label."""
    records, labels = _history()
    outcome = Outcome()
    classifier = TriageClassifier(Classifier(taxonomy), examples(records, corrections))
    for _ in classified(records, classifier, {}, outcome, labels):
        pass
    return outcome


@shows("6.4")
def test_incidents_classified_by_failure_mode() -> None:
    """Whole: the shipped rules, and the review that somebody corrected.  Broken: nobody corrects; then rules are lost
    as well.  Each time fewer incidents have a mode, and fewer the one that a reader gave them."""
    shipped, labels = load_taxonomy(), _history()[1]
    symptoms = {id: rule for id, rule in shipped.rules.items() if shipped.modes[rule.mode].kind is Kind.SYMPTOM}
    outcomes = [
        _outcome(shipped, labels),
        _outcome(shipped, {}),
        _outcome(shipped.model_copy(update={"rules": symptoms}), {}),
    ]
    right = [outcome.measured.right for outcome in outcomes]
    shares = [outcome.classified_ratio or 0.0 for outcome in outcomes]
    assert right[0] > right[1] > right[2]
    assert shares[0] > shares[1] > shares[2]
    assert right[0] >= 27


def test_the_pareto_of_modes_is_that_of_the_labels() -> None:
    _, labels = _history()
    found = _outcome(load_taxonomy(), labels).modes
    assert found.most_common(1) == [("hardware", 6)]
    assert found.total() == len(labels)
