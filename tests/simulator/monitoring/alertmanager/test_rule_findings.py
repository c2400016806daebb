"""Findings over configuration and rules: each planted defect is told, its sound sibling is not."""

from textwrap import dedent, indent

import pytest

from simulator.monitoring.alertmanager import config_findings, rule_findings
from simulator.monitoring.rules import AlertingRule, groups_of
from tests.simulator.monitoring.alertmanager.configs import config
from topologies.loading.document import parse_document

SOUND = """
    receivers:
      - {name: root, webhook_configs: [{url: u}]}
      - {name: db, webhook_configs: [{url: u}]}
      - {name: none}
"""
ROUTES = """
    - {receiver: root, matchers: [alertname="Watchdog"]}
"""
RULES = """
    - {alert: Watchdog, expr: vector(1)}
    - {alert: Down, expr: up == 0, labels: {team: db, severity: page}}
    - {alert: Slow, expr: "avg by (site) (latency) > 1", labels: {severity: warning}}
    - {alert: Odd, expr: up > 1, labels: {severity: "{{ $labels.level }}"}}
"""
SEVERAL = ROUTES + "    - {receiver: db, matchers: [team=db]}\n"


def found(routes: str = SEVERAL, rules: str = "", rest: str = "", root: str = "") -> list[str]:
    text = dedent(SOUND) + dedent(rest) + f"\nroute:\n  receiver: root\n{indent(dedent(root), '  ')}\n  routes:\n"
    written = "groups:\n- name: g\n  rules:\n" + indent(dedent(RULES) + dedent(rules), "  ")
    groups = groups_of([parse_document(written, "rules.yml")])
    alerts = [rule for group in groups for rule in group.rules if isinstance(rule, AlertingRule)]
    return [
        one.id.removeprefix("alertmanager.")
        for one in rule_findings(config(text + indent(dedent(routes), "    ")), alerts)
    ]


def test_a_sound_configuration_has_none() -> None:
    assert found() == []


ROUTE_CASES = [
    # a matcher, whether some alert may reach the route
    ('severity="warning"', True),
    ('severity="disaster"', True),  # Odd takes its severity from the series
    ('alertname="Downe"', False),
    ('alertname=~"Down.*"', True),
    ('alertname="Slow", site="x"', True),
    ('alertname="Slow", instance="x"', False),  # the aggregation keeps only the site
    ('alertname="Slow", instance=""', True),
    ('alertname="Down", severity!="page"', False),
    ('alertname="Down", instance="x"', True),
]


@pytest.mark.parametrize(("matchers", "reached"), ROUTE_CASES)
def test_routes_that_no_alert_rule_leads_to(matchers: str, reached: bool) -> None:
    routes = SEVERAL.replace(
        "    - {receiver: db",
        f"    - {{receiver: none, continue: true, matchers: ['{{{matchers}}}']}}\n    - {{receiver: db",
    )
    assert found(routes) == ([] if reached else ["route.no-alert"])


@pytest.mark.parametrize(("continues", "ids"), [("false", ["route.no-alert"]), ("true", [])])
def test_a_route_behind_one_that_certainly_takes_its_alerts(continues: str, ids: list[str]) -> None:
    before = f"    - {{receiver: root, continue: {continues}, matchers: ['alertname=~\"Do.*\"']}}\n"
    assert found(ROUTES + before + "    - {receiver: db, matchers: [alertname=Down, team=db]}\n") == ids


@pytest.mark.parametrize(
    ("inhibition", "ids"),
    [
        (
            "source_matchers: [alertname=Down], target_matchers: [alertname=Slow], equal: [severity]",
            ["inhibition.no-alert"],
        ),
        ("source_matchers: [alertname=Down], target_matchers: [alertname=Slow], equal: [site]", []),
        ("source_matchers: [alertname=Gone], target_matchers: [alertname=Slow]", ["inhibition.no-alert"]),
        ("source_matchers: [alertname=Down], target_matchers: [alertname=Slow, instance=x]", ["inhibition.no-alert"]),
        ("source_matchers: [severity=disaster], target_matchers: [alertname=Slow]", []),
    ],
)
def test_inhibitions_that_no_alert_rule_gives_rise_to(inhibition: str, ids: list[str]) -> None:
    assert found(rest=f"inhibit_rules: [{{{inhibition}}}]") == ids


def test_an_owner_that_no_route_asks_for_is_told_once() -> None:
    rules = "- {alert: A, expr: up, labels: {team: dbs}}\n- {alert: B, expr: up, labels: {team: dbs}}\n"
    assert found(rules=rules) == ["alert.owner-unrouted"]
    assert found(rules=rules.replace("dbs", "db")) == []


def test_an_urgent_alert_that_tells_nobody() -> None:
    quiet = "    - {receiver: none, matchers: [alertname=A]}\n"
    rules = "- {alert: A, expr: sum(up), labels: {severity: critical}}\n"
    assert found(SEVERAL + quiet, rules) == ["alert.tells-nobody"]
    assert found(SEVERAL + quiet, rules.replace("critical", "info")) == []


@pytest.mark.parametrize(("label", "ids"), [("site", []), ("zone", []), ("team", [])])
def test_grouping_by_a_label_that_some_alert_may_have(label: str, ids: list[str]) -> None:
    assert found(root=f"group_by: [{label}]") == ids


def test_grouping_by_a_label_that_no_alert_has() -> None:
    own = "    - {receiver: db, matchers: [alertname=Slow], group_by: [instance, site]}\n"
    assert found(SEVERAL + own) == ["group-by.no-label"]


def test_no_alert_that_always_fires() -> None:
    text = (
        dedent(SOUND)
        + "\nroute: {receiver: root, routes: [{receiver: db, matchers: ['alertname=~\"Watchdog|Down\"']}]}"
    )
    rule = AlertingRule("Down", "up == 0")
    assert [one.id for one in rule_findings(config(text), [rule])] == ["alertmanager.dead-mans-switch.no-rule"]
    assert rule_findings(config(text), [rule, AlertingRule("Watchdog", "vector(1)")]) == []


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("routes: [{receiver: a, matchers: [x=y], mute_time_intervals: [all]}]", "route.always-muted"),
        ("routes: [{receiver: a, matchers: [x=y], mute_time_intervals: [days]}]", ""),
        ("group_interval: 5m, repeat_interval: 12m", "interval.repeat-between-flushes"),
        ("group_interval: 5m, repeat_interval: 15m", ""),
    ],
)
def test_weak_spots_of_intervals(text: str, id: str) -> None:
    whole = f"""
        route: {{receiver: a, {text}}}
        receivers: [{{name: a}}]
        time_intervals:
          - {{name: all, time_intervals: [{{weekdays: ['sunday:saturday']}}]}}
          - {{name: days, time_intervals: [{{weekdays: ['monday:friday']}}]}}
    """
    ids = {one.id.removeprefix("alertmanager.") for one in config_findings(config(whole))}
    assert ids - {"time-interval.unused", "dead-mans-switch.none"} == ({id} if id else set())


def test_an_inhibition_that_silences_everything() -> None:
    whole = "route: {receiver: a}\nreceivers: [{name: a}]\ninhibit_rules: [{source_matchers: [x=y]}]"
    assert "alertmanager.inhibition.everything" in {one.id for one in config_findings(config(whole))}
