"""AlertmanagerConfig resources: what prometheus-operator is documented and tested to make of them.

Each case states resources and the native configuration that the operator generates for them, as its own golden files
have it: routes in front with `continue: true`, narrowed to the namespace, names with a prefix.
"""

from pathlib import Path
from textwrap import dedent

import pytest

from simulator.monitoring.alertmanager import AlertmanagerConfig, load_resources
from tests.simulator.monitoring.alertmanager.configs import config
from timeline.findings import InputError
from topologies.loading.document import parse_documents

BASE = """
route: {receiver: root, routes: [{receiver: watchdog, matchers: [alertname=Watchdog]}]}
receivers: [{name: root, webhook_configs: [{url: u}]}, {name: watchdog}]
---
"""
RESOURCE = """
apiVersion: monitoring.coreos.com/%s
kind: AlertmanagerConfig
metadata: {name: %s, namespace: %s}
spec:
"""
ALERTMANAGER = """
---
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {name: main, namespace: monitoring}
spec: {alertmanagerConfigMatcherStrategy: {type: %s}}
"""


def resource(spec: str, name: str = "pay", namespace: str = "shop", version: str = "v1beta1") -> str:
    lines = "".join(f"  {line}\n" for line in dedent(spec).strip().splitlines())
    return RESOURCE % (version, name, namespace) + lines


def read(text: str) -> AlertmanagerConfig:
    return load_resources(parse_documents(text, "resources.yml"))


def told(configuration: AlertmanagerConfig) -> tuple[object, ...]:
    """What two configurations that do the same have in common."""
    return (
        [
            (
                route.receiver,
                route.key,
                route.continues,
                route.group_by,
                (route.group_wait_ms, route.group_interval_ms, route.repeat_interval_ms),
                route.mute_time_intervals,
                route.active_time_intervals,
            )
            for route in configuration.route.walk()
        ],
        {
            name: [(one.name, one.send_resolved, one.max_alerts, one.settings) for one in receiver.integrations]
            for name, receiver in configuration.receivers.items()
        },
        [(rule.source_matchers, rule.target_matchers, rule.equal) for rule in configuration.inhibit_rules],
        configuration.time_intervals,
    )


ROUTE = "route: {receiver: team, groupBy: [job]}\nreceivers: [{name: team, webhookConfigs: [{url: v}]}]"


def test_routes_of_several_resources_come_first_in_the_order_of_their_names() -> None:
    text = BASE + "---".join(
        [resource(ROUTE, "b", "shop"), resource(ROUTE, "a", "shop"), resource(ROUTE, "a", "bank", "v1alpha1")]
    )
    expected = """
        route:
          receiver: root
          routes:
            - {receiver: bank/a/team, group_by: [job], continue: true, matchers: [namespace="bank"]}
            - {receiver: shop/a/team, group_by: [job], continue: true, matchers: [namespace="shop"]}
            - {receiver: shop/b/team, group_by: [job], continue: true, matchers: [namespace="shop"]}
            - {receiver: watchdog, matchers: [alertname=Watchdog]}
        receivers:
          - {name: root, webhook_configs: [{url: u}]}
          - {name: watchdog}
          - {name: bank/a/team, webhook_configs: [{url: v}]}
          - {name: shop/a/team, webhook_configs: [{url: v}]}
          - {name: shop/b/team, webhook_configs: [{url: v}]}
    """
    assert told(read(text)) == told(config(expected))


def test_everything_of_a_resource() -> None:
    text = BASE + resource(
        """
        route:
          receiver: team
          groupWait: 10s
          groupInterval: 0s
          repeatInterval: 1h
          matchers: [{name: severity, value: 'a "b"', matchType: '!='}]
          muteTimeIntervals: [nights]
          routes:
            - receiver: boss
              matchers: [{name: job, value: 'x|y', matchType: '=~'}, {name: tier, value: front}]
              activeTimeIntervals: [nights]
              continue: true
        receivers:
          - name: team
            pagerdutyConfigs:
              - {routingKey: {name: s, key: k}, clientURL: 'http://c', details: [{key: runbook, value: r}]}
          - name: boss
            slackConfigs: [{channel: '#c', titleLink: t, sendResolved: true, callbackId: i}]
            emailConfigs: [{to: x@example.org, requireTLS: false, headers: [{key: Subject, value: s}]}]
        inhibitRules:
          - sourceMatch: [{name: a, value: b, matchType: '='}]
            targetMatch: [{name: c, value: d, matchType: '!~'}]
            equal: [node]
        timeIntervals:
          - name: nights
            timeIntervals:
              - times: [{startTime: '22:00', endTime: '24:00'}]
                weekdays: ['Monday:Friday']
                daysOfMonth: [{start: -3, end: -1}]
                months: ['january:3']
                years: ['2026:2027']
        """
    )
    expected = r"""
        route:
          receiver: root
          routes:
            - receiver: shop/pay/team
              group_wait: 10s
              repeat_interval: 1h
              matchers: ['severity!="a \"b\""', namespace="shop"]
              continue: true
              mute_time_intervals: [shop/pay/nights]
              routes:
                - receiver: shop/pay/boss
                  matchers: ['job=~"x|y"', 'tier="front"']
                  active_time_intervals: [shop/pay/nights]
                  continue: true
            - {receiver: watchdog, matchers: [alertname=Watchdog]}
        receivers:
          - {name: root, webhook_configs: [{url: u}]}
          - {name: watchdog}
          - name: shop/pay/team
            pagerduty_configs: [{routing_key: {name: s, key: k}, client_url: 'http://c', details: {runbook: r}}]
          - name: shop/pay/boss
            slack_configs: [{channel: '#c', title_link: t, send_resolved: true, callback_id: i}]
            email_configs: [{to: x@example.org, require_tls: false, headers: {Subject: s}}]
        inhibit_rules:
          - {source_matchers: [a="b", namespace="shop"], target_matchers: [c!~"d", namespace="shop"], equal: [node]}
        mute_time_intervals:
          - name: shop/pay/nights
            time_intervals:
              - times: [{start_time: '22:00', end_time: '24:00'}]
                weekdays: ['monday:friday']
                days_of_month: ['-3:-1']
                months: ['january:march']
                years: ['2026:2027']
    """
    assert told(read(text)) == told(config(expected))


@pytest.mark.parametrize(
    ("strategy", "namespace", "narrowed"),
    [
        ("OnNamespace", "shop", True),
        ("OnNamespace", "monitoring", True),
        ("OnNamespaceExceptForAlertmanagerNamespace", "shop", True),
        ("OnNamespaceExceptForAlertmanagerNamespace", "monitoring", False),
        ("None", "shop", False),
    ],
)
def test_the_matcher_strategy(strategy: str, namespace: str, narrowed: bool) -> None:
    inhibition = "\ninhibitRules: [{sourceMatch: [{name: a, value: b}], targetMatch: [{name: a, value: c}]}]"
    found = read(BASE + resource(ROUTE + inhibition, namespace=namespace) + ALERTMANAGER % strategy)
    assert found.route.routes[0].continues
    sides = (
        found.route.routes[0].matchers,
        found.inhibit_rules[0].source_matchers,
        found.inhibit_rules[0].target_matchers,
    )
    assert [any(matcher.name == "namespace" for matcher in side) for side in sides] == [narrowed] * 3


def test_the_older_regex_flag_and_a_matcher_for_the_namespace_that_is_there_already() -> None:
    text = """
        inhibitRules:
          - sourceMatch: [{name: a, value: 'b.*', regex: true}, {name: namespace, value: shop}]
            targetMatch: [{name: c, value: d, regex: false}]
    """
    (rule,) = read(BASE + resource(text, version="v1alpha1")).inhibit_rules
    assert [str(m) for m in rule.source_matchers] == ['a=~"b.*"', 'namespace="shop"']
    assert [str(m) for m in rule.target_matchers] == ['c="d"', 'namespace="shop"']


def test_without_a_base_what_nobody_takes_goes_to_null() -> None:
    found = read(resource(ROUTE))
    assert found.receivers_for({"namespace": "shop"}) == ["shop/pay/team"]
    assert found.receivers_for({"namespace": "bank"}) == ["null"]
    assert found.receivers["null"].integrations == ()


def test_a_list_of_resources() -> None:
    items = "".join("- " + resource(ROUTE, name).strip().replace("\n", "\n  ") + "\n" for name in ("a", "b"))
    found = read("apiVersion: v1\nkind: List\nitems:\n" + items)
    assert [route.receiver for route in found.route.routes] == ["shop/a/team", "shop/b/team"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            resource("route: {receiver: team, routes: [{receiver: bos}]}\nreceivers: [{name: team}, {name: boss}]"),
            6,
            "bos",
        ),
        (resource(ROUTE.replace("groupBy", "groupBi")), 6, "groupBi"),
        (resource(ROUTE.replace("url: v", "urll: v")), 7, "urll"),
        (resource(ROUTE).replace("v1beta1", "v1"), 2, "v1beta1"),
        (resource(ROUTE).replace("kind: AlertmanagerConfig", "kind: AlertManagerConfig"), 3, "AlertmanagerConfig"),
        (
            resource("route: {receiver: a, matchers: [{name: x, value: '(', matchType: =~}]}\nreceivers: [{name: a}]"),
            6,
            "(",
        ),
        (BASE + BASE.removesuffix("---\n"), 6, "second"),
        (resource(ROUTE) + "---" + resource(ROUTE), 11, "twice"),
        (resource(ROUTE) + ALERTMANAGER % "OnNamespaces", 13, "OnNamespace"),
    ],
)
def test_mistakes_are_told_where_they_are_written(text: str, line: int, words: str) -> None:
    with pytest.raises(InputError) as raised:
        read(text)
    told = raised.value.findings[0]
    assert told.place.line == line, told
    assert words in f"{told.message} {told.hint}"


def test_files_are_read_together(tmp_path: Path) -> None:
    from simulator.monitoring.alertmanager import read_config

    (tmp_path / "base.yml").write_text(BASE.removesuffix("---\n"))
    (tmp_path / "pay.yml").write_text(resource(ROUTE))
    found = read_config([tmp_path / "pay.yml", tmp_path / "base.yml"])
    assert found.receivers_for({"namespace": "shop"}) == ["shop/pay/team"]
    assert found.receivers_for({"alertname": "Watchdog", "namespace": "shop"}) == ["shop/pay/team", "watchdog"]
