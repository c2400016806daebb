"""Generated rule files: whose labels they carry, what they leave out, and that they depend on the SLOs alone."""

import pytest

from simulator.monitoring.rules import AlertingRule, Rule
from simulator.monitoring.slo import Severities, left_out, objectives_of_services, rule_file, unit_test_file
from tests.simulator.monitoring.slo.building import objective, objectives, rules, slo
from tests.simulator.monitoring.slo.test_loading import CONDITION, POLICY
from timeline.findings import InputError
from timeline.instants import DAY
from topologies.loading.estate import load_estate


def generated(**fields: str) -> list[Rule]:
    (group,) = rules(rule_file([objective(**fields)]))
    return list(group.rules)


def alerts(**fields: str) -> list[AlertingRule]:
    return [rule for rule in generated(**fields) if isinstance(rule, AlertingRule)]


def test_one_recording_for_each_window_and_one_alert_for_each_urgency() -> None:
    assert [rule.name for rule in generated()] == [
        *(f"slo:errors:ratio_rate{window}" for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")),
        "ErrorBudgetBurnsFast",
        "ErrorBudgetBurnsSlowly",
    ]


def test_alerts_carry_the_labels_of_the_slo_and_their_severity() -> None:
    fast, slow = alerts(labels="{team: core}")
    assert fast.labels == {"team": "core", "slo": "api", "service": "api", "severity": "page"}
    assert slow.labels["severity"] == "ticket"
    text = rule_file([objective()], Severities("critical", "warning"))
    assert [r.labels["severity"] for r in rules(text)[0].rules if isinstance(r, AlertingRule)] == [
        "critical",
        "warning",
    ]


def test_a_factor_out_of_reach_is_left_out_and_said() -> None:
    lenient = objective(target="target: 0.9")
    assert "14.4 *" not in rule_file([lenient])
    (finding,) = left_out([lenient])
    assert finding.place.file == "slo.yaml"
    assert "14.4 times" in finding.message


def test_an_objective_that_no_error_ratio_breaks_has_no_rules() -> None:
    nothing = objective(target="target: 0")
    assert rules(rule_file([nothing])) == []
    assert len(left_out([nothing])) == 4


def test_an_slo_with_a_policy_of_its_own_is_alerted_on_as_it_says() -> None:
    text = slo(more="alertPolicies: [{alertPolicyRef: wake}]")
    (group,) = rules(rule_file(objectives(text, POLICY, CONDITION)))
    recorded, alert = group.rules
    assert recorded.name == "slo:errors:ratio_rate1h"
    assert isinstance(alert, AlertingRule)
    assert (alert.for_ms, alert.labels["condition"], alert.query) == (
        300_000,
        "fast",
        '(slo:errors:ratio_rate1h{slo="api"} > 2 * 0.001)\n',
    )


def test_what_looks_like_a_template_in_a_title_stays_text() -> None:
    (fast, _) = alerts(target="target: 0.999, displayName: 'p99 {{ $x }}'")
    assert '{{"{{"}}' in fast.annotations["summary"]


def test_a_window_below_a_week_is_refused() -> None:
    with pytest.raises(InputError, match="shorter than 7d"):
        rule_file([objective(window="6d")])


def test_same_slos_same_bytes() -> None:
    both = objectives(slo("a"), slo("b", window="1Q"))
    assert rule_file(both) == rule_file(objectives(slo("a"), slo("b", window="1Q")))
    assert unit_test_file(both, "r", Severities()) == unit_test_file(both, "r", Severities())


def test_services_are_components_before_functions_and_unknown_ones_are_named() -> None:
    estate = load_estate("meridian-bank").topology
    found = [s.subject for s in objectives_of_services(objectives(slo(), slo("b")), _named(estate, "api"))]
    assert found == ["component:api", "component:api"]
    with pytest.raises(InputError) as refused:
        objectives_of_services(objectives(slo().replace("service: api", "service: api-gatewy")), estate)
    assert "did you mean 'api-gateway'" in refused.value.findings[0].hint
    assert refused.value.findings[0].place.line == 5
    payments = objectives(slo().replace("service: api", "service: online-banking"))
    (about,) = objectives_of_services(payments, estate)
    assert (about.subject, about.window_ms) == ("function:online-banking", 30 * DAY)


def _named(estate, id):
    return estate.model_copy(update={"components": {id: estate.components["api-gateway"]}, "functions": {id: None}})
