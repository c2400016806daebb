"""Measures: noise, flapping, duplicates, incidents, nights; and what cannot be judged."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from simulator.monitoring.rules import RuleReference
from studies.backtest.caveats import caveats
from studies.backtest.incidents import Incident
from studies.backtest.measures import Thresholds
from studies.backtest.people import Addressees
from studies.backtest.readers import NanIs, Recording
from studies.backtest.study import Backtest
from tests.studies.backtest.building import MINUTE, PAGER, T0, UTC, alert, backtest_of, config_of, rules_of, store_of


def of_rule(test: Backtest, name: str = "A"):
    return next(one for one in test.figures.rules if one.rule.name == name)


def test_short_and_flapping_alerts_are_counted() -> None:
    #                      fires at 10 for 3, at 20 for 10 (7 after), at 80 for 3 (50 after)
    store = store_of({"up": "1x9 0x2 1x6 0x9 1x49 0x2 1x30"})
    figures = of_rule(backtest_of(alert("up == 0"), store, PAGER))
    assert (figures.alerts, figures.short, figures.flapping) == (3, 2, 1)
    assert figures.firing_ms == 16 * MINUTE
    assert figures.median_ms == 3 * MINUTE
    assert figures.gone == 2


def test_thresholds_can_be_set() -> None:
    store = store_of({"up": "1x9 0x2 1x6 0x9 1x49 0x2 1x30"})
    figures = of_rule(backtest_of(alert("up == 0"), store, thresholds=Thresholds(2 * MINUTE, 60 * MINUTE)))
    assert (figures.short, figures.flapping) == (0, 2)


def test_pending_that_never_fires_is_a_near_miss() -> None:
    figures = of_rule(backtest_of(alert("up == 0", for_="5m"), store_of({"up": "1x9 0x2 1x20 0x2 1x20"})))
    assert (figures.alerts, figures.near_misses) == (0, 2)


def test_near_misses_count_within_the_span() -> None:
    store = store_of({"up": "1x9 0x2 1x20 0x2 1x20"})
    test = backtest_of(alert("up == 0", for_="5m"), store, from_ms=T0 + 20 * MINUTE)
    assert of_rule(test).near_misses == 1


def test_alert_that_still_fires_at_the_end_is_not_short() -> None:
    figures = of_rule(backtest_of(alert("up == 0"), store_of({"up": "1x9 0x2"})))
    assert (figures.alerts, figures.still_firing, figures.short) == (1, 1, 0)


def test_alert_that_fires_from_the_beginning_may_be_older() -> None:
    figures = of_rule(backtest_of(alert("up == 0"), store_of({"up": "0x9 1x9 0x9 1x9"})))
    assert (figures.alerts, figures.at_start) == (2, 1)


BOTH = """
groups:
  - name: g
    rules:
      - {alert: Narrow, expr: 'up == 0', for: 2m, labels: {severity: page}}
      - {alert: Wide, expr: 'up < 2', labels: {severity: ticket}}
"""


def test_rule_whose_alerts_go_along_with_another_is_its_duplicate() -> None:
    store = store_of({'up{i="1"}': "2x9 0x9 2x9 0x9 2x9 0x9 2x9 1x9 2x9"})
    (found,) = backtest_of(rules_of(BOTH), store).figures.duplicates
    assert (found.rule.name, found.other.name, found.alerts) == ("Narrow", "Wide", 3)


def test_alerts_of_other_instances_are_no_duplicates() -> None:
    groups = rules_of("""
groups:
  - name: g
    rules:
      - {alert: One, expr: 'up == 0'}
      - {alert: Other, expr: 'down == 1'}
""")
    dips = "1x9 0x9 1x9 0x9 1x9 0x9 1x9"
    rises = "0x9 1x9 0x9 1x9 0x9 1x9 0x9"
    same = store_of({'up{i="1"}': dips, 'down{i="1"}': rises})
    others = store_of({'up{i="1"}': dips, 'down{i="2"}': rises})
    assert len(backtest_of(groups, same).figures.duplicates) == 2
    assert backtest_of(groups, others).figures.duplicates == ()


def test_alert_told_to_two_receivers_at_once_is_seen() -> None:
    twice = config_of("""
route:
  receiver: a
  routes: [{receiver: a, continue: true}, {receiver: b}]
receivers:
  - {name: a, webhook_configs: [{url: "http://127.0.0.1/"}]}
  - {name: b, webhook_configs: [{url: "http://127.0.0.1/"}]}
""")
    (found,) = backtest_of(alert("up == 0"), store_of({"up": "1x9 0x9 1x60"}), twice).figures.together
    assert (found.receivers, found.alerts) == (("a", "b"), 1)


def test_precision_is_the_share_of_alerts_in_incidents() -> None:
    store = store_of({"up": "1x9 0x9 1x9 0x9 1x9 0x9 1x90"})
    incidents = [
        Incident("seen", T0 + 5 * MINUTE, T0 + 12 * MINUTE),
        Incident("unseen", T0 + 100 * MINUTE, T0 + 110 * MINUTE),
        Incident("before all data", T0 - 90 * MINUTE, T0 - 80 * MINUTE),
    ]
    test = backtest_of(alert("up == 0"), store, incidents=incidents)
    assert (of_rule(test).inside, of_rule(test).precision) == (1, pytest.approx(1 / 3))
    assert [one.name for one in test.figures.missed or ()] == ["unseen"]


def test_hours_and_nights_are_those_of_the_zone() -> None:
    """The recording begins on Sunday at 00:00 UTC, which is Saturday evening in New York."""
    store = store_of({"up": "1x9 0x9 1x60"})
    here = backtest_of(alert("up == 0"), store, PAGER)
    there = backtest_of(alert("up == 0"), store, PAGER, zone=ZoneInfo("America/New_York"))
    assert (here.figures.by_hour[6, 0], here.figures.receivers[0].asleep) == (1, 1)
    assert (there.figures.by_hour[5, 19], there.figures.receivers[0].asleep) == (1, 0)
    assert here.figures.by_hour.sum() == there.figures.by_hour.sum() == 1


def test_busiest_hour_slides() -> None:
    dips = " ".join(["0x1 1x17"] * 3)
    test = backtest_of(alert("up == 0"), store_of({"up": f"1x49 {dips} 1x200 0x1 1x60"}))
    assert test.figures.busiest is not None
    assert (test.figures.busiest.pages, (test.figures.busiest.from_ms - T0) // MINUTE) == (3, 50)


# What cannot be judged


def sentences(test: Backtest, store) -> list[str]:
    from studies.backtest.measures import Question

    question = Question(store.first_ms, store.last_ms, UTC)
    return caveats(Recording(store, (), (), NanIs.STALE), [test], question, Addressees(None, UTC))


def test_rule_without_its_metric_is_set_aside() -> None:
    store = store_of({"up": "1x60"})
    test = backtest_of(alert("absent(gone)"), store)
    assert test.figures.rules == ()
    assert test.figures.episodes == ()
    assert "A cannot be assessed: the recording has no series gone." in sentences(test, store)


def test_rule_behind_a_recording_rule_without_its_metric_is_set_aside() -> None:
    groups = rules_of("""
groups:
  - name: g
    rules:
      - {record: r, expr: 'sum(gone{job="a"})'}
      - {alert: A, expr: 'up unless r'}
""")
    test = backtest_of(groups, store_of({"up": "1x60"}))
    assert [one.missing for one in test.assessed.rules] == [('gone{job="a"}',)] * 2


def test_in_a_complete_recording_what_is_missing_was_not_there() -> None:
    store = store_of({"up": "1x60"})
    test = backtest_of(alert("absent(gone)"), store, complete=True)
    assert of_rule(test).alerts == 1
    assert "A: taken as never there: gone." in sentences(test, store)


def test_alerts_are_not_counted_while_windows_fill() -> None:
    store = store_of({"x": "1x29 0x29 1x200 0x200"})
    test = backtest_of(alert("avg_over_time(x[2h]) < 0.8", for_="5m"), store)
    # Within the first two hours the mean is that of what there is; only the second alert has a whole window behind it.
    assert (of_rule(test).alerts, test.figures.left_out) == (1, 1)
    assert any(
        sentence.startswith("A can be judged from Sun 01 Mar 2026 02:05:00") for sentence in sentences(test, store)
    )


def test_windows_of_recording_rules_add_up() -> None:
    groups = rules_of("""
groups:
  - name: g
    rules:
      - {record: r, expr: 'avg_over_time(up[1h])'}
      - {alert: A, expr: 'max_over_time(r[30m] offset 10m) < 0', for: 5m}
""")
    test = backtest_of(groups, store_of({"up": "1x300"}))
    assessment = next(one for one in test.assessed.rules if one.rule == RuleReference("g", "A"))
    assert assessment.from_ms - T0 == (60 + 30 + 10 + 5) * MINUTE


def test_rule_can_be_judged_while_its_series_are_recorded() -> None:
    store = store_of({"up": "_x60 1x60 _x300", "other": "1x400"})
    (assessment,) = backtest_of(alert("up == 0"), store).assessed.rules
    assert (assessment.from_ms - T0, assessment.to_ms - T0) == (60 * MINUTE, (120 + 5) * MINUTE)


def test_window_that_holds_too_few_samples_is_remarked() -> None:
    store = store_of({"c": "0+1x60"}, step_ms=5 * MINUTE)
    assert "A: rate over 5m needs two samples; recorded is one every 5m." in sentences(
        backtest_of(alert("rate(c[5m]) > 1"), store), store
    )
