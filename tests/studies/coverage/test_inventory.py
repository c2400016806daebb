"""What of a rule file can be judged at all."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from blackstart._coverage import coverage_input
from simulator.kernel import Kernel
from simulator.monitoring.rules import AlertingRule, RecordingRule, Rule, RuleGroup
from simulator.monitoring.side import modelled_prometheus
from simulator.randomness import Streams
from simulator.signals import SignalBoard
from studies.coverage.inventory import Inventory, Share, take_inventory
from timeline.journal import Timeline


def inventory(*rules: Rule) -> Inventory:
    """Rules held against the series of the corner lab."""
    subject = coverage_input("corner-lab").subject
    kernel = Kernel(Timeline(), Streams(1), datetime(2026, 3, 3, tzinfo=UTC))
    storage, _ = modelled_prometheus(kernel, subject.estate, replace(subject.files, groups=()), SignalBoard(0))
    return take_inventory(subject.estate, [RuleGroup("f", "g", rules)], storage)


@pytest.mark.parametrize(
    ("query", "assessable"),
    [
        ("up == 0", True),
        ('up{component="web"} == 0', True),
        ('up{component="nowhere"} == 0', False),
        ('http_requests_total{code="404"} > 0', False),
        ("kafka_lag > 0", False),
        ("absent(kafka_lag)", False),
        ('absent(up{component="web"})', True),
        ("up == 0 unless on () kafka_lag", False),
        ("vector(1)", True),
        ("vector(time()) > 0", True),
        ('{__name__=~"pg_.*"} == 0', True),
        ("ALERTS > 0", True),
    ],
)
def test_a_rule_is_assessable_when_every_selector_finds_a_series(query: str, assessable: bool) -> None:
    taken = inventory(AlertingRule("A", query), AlertingRule("Other", "up == 0"))
    assert ("A" in {alert.id for alert in taken.alerts}) is assessable
    assert (not taken.set_aside) is assessable


def test_what_cannot_be_judged_is_passed_on_through_recording_rules() -> None:
    taken = inventory(
        AlertingRule("A", "twice > 1"), RecordingRule("twice", "once * 2"), RecordingRule("once", "kafka_lag")
    )
    assert [(rule.rule, rule.selectors) for rule in taken.set_aside] == [
        ("A", ("kafka_lag",)),
        ("twice", ("kafka_lag",)),
        ("once", ("kafka_lag",)),
    ]


def test_a_recording_rule_with_one_known_writer_is_known() -> None:
    taken = inventory(
        AlertingRule("A", "twice > 1"), RecordingRule("twice", "kafka_lag"), RecordingRule("twice", "sum(up)")
    )
    assert [rule.rule for rule in taken.set_aside] == ["twice"]


def test_shares_of_rules_and_of_label_matchers() -> None:
    taken = inventory(
        AlertingRule("A", 'up{component="web", job!="x", zone="eu"} == 0'),
        AlertingRule("B", 'up{component=~"web|api"} == 0'),
        RecordingRule("r", "sum(up)"),
    )
    assert taken.alerting_rules == Share(of=2, mapped=1)
    assert taken.recording_rules == Share(of=1, mapped=1)
    assert taken.label_matchers == Share(of=4, mapped=3)


def test_a_rule_without_series_is_a_heartbeat() -> None:
    taken = inventory(AlertingRule("Beat", "vector(1)"), AlertingRule("Gone", 'absent(up{component="web"})'))
    assert {alert.id: alert.heartbeat for alert in taken.alerts} == {"Beat": True, "Gone": False}


def test_namesakes_are_told_apart_by_their_labels() -> None:
    slow, slower = (
        AlertingRule("Slow", f"probe_duration_seconds > {bound}", labels={"severity": severity, "team": "shop"})
        for bound, severity in ((1, "ticket"), (2, "page"))
    )
    taken = inventory(slow, slower)
    assert [alert.id for alert in taken.alerts] == ["Slow{severity=page}", "Slow{severity=ticket}"]
    assert taken.alert_of("Slow", {"severity": "page", "team": "shop"}) == "Slow{severity=page}"
