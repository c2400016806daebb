"""Planted differences between prediction and observation: exactly those cells are flagged, with their reason.

The real side is made up here from the prediction itself, so that without a plant nothing differs; real monitoring is
compared in `test_real_stack.py`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from xml.etree import ElementTree

import pytest

from blackstart._coverage import coverage_input
from injectors.binding import Binding
from injectors.faults import LIVE_FAULTS
from injectors.monitoring.prometheus import LoadedRule, wall_ms
from injectors.plan import Plan, PlannedFault
from scenarios.faults.parameters import Nothing
from scenarios.models import ScenarioFault
from simulator.monitoring.rules import AlertingRule
from studies.coverage.running import Watch
from studies.coverage.study import Subject, inventory_of
from studies.fidelity.document import document, junit_xml
from studies.fidelity.history import Regression
from studies.fidelity.observing import ObservedAlert, ObservedFault
from studies.fidelity.page import html_page
from studies.fidelity.predicting import Prediction, predict
from studies.fidelity.study import Fidelity
from studies.fidelity.verdicts import Verdict, brier, off_by_ms

EPOCH = datetime(2026, 3, 10, 10, tzinfo=UTC)
FAULTS = {
    "payments-crash": ScenarioFault.model_validate({"fault": "crash", "target": "payments", "at": "0s"}),
    "cache-crash": ScenarioFault.model_validate({"fault": "crash", "target": "prices-a", "at": "0s"}),
}
LASTS_MS = 40_000


@cache
def subject() -> Subject:
    return coverage_input("high-street", rules=[], settings=[]).subject


@cache
def planned() -> tuple[PlannedFault, ...]:
    return tuple(
        PlannedFault(f"{id}@{f.target}", LIVE_FAULTS["killed"], f.target, Nothing(), 0, LASTS_MS, "0" * 24, "")
        for id, f in FAULTS.items()
    )


@cache
def prediction() -> Prediction:
    return predict(subject(), planned(), FAULTS, EPOCH, draws=4)


def observed() -> list[ObservedFault]:
    """A real side on which everything is as predicted."""
    return [
        ObservedFault(
            fault.fault,
            prediction().digest,
            0,
            LASTS_MS,
            tuple(
                ObservedAlert(
                    a.alert,
                    {"alertname": a.alert},
                    a.fired_ms[0] - 10_000,
                    sum(a.fired_ms) // 2,
                    {receiver: low for receiver, (low, _) in a.told_ms.items()},
                    {},
                )
                for a in fault.alerts
            ),
            1_000,
            40,
            30,
            0.5,
        )
        for fault in prediction().faults
    ]


def loaded() -> list[LoadedRule]:
    rules = [rule for group in subject().files.groups for rule in group.rules if isinstance(rule, AlertingRule)]
    return [LoadedRule(rule.name, rule.query, rule.for_ms / 1000, dict(rule.labels)) for rule in rules]


def joined(seen: list[ObservedFault] | None = None, rules: list[LoadedRule] | None = None) -> Fidelity:
    inventory = inventory_of(Watch(subject().estate, subject().files, EPOCH, 1, 0))
    plan = Plan("a test", Binding.model_construct(), planned(), (), {})
    return Fidelity(
        subject(),
        plan,
        prediction(),
        tuple(seen or observed()),
        inventory,
        tuple(rules if rules is not None else loaded()),
    )


def changed(fault: str, alert: str, **changes: object) -> list[ObservedFault]:
    """One alert of one fault is different on the real side."""
    return [
        replace(
            one,
            alerts=tuple(
                replace(a, **changes) if (one.fault, a.alert) == (fault, alert) else a  # type: ignore[arg-type]
                for a in one.alerts
            ),
        )
        for one in observed()
    ]


def test_the_prediction_is_the_same_every_time_and_has_alerts() -> None:
    again = predict(subject(), planned(), FAULTS, EPOCH, draws=4)
    assert again.digest == prediction().digest
    assert {a.alert for a in prediction().faults[0].alerts} >= {"InstanceDown", "ErrorRatioHigh", "ShopProbeFails"}
    assert "CacheDown" in {a.alert for a in prediction().faults[1].alerts}


def test_where_nothing_differs_no_cell_is_flagged() -> None:
    found = joined()
    assert found.disagreeing == []
    assert len(found.cells) == 2 * len(found.inventory.alerts)
    assert brier(found.cells) == pytest.approx(0, abs=0.02)
    assert all(score.precision in (None, 1.0) and score.recall in (None, 1.0) for score in found.scores)
    assert [str(one.verdict) for one in found.judgements] == ["met", "met"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"firing_ms": None, "told_ms": {}}, Verdict.MISSED),
        ({"firing_ms": 90_000}, Verdict.LATE),
        ({"firing_ms": 1_000}, Verdict.EARLY),
    ],
)
def test_a_planted_difference_is_flagged_and_nothing_else(changes: dict[str, object], verdict: Verdict) -> None:
    found = joined(changed("payments-crash@payments", "InstanceDown", **changes))
    (cell,) = found.disagreeing
    assert (cell.fault, cell.alert, cell.verdict) == ("payments-crash@payments", "InstanceDown", verdict)
    (reason,) = found.reasons_of(cell)
    assert "rules and routes are the same" in reason


def test_an_alert_that_nobody_foretold_is_spurious() -> None:
    extra = ObservedAlert("LatencyHigh", {"alertname": "LatencyHigh"}, 1_000, 20_000, {"shop-mail": 25_000}, {})
    first, second = observed()
    found = joined([first, replace(second, alerts=(*second.alerts, extra))])
    (cell,) = found.disagreeing
    assert (cell.fault, cell.alert, cell.verdict) == ("cache-crash@prices-a", "LatencyHigh", Verdict.SPURIOUS)
    score = next(score for score in found.scores if score.alert == "LatencyHigh")
    assert (score.only_observed, score.neither) in ((1, 1), (1, 0))


def test_a_dead_route_is_flagged_with_its_receiver() -> None:
    found = joined(changed("cache-crash@prices-a", "CacheDown", told_ms={}))
    (cell,) = found.disagreeing
    assert cell.verdict is Verdict.AS_PREDICTED
    assert found.reasons_of(cell) == [
        "it never arrived at shop-mail: a route, an inhibition or a silence differs, or the receiver is dead"
    ]
    assert [str(one.verdict) for one in found.judgements] == ["met", "missed"]


def test_an_alert_that_fired_late_and_was_told_to_nobody_has_no_dead_receiver_for_a_reason() -> None:
    found = joined(changed("cache-crash@prices-a", "CacheDown", firing_ms=60_000, told_ms={}))
    (reason,) = found.reasons_of(found.disagreeing[0])
    assert reason == "it fired so late that it may have been over before its group was next told to shop-mail"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"for_s": 60.0}, "`for` is 1m there and 10s in the model"),
        ({"expression": "up == 1"}, "its expression is another one there: up == 1"),
        ({"labels": {"severity": "critical", "team": "web"}}, "its label team is web there and shop in the model"),
    ],
)
def test_another_rule_on_the_real_side_is_the_reason(change: dict[str, object], says: str) -> None:
    rules = [replace(r, **change) if r.name == "InstanceDown" else r for r in loaded()]  # type: ignore[arg-type]
    found = joined(changed("payments-crash@payments", "InstanceDown", firing_ms=None, told_ms={}), rules)
    (cell,) = found.disagreeing
    assert found.reasons_of(cell) == [says]


def test_a_rule_that_was_never_loaded_is_the_reason() -> None:
    rules = [rule for rule in loaded() if rule.name != "InstanceDown"]
    found = joined(changed("payments-crash@payments", "InstanceDown", firing_ms=None, told_ms={}), rules)
    assert found.reasons_of(found.disagreeing[0]) == ["the real Prometheus has 0 rules of this name, the model 1"]


def test_distances_count_from_the_predicted_interval() -> None:
    low, high = next(a for a in prediction().faults[1].alerts).fired_ms
    found = joined(changed("cache-crash@prices-a", "CacheDown", firing_ms=high + 3_000))
    counted = off_by_ms([cell for cell in found.cells if cell.alert == "CacheDown"])
    assert counted == (1, 3_000)
    assert low <= high


def test_harm_that_nobody_saw_and_alarms_without_harm_are_told_apart() -> None:
    first, second = observed()
    found = joined([replace(first, alerts=()), replace(second, users_hurt_ms=None)])
    assert [one.fault for one in found.unseen_harm] == [first.fault]
    assert [one.fault for one in found.needless] == [second.fault]


def test_document_and_junit_say_the_same() -> None:
    found = joined(changed("payments-crash@payments", "InstanceDown", firing_ms=None, told_ms={}))
    made = json.loads(json.dumps(document(found)))
    assert made["agreement"]["disagreeing"] == 1
    assert [c["alert"] for c in made["cells"] if not c["agrees"]] == ["InstanceDown"]
    suite = ElementTree.fromstring(junit_xml(found))
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["InstanceDown"]
    assert suite.get("failures") == "1"


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-24T22:51:08.355Z", 1795560668355),
        ("2026-11-24T22:51:08.3559999Z", 1795560668355),
        ("2026-11-24T23:51:08+01:00", 1795560668000),
    ],
)
def test_moments_of_prometheus_are_read(text: str, ms: int) -> None:
    assert wall_ms(text) == ms


def test_the_page_frames_the_cells_that_disagree_and_no_other() -> None:
    found = joined(changed("payments-crash@payments", "InstanceDown", firing_ms=90_000))
    gone = Regression(fault="payments-crash@payments", alert="CacheDown", seen="2026-11-01T10:00:00.000+00:00")
    page = html_page(found, [gone])
    assert page.count('<td class="off">') == 1
    assert "<small>late</small>" in page
    assert "CacheDown</strong> in payments-crash@payments: no longer fires" in page
    assert '<td class="off">' not in html_page(joined(), [])
    for outside in ("http://", "https://", "<script"):
        assert outside not in page


def test_harm_that_nobody_was_told_of_is_said_on_the_page() -> None:
    first, second = observed()
    page = html_page(joined([replace(first, alerts=()), replace(second, users_hurt_ms=None)]), [])
    assert "users were hurt, and nothing fired" in page
    assert "users did well, and yet it alarmed" in page


def test_junit_and_document_name_a_regression() -> None:
    gone = Regression(fault="a@b", alert="CacheDown", seen="2026-11-01T10:00:00.000+00:00", receivers=("shop-mail",))
    suite = ElementTree.fromstring(junit_xml(joined(), [gone]))
    (case,) = [case for case in suite if case.find("failure") is not None]
    assert (case.get("classname"), case.get("name")) == ("regression", "CacheDown in a@b")
    (one,) = document(joined(), [gone])["regressions"]
    assert one["no_longer_told"] == ["shop-mail"]
