"""A drill before it is real: what each rule would send, whom that reaches, and what must not be muted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from injectors.monitoring.alertmanager import LiveAlert, LiveMatcher, LiveSilence
from injectors.monitoring.prometheus import LoadedRule
from simulator.monitoring.alertmanager import load_config
from studies.drill.alarms import Alarm, alarms, unconditional
from studies.drill.document import document, junit_xml
from studies.drill.drilling import Arrival, rehearse_safely
from studies.drill.rehearsal import Surroundings, rehearse
from timeline.findings import SafetyRefused
from topologies.loading.document import parse_document

CONFIG = """
route:
  receiver: mail
  group_by: [component]
  group_wait: 5s
  group_interval: 20s
  routes:
    - matchers: ['severity="critical"']
      receiver: pager
    - matchers: ['alertname="Dropped"']
      receiver: nobody
receivers:
  - {name: mail, webhook_configs: [{url: "http://127.0.0.1:1/mail"}]}
  - {name: pager, webhook_configs: [{url: "http://127.0.0.1:1/pager"}]}
  - {name: nobody}
inhibit_rules:
  - source_matchers: ['severity="critical"']
    target_matchers: ['severity="warning"']
    equal: [component]
"""
NOW_MS = 1_780_000_000_000
LASTS_MS = 40_000


def around(alerts: Sequence[LiveAlert] = (), silences: Sequence[LiveSilence] = ()) -> Surroundings:
    return Surroundings(load_config(parse_document(CONFIG, "config")), tuple(alerts), tuple(silences), NOW_MS)


def live(ago_ms: int = 60_000, inhibited_by: tuple[str, ...] = (), **labels: str) -> LiveAlert:
    return LiveAlert("f" + labels["alertname"], labels, NOW_MS - ago_ms, inhibited_by)


def rule(name: str, expression: str = "up == 0", **labels: str) -> LoadedRule:
    return LoadedRule(name, expression, 10.0, labels)


def made(*rules: LoadedRule, series: Sequence[Mapping[str, str]] = ({"component": "db"},)) -> list[Alarm]:
    return alarms(rules, lambda _: series, {"cluster": "lab"})


DOWN, SLOW = rule("Down", severity="critical"), rule("Slow", severity="warning")


@pytest.mark.parametrize(
    ("expression", "bare"),
    [
        ("up == 0", "up"),
        ("0.05 < sum by (a) (rate(x[5m]))", "sum by (a) (rate(x[5m]))"),
        ("a > 1 and on (x) b == 0", "a"),
        ("a > bool 1", "a > bool 1"),
        ("absent(up)", "absent(up)"),
    ],
)
def test_the_series_of_a_rule_are_those_without_its_condition(expression: str, bare: str) -> None:
    assert unconditional(expression) == bare


def test_an_alarm_has_the_labels_of_a_series_of_its_rule_of_prometheus_and_the_mark() -> None:
    (alarm,) = made(DOWN, series=[{"component": "web", "__name__": "up"}, {"component": "db", "__name__": "up"}])
    assert alarm.labels == {
        "cluster": "lab", "component": "db", "severity": "critical", "alertname": "Down", "exercise": "true",
    }  # fmt: skip
    assert "Nothing is wrong" in alarm.annotations["summary"]
    assert alarm.of_a_series


def test_a_rule_without_series_is_drilled_with_its_own_labels_and_templates_are_left_out() -> None:
    first, second = made(rule("A", team="{{ $labels.team }}", severity="critical"), rule("A"), series=[])
    assert not first.of_a_series
    assert first.left_out == ("team",)
    assert "team" not in first.labels
    assert (first.id, second.id) == ("A", "A#2")


def test_a_rule_beyond_our_promql_is_asked_as_it_is() -> None:
    answers = {"what is {{ this": [{"component": "db"}]}
    (alarm,) = alarms([rule("Strange", "what is {{ this")], answers.__getitem__, {})
    assert alarm.labels == {"alertname": "Strange", "component": "db", "exercise": "true"}


def test_alarms_that_would_mute_each_other_go_in_different_waves_and_all_arrive() -> None:
    found = rehearse(made(DOWN, SLOW), around(), LASTS_MS)
    assert [[alarm.rule for alarm in wave] for wave in found.waves] == [["Down"], ["Slow"]]
    assert [one.told_ms for one in found.foretold] == [{"pager": 5_000}, {"mail": 5_000}]
    assert found.mutings == ()
    assert found.notifications == 4, "each begins and ends"


def test_a_drill_that_would_mute_a_live_alert_is_refused_and_one_beside_it_is_not() -> None:
    real = live(alertname="DiskSlow", severity="warning", component="db")
    with pytest.raises(SafetyRefused, match="alarm Down would mute the live alert DiskSlow"):
        rehearse_safely(made(DOWN), around([real]), LASTS_MS, 50)
    elsewhere = live(alertname="DiskSlow", severity="warning", component="web")
    rehearse_safely(made(DOWN), around([elsewhere]), LASTS_MS, 50)
    muted = live(alertname="DiskSlow", severity="warning", component="db", inhibited_by=("fReal",))
    rehearse_safely(made(DOWN), around([muted]), LASTS_MS, 50)


def test_a_drill_beyond_its_budget_or_beside_another_is_refused() -> None:
    with pytest.raises(SafetyRefused, match="2 notifications; the budget allows 1"):
        rehearse_safely(made(DOWN), around(), LASTS_MS, 1)
    with pytest.raises(SafetyRefused, match="another drill"):
        rehearse_safely(made(DOWN), around([live(alertname="X", exercise="true")]), LASTS_MS, 50)


def test_what_holds_an_alarm_back_is_said() -> None:
    silence = LiveSilence((LiveMatcher("component", "d.*", is_regexp=True, is_equal=True),), NOW_MS + 3_600_000)
    (one,) = rehearse(made(SLOW), around(silences=[silence]), LASTS_MS).foretold
    assert one.told_ms == {}
    assert one.held_back.startswith("held back by silence")
    real = live(alertname="Real", severity="critical", component="db")
    (one,) = rehearse(made(SLOW), around([real]), LASTS_MS).foretold
    assert one.held_back.startswith("held back by inhibition")
    (one,) = rehearse(made(rule("Dropped")), around(), LASTS_MS).foretold
    assert one.held_back.startswith("its receiver notifies nobody")


def test_an_alarm_that_arrives_nowhere_fails_whatever_was_foretold() -> None:
    rehearsal = rehearse(made(DOWN, rule("Dropped")), around(), LASTS_MS)
    down, dropped = rehearsal.foretold
    arrivals = [Arrival(down, {"pager": 5_100}), Arrival(down, {"mail": 5_100}), Arrival(dropped, {})]
    assert [one.arrived for one in arrivals] == [True, False, False]
    assert arrivals[1].verdict == "never arrived at pager"
    assert 'failures="2"' in junit_xml(arrivals)
    assert [one["missing"] for one in document(rehearsal, arrivals)["alarms"]] == [[], ["pager"], []]
