"""Alerts from logs and from vendors' status feeds: when they fire, what they say, when they end."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.monitoring.alertmanager import load_config
from simulator.monitoring.side import ModelledMonitoring, MonitoringFiles
from simulator.sides import Delivered
from tests.simulator.estate.building import Rig, service
from tests.simulator.monitoring.test_side import CONFIG, crash
from timeline.instants import MINUTE, SECOND
from topologies.estate import LogRule
from topologies.loading.document import parse_document

LOGS = {"alert": "ProcessDied", "signature": "exited with signal", "delay": "40s", "labels": {"severity": "critical"}}
FEED = {"delay": "12m", "labels": {"severity": "warning"}}
VENDOR = {"title": "Carrier", "provides": "lines", "response": "1h"}


class Sourced(Rig):
    """A database, a line that a vendor runs, and no Prometheus rule at all."""

    def __init__(self, **monitoring: Any) -> None:
        super().__init__(
            hours=3,
            vendors={"carrier": VENDOR},
            components={
                "db": service(labels={"team": "data"}),
                "line": service(kind="external", vendor="carrier"),
                "alertmanager": service(kind="alerting"),
                "loki": service(kind="monitoring"),
            },
            platform={"alertmanager": "alertmanager", "logs": "loki"},
            monitoring={"log_rules": {"died": LOGS}, "vendor_feeds": {"carrier": FEED}, **monitoring},
        )
        self.delivered: list[Delivered] = []
        self.monitoring = ModelledMonitoring(
            self.kernel,
            self.estate.model,
            MonitoringFiles([], load_config(parse_document(CONFIG, "am.yml"))),
            self.board,
            self.estate,
            self.delivered.append,
            until_ms=self.until_ms,
        )
        self.estate._on_change = lambda: self.monitoring.signals_changed(self.kernel.now())
        self.monitoring.start()

    def moments(self, kind: str) -> list[tuple[str, float]]:
        return [(event.subject.id, event.at_ms / MINUTE) for event in self.timeline.of_kind(kind)]


def outage(at: str, duration: str) -> dict[str, str]:
    return {"fault": "vendor-outage", "target": "line", "at": at, "duration": duration}


def test_a_log_rule_fires_after_its_delay_and_ends_with_the_fault() -> None:
    rig = Sourced().play(f=crash("db", "10m", "20m"))
    assert rig.moments("alert.firing") == [("ProcessDied", 10 + 40 / 60)]
    assert rig.moments("alert.resolved") == [("ProcessDied", 30)]
    (fault,) = rig.timeline.of_kind("fault.started")
    assert fault in rig.timeline.ancestors(rig.timeline.of_kind("alert.firing")[0])


def test_what_is_told_carries_the_labels_of_the_component_and_of_the_rule_and_its_source() -> None:
    told = Sourced().play(f=crash("db", "10m", "20m")).delivered[0].alerts[0]
    assert told.labels == {
        "alertname": "ProcessDied",
        "component": "db",
        "severity": "critical",
        "source": "logs",
        "team": "data",
    }
    assert told.annotations["summary"] == "a service logs: process exited with signal"


def test_a_rule_for_another_line_does_not_fire() -> None:
    other = {**LOGS, "signature": "no space left"}
    assert Sourced(log_rules={"full": other}).play(f=crash("db", "10m", "20m")).moments("alert.firing") == []


def test_a_vendor_posts_of_what_it_runs_and_of_nothing_else() -> None:
    rig = Sourced(log_rules={}).play(f=outage("10m", "30m"), g=crash("db", "10m", "30m"))
    assert rig.moments("alert.firing") == [("VendorIncident", 22)]
    assert rig.moments("alert.resolved") == [("VendorIncident", 40)]
    assert rig.delivered[0].alerts[0].labels["vendor"] == "carrier"


def test_trouble_that_is_over_before_it_is_noticed_is_never_told() -> None:
    assert Sourced().play(f=outage("10m", "11m")).moments("alert.firing") == []


def test_logs_are_searched_as_soon_as_their_platform_works_again() -> None:
    rig = Sourced().play(g=crash("loki", "5m", "30m"), f=crash("db", "10m", "1h"))
    assert dict(rig.moments("alert.firing"))["ProcessDied"] == 35


def test_two_faults_that_leave_one_line_are_one_alert_until_both_are_over() -> None:
    rig = Sourced().play(f=crash("db", "10m", "20m"), g=crash("db", "15m", "30m"))
    assert rig.moments("alert.firing") == [("ProcessDied", 10 + 40 / 60)]
    assert rig.moments("alert.resolved") == [("ProcessDied", 45)]


def test_an_alertmanager_that_was_away_is_told_when_it_is_back() -> None:
    rig = Sourced().play(g=crash("alertmanager", "5m", "30m"), f=crash("db", "10m", "2h"))
    told = [d for d in rig.delivered if d.alerts[0].labels.get("component") == "db"]
    (back,) = rig.timeline.of_kind("monitoring.resumed")
    assert back.at_ms < rig.timeline[told[0].event].at_ms <= back.at_ms + 2 * MINUTE + 30 * SECOND


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="not a regular expression"):
        LogRule.model_validate({**LOGS, "signature": "("})
