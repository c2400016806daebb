"""One storm under two configurations."""

import json

from simulator.monitoring.alertmanager import load_storm
from simulator.monitoring.alertmanager.comparing import Outcome, differences, outcome
from tests.simulator.monitoring.alertmanager.configs import EPOCH, config
from topologies.loading.document import parse_document

QUICK = "route: {receiver: a, group_by: [alertname], group_wait: %s}\nreceivers: [{name: a}, {name: b}]\n"
INHIBITED = QUICK + "inhibit_rules: [{source_matchers: [alertname=Dark], target_matchers: [alertname=Slow]}]"
ALERTS = [
    {"at": 0, "labels": {"alertname": "Dark", "empty": ""}},
    {"at": 60, "labels": {"alertname": "Slow"}},
    {"at": 61, "ends_at": 62, "labels": {"alertname": "Slow"}},
    {"at": 7200, "labels": {"alertname": "Late"}},
]


def played(text: str, until_ms: int = 600_000) -> Outcome:
    storm = load_storm(parse_document(json.dumps({"alerts": ALERTS}), "storm.yml"))
    return outcome("one", config(text), storm, until_ms, EPOCH)


def test_alerts_are_told_apart_by_their_labels_and_counted_until_the_end() -> None:
    found = played(QUICK % "10s")
    assert [(alert.labels["alertname"], alert.posted_ms, dict(alert.told_ms)) for alert in found.alerts] == [
        ("Dark", 0, {"a": 10_000}),
        ("Slow", 60_000, {}),
    ]
    assert found.counts() == {"a": 1}


def test_what_is_held_back_says_why() -> None:
    kept = [alert for alert in ALERTS if "ends_at" not in alert]
    storm = load_storm(parse_document(json.dumps({"alerts": kept}), "storm.yml"))
    found = outcome("one", config(INHIBITED % "10s"), storm, 600_000, EPOCH)
    assert [held.kind for held in found.alerts[1].held_back] == ["inhibition"]
    assert found.alerts[1].first_ms is None


def test_delays_are_compared_alert_by_alert() -> None:
    before, after = played(QUICK % "0s"), played(QUICK % "2m")
    assert [one.later_ms for one in differences(before, after)] == [120_000, None]
    assert [one.matters for one in differences(before, before)] == [False, False]
    assert [one.later_ms for one in differences(after, before)] == [-120_000, None]
