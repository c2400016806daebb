"""The rule engine, case by case."""

from __future__ import annotations

import math

import pytest

from simulator.monitoring.promql import Labels, MemoryStorage, Options
from simulator.monitoring.rules import AlertingRule, AlertState, RecordingRule
from tests.simulator.monitoring.rules.builders import MINUTE, engine, group, storage, story, written

FOREVER = 1000 * MINUTE


@pytest.mark.parametrize(
    ("items", "for_minutes", "keep_minutes", "expected"),
    [
        ("0x2 1x5 0x5", 0, 0, [(3, "firing"), (9, "inactive")]),
        ("0x2 1x5 0x5", 2, 0, [(3, "pending"), (5, "firing"), (9, "inactive")]),
        ("0x2 1x1 0x5", 2, 0, [(3, "pending"), (5, "inactive")]),
        ("0x2 1x2 0x5", 2, 0, [(3, "pending"), (5, "firing"), (6, "inactive")]),
        ("0x2 1x1 0 1x1 0x5", 2, 0, [(3, "pending"), (5, "inactive"), (6, "pending"), (8, "inactive")]),
        ("0x2 1x1 0x9", 0, 3, [(3, "firing"), (8, "inactive")]),
        ("0x2 1x1 0x1 1x1 0x9", 0, 3, [(3, "firing"), (12, "inactive")]),
        ("0x2 1x1 0x9", 5, 3, [(3, "pending"), (5, "inactive")]),
        ("0x2 1 stale _x9", 0, 0, [(3, "firing"), (4, "inactive")]),
        ("0x2 1 _x9", 0, 0, [(3, "firing"), (8, "inactive")]),
        ("0x9", 0, 0, []),
    ],
)
def test_an_alert_follows_its_condition(items, for_minutes, keep_minutes, expected):
    rule = AlertingRule("A", "x == 1", for_minutes * MINUTE, keep_minutes * MINUTE)
    alerts = engine(storage(f"x {items}"), group(rule))
    assert story(alerts.advance(FOREVER)) == expected


def test_lookahead_announces_the_next_transition_and_commits_nothing():
    alerts = engine(storage("x 0x9 1x9 0x9"), group(AlertingRule("A", "x == 1", 3 * MINUTE)))
    assert alerts.lookahead(9 * MINUTE) is None
    assert alerts.lookahead(FOREVER) == 10 * MINUTE
    assert alerts.lookahead(FOREVER) == 10 * MINUTE
    assert story(alerts.advance(10 * MINUTE)) == [(10, "pending")]
    assert alerts.lookahead(FOREVER) == 13 * MINUTE


class Changeable:
    """A storage whose content the test replaces."""

    def __init__(self, *texts: str) -> None:
        self.content = storage(*texts)

    def select(self, matchers, start_ms, end_ms):
        return self.content.select(matchers, start_ms, end_ms)


@pytest.mark.parametrize("names", [{"x"}, None])
def test_a_change_reaches_rules_that_see_it_through_other_rules(names):
    world = Changeable("x 0x30")
    chain = [RecordingRule("r1", "x * 2"), RecordingRule("r2", "r1 + 1"), AlertingRule("A", "r2 > 1")]
    alerts = engine(world, *(group(rule, name=rule.name) for rule in chain))
    assert alerts.lookahead(30 * MINUTE) is None
    world.content = storage("x 0x9 1x20")
    alerts.invalidate(10 * MINUTE, names)
    assert alerts.lookahead(30 * MINUTE) == 10 * MINUTE


def test_a_change_of_other_series_leaves_what_was_computed_ahead():
    world = Changeable("x 0x9 1x20")
    alerts = engine(world, group(AlertingRule("A", "x > 0")))
    assert alerts.lookahead(30 * MINUTE) == 10 * MINUTE
    world.content = MemoryStorage()
    alerts.invalidate(0, {"other"})
    assert alerts.lookahead(30 * MINUTE) == 10 * MINUTE


def test_a_later_rule_of_the_group_sees_what_an_earlier_one_wrote_just_now():
    alerts = engine(storage("x 0 1x9"), group(RecordingRule("r", "x"), AlertingRule("Now", "r == 1"), name="forward"))
    assert story(alerts.advance(5 * MINUTE)) == [(1, "firing")]


def test_an_earlier_rule_of_the_group_sees_what_a_later_one_wrote_the_round_before():
    alerts = engine(storage("x 0 1x9"), group(AlertingRule("Late", "r == 1"), RecordingRule("r", "x")))
    assert story(alerts.advance(5 * MINUTE)) == [(2, "firing")]


def test_a_rule_may_count_by_reading_itself():
    counting = engine(storage(), group(RecordingRule("n", "(sum(n) or vector(0)) + 1")))
    counting.advance(3 * MINUTE)
    assert written(counting, "n") == {"n": [(0, 1), (1, 2), (2, 3), (3, 4)]}


def test_recorded_series_are_named_and_end_with_a_staleness_marker():
    recording = engine(storage('x{i="1"} 5x2 _x20'), group(RecordingRule("r", "x", {"team": "db", "i": ""})))
    recording.advance(20 * MINUTE)
    samples = written(recording, "r")['r{team="db"}']
    assert samples[:-1] == [(minute, 5) for minute in range(7)]
    assert samples[-1][0] == 7
    assert math.isnan(samples[-1][1])


def test_alerts_are_series_with_their_state_and_the_time_since_when():
    rule = AlertingRule("A", "x == 1", 2 * MINUTE, labels={"severity": "page"})
    alerts = engine(storage('x{i="1"} 0 1x9'), group(rule), options=Options(epoch_ms=1_000_000))
    alerts.advance(4 * MINUTE)
    labels = 'alertname="A", alertstate="{}", i="1", severity="page"'
    by_state = written(alerts, "ALERTS")
    assert [at for at, _ in by_state[f"ALERTS{{{labels.format('pending')}}}"]] == [1, 2, 3]
    assert [at for at, _ in by_state[f"ALERTS{{{labels.format('firing')}}}"]] == [3, 4]
    since = written(alerts, "ALERTS_FOR_STATE")
    assert set(since.popitem()[1]) == {(minute, 1060.0) for minute in (1, 2, 3, 4)}


def test_labels_and_annotations_are_templates():
    rule = AlertingRule(
        "Slow",
        "latency > 0.5",
        labels={"severity": "{{ if gt $value 1.0 }}page{{ else }}warning{{ end }}"},
        annotations={
            "summary": "{{ $labels.job }} takes {{ $value | humanizeDuration }} in {{ $externalLabels.region }}",
            "others": '{{ range query "latency" }}{{ .Labels.job }}={{ .Value }} {{ end }}',
            "broken": "{{ $labels.job | nope }}",
        },
    )
    store = storage('latency{job="api"} 0.2 0.7 1.5', 'latency{job="web"} 0.1x9')
    alerts = engine(store, group(rule), external_labels={"region": "eu"})
    first, *rest = alerts.advance(2 * MINUTE)
    assert first.labels == Labels(alertname="Slow", job="api", severity="warning")
    assert first.annotations["summary"] == "api takes 700ms in eu"
    assert first.annotations["others"] == "api=0.7 web=0.1 "
    assert first.annotations["broken"].startswith("<error expanding template: ")
    assert story(rest, "severity") == [(2, "inactive", "warning"), (2, "firing", "page")]


def test_an_evaluation_that_fails_changes_no_alert():
    store = storage('x{i="1"} 1x9', "y 1x9", 'y{extra="1"} _x3 1x2 stale')
    alerts = engine(store, group(AlertingRule("A", "x * on() y == 1")))
    assert story(alerts.advance(9 * MINUTE)) == [(0, "firing")]


def test_more_alerts_than_the_group_allows_are_forgotten():
    store = storage('x{i="1"} 1x9', 'x{i="2"} 0x3 1 0x9')
    alerts = engine(store, group(AlertingRule("A", "x == 1"), limit=1))
    assert story(alerts.advance(6 * MINUTE), "i") == [(0, "firing", "1"), (4, "inactive", "1"), (5, "firing", "1")]


def test_a_group_with_a_query_offset_looks_back_and_dates_back():
    store = storage("x 0 1x9")
    rules = (RecordingRule("r", "x"), AlertingRule("A", "x == 1"))
    alerts = engine(store, group(*rules, query_offset_ms=2 * MINUTE))
    assert story(alerts.advance(4 * MINUTE)) == [(3, "firing")]
    assert written(alerts, "r")["r"] == [(0, 0), (1, 1), (2, 1)]


class TestRestart:
    """Prometheus forgets its alerts when it goes down, and restores how long they had been pending."""

    def after(self, for_minutes: int, down: float, up: float) -> list:
        alerts = engine(storage("x 0x9 1x200"), group(AlertingRule("A", "x == 1", for_minutes * MINUTE)))
        alerts.suspend(round(down * MINUTE))
        assert alerts.lookahead(FOREVER) is None
        assert alerts.advance(round(up * MINUTE)) == []
        alerts.resume(round(up * MINUTE))
        return story(alerts.advance(200 * MINUTE))

    def test_nothing_is_evaluated_while_it_is_down(self):
        assert self.after(0, 5.5, 50.5) == [(51, "firing")]

    def test_a_firing_alert_fires_again_at_the_third_evaluation(self):
        assert self.after(20, 40.5, 50.5) == [(51, "pending"), (53, "firing")]

    def test_what_was_left_of_for_is_still_left(self):
        # Pending since 10, down after 15: 25 of 30 minutes are left when it is restored at 52, counted from 15.
        assert self.after(30, 15.5, 50.5) == [(51, "pending"), (77, "firing")]

    def test_but_at_least_the_grace_period(self):
        assert self.after(30, 36.5, 50.5) == [(51, "pending"), (62, "firing")]

    def test_a_for_below_the_grace_period_starts_anew(self):
        assert self.after(5, 40.5, 50.5) == [(51, "pending"), (56, "firing")]

    def test_an_outage_longer_than_an_hour_is_not_bridged(self):
        assert self.after(20, 30.5, 95.5) == [(96, "pending"), (116, "firing")]


def test_active_alerts_are_told_with_their_latest_value():
    store = storage("x 0 1 2 3 4")
    alerts = engine(store, group(AlertingRule("A", "x > 0", annotations={"now": "{{ $value }}"})))
    alerts.advance(3 * MINUTE)
    (active,) = alerts.active()
    assert (active.state, active.active_at_ms, active.value) == (AlertState.FIRING, MINUTE, 3)
    assert active.annotations == {"now": "3"}


def test_groups_are_spread_over_their_interval():
    from simulator.monitoring.rules import hashed_offset

    offsets = [hashed_offset(group(name=f"group-{number}")) for number in range(50)]
    assert len(set(offsets)) > 45
    assert all(0 <= offset < MINUTE for offset in offsets)


def test_long_quiet_times_keep_only_what_rules_can_see():
    recording = engine(storage(), group(RecordingRule("one", "vector(1)"), AlertingRule("A", "one == 2")))
    for day in range(1, 4):
        recording.advance(day * 24 * 60 * MINUTE)
    assert len(written(recording, "one", 10**12)["one"]) < 2 * 24 * 60 + 200


def test_active_alerts_may_be_asked_for_by_name():
    rules = tuple(AlertingRule(name, "x > 0") for name in ("A", "B"))
    both = engine(storage("x 1x10"), group(*rules))
    both.advance(2 * MINUTE)
    assert [alert.rule.name for alert in both.active()] == ["A", "B"]
    assert [alert.rule.name for alert in both.active("B")] == ["B"]
