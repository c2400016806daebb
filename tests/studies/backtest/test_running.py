"""What fires and whom it pages: alerts over recorded series, through Alertmanager, to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.commands.oncall import read_organisation
from simulator.monitoring.promql import Labels, MemoryStorage, Series
from simulator.monitoring.rules import AlertState, RuleEngine
from simulator.response.oncall import OnCall
from studies.backtest import running
from studies.backtest.running import Server
from studies.backtest.store import Batch, SampleWriter
from studies.backtest.study import Backtest
from tests.studies.backtest.building import MINUTE, PAGER, T0, alert, backtest_of, config_of, rules_of, store_of


def minutes(at_ms: int | None) -> int | None:
    """Whole minutes since the start of a recording; groups are evaluated within them."""
    return None if at_ms is None else (at_ms - T0) // MINUTE


def fired(test: Backtest) -> list[tuple[int | None, int | None]]:
    return [(minutes(one.fired_ms), minutes(one.resolved_ms)) for one in test.figures.episodes]


def test_alert_fires_from_its_for_on_until_its_condition_ends() -> None:
    test = backtest_of(alert("up == 0", for_="3m"), store_of({"up": "1x9 0x9 1x30"}))
    # The value of minute 10 is seen by the evaluation within that minute.
    assert fired(test) == [(13, 20)]


def test_two_rules_with_the_same_alert_are_followed_apart() -> None:
    groups = rules_of("""
groups:
  - {name: g, rules: [{alert: A, expr: 'up == 0'}]}
  - {name: h, rules: [{alert: A, expr: 'min_over_time(up[10m]) == 0'}]}
""")
    test = backtest_of(groups, store_of({"up": "1x9 0x4 1x30"}))
    ends = {one.rule.group: minutes(one.resolved_ms) for one in test.figures.episodes}
    assert ends == {"g": 15, "h": 24}


def test_keep_firing_for_is_kept() -> None:
    test = backtest_of(alert("up == 0", keep_firing_for="4m"), store_of({"up": "1x9 0x2 1x30"}))
    assert fired(test) == [(10, 17)]


def test_alert_reads_what_a_recording_rule_wrote() -> None:
    groups = rules_of("""
groups:
  - name: g
    rules:
      - {record: all:up, expr: sum(up)}
      - {alert: A, expr: 'all:up < 2'}
""")
    assert fired(backtest_of(groups, store_of({'up{i="1"}': "1x40", 'up{i="2"}': "1x9 0x4 1x30"}))) == [(10, 15)]


def test_recorded_series_of_a_name_that_rules_write_are_not_mixed_in() -> None:
    groups = rules_of("groups: [{name: g, rules: [{record: r, expr: up}, {alert: A, expr: 'r == 0'}]}]")
    test = backtest_of(groups, store_of({"up": "1x40", "r": "0x40"}))
    assert fired(test) == []
    assert test.assessed.rewritten == ("r",)


def test_first_page_comes_after_group_wait_and_repeats_come_at_flushes() -> None:
    test = backtest_of(alert("up == 0"), store_of({"up": "1x9 0x130 1x30"}), PAGER)
    first_ms = test.figures.episodes[0].fired_ms + 30_000
    assert [(page.at_ms - first_ms, str(page.reason)) for page in test.figures.pages] == [
        (0, "first"),
        (65 * MINUTE, "repeat"),
        (130 * MINUTE, "repeat"),
    ]


def test_alert_that_ends_before_group_wait_is_never_told() -> None:
    slow = config_of("""
route: {receiver: pager, group_wait: 10m}
receivers: [{name: pager, webhook_configs: [{url: "http://127.0.0.1/"}]}]
""")
    test = backtest_of(alert("up == 0"), store_of({"up": "1x9 0x3 1x60"}), slow)
    assert (len(test.figures.pages), test.figures.rules[0].never_told) == (0, 1)


def test_integrations_of_a_receiver_are_one_page() -> None:
    two = config_of("""
route: {receiver: pager}
receivers:
  - {name: pager, webhook_configs: [{url: "http://127.0.0.1/1"}, {url: "http://127.0.0.1/2"}]}
""")
    assert len(backtest_of(alert("up == 0"), store_of({"up": "1x9 0x9 1x60"}), two).figures.pages) == 1


def test_external_labels_take_part_in_routing() -> None:
    by_cluster = config_of("""
route:
  receiver: none
  routes: [{receiver: pager, matchers: ['cluster="eu"']}]
receivers: [{name: none}, {name: pager, webhook_configs: [{url: "http://127.0.0.1/"}]}]
""")
    groups, store = alert("up == 0"), store_of({"up": "1x9 0x9 1x60"})
    assessed = backtest_of(groups, store).assessed
    for cluster, pages in (("eu", 1), ("us", 0)):
        server = Server(external_labels={"cluster": cluster})
        outcome = running.run(assessed, store, by_cluster, server, store.first_ms, store.last_ms)
        assert len(outcome.pages) == pages


def test_counting_from_later_on_sees_what_was_before() -> None:
    store = store_of({"up": "1x100 0x30 1x100"})
    groups = alert("min_over_time(up[20m]) == 0", for_="5m")
    whole = backtest_of(groups, store, PAGER)
    late = backtest_of(groups, store, PAGER, from_ms=T0 + 103 * MINUTE)
    assert late.outcome.from_ms > store.first_ms
    assert late.figures.episodes == whole.figures.episodes
    assert late.figures.pages == whole.figures.pages


def test_pages_reach_who_is_on_call_at_that_moment() -> None:
    organisation, _ = read_organisation(Path("topologies/library/meridian-bank"))
    receiver, policy = next(iter(organisation.receivers.items()))
    to_team = config_of(f"""
route: {{receiver: {receiver}}}
receivers: [{{name: {receiver}, webhook_configs: [{{url: "http://127.0.0.1/"}}]}}]
""")
    test = backtest_of(alert("up == 0"), store_of({"up": "1x9 0x9 1x60"}), to_team, organisation=organisation)
    (page,), (reached,) = test.figures.pages, test.figures.reached
    step = organisation.policies[policy].steps[0]
    oncall = OnCall(organisation, datetime(1970, 1, 1, tzinfo=UTC))
    wanted = [*step.people, *(who for rotation in step.rotations for who in oncall.holders(rotation, page.at_ms))]
    assert wanted
    assert list(reached.people) == wanted
    assert dict(test.figures.receivers[0].people) == dict.fromkeys(wanted, 1)


def test_offsets_give_a_range() -> None:
    """A dip of 20 s between evaluations is seen at some offsets only."""
    store = store_of({"up": "1x40 0x1 1x200"}, step_ms=10_000)
    test = backtest_of(alert("up == 0"), store, PAGER, offsets=6)
    assert test.spread is not None
    assert (test.spread.total.least, test.spread.total.most) == (0, 1)


def test_renamed_file_is_evaluated_at_the_same_moments() -> None:
    (group,) = alert("up == 0")
    server = Server()
    assert server.offset(group) == server.offset(replace(group, file="other.yml"))
    assert server.offset(group) != server.offset(replace(group, name="other"))


runs = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 3.0]), st.integers(1, 40)), min_size=1, max_size=12)


@settings(max_examples=25)
@given(runs, runs, st.integers(7, 90))
def test_windows_do_not_change_what_fires(one: list, other: list, window_minutes: int) -> None:
    """In windows of any length over the store: as the engine over series in memory, in one go."""
    writer, memory = SampleWriter(512), MemoryStorage()
    for number, parts in enumerate((one, other)):
        values = np.concatenate([np.full(count, value) for value, count in parts])
        times = T0 + np.arange(len(values), dtype=np.int64) * 30_000
        labels = Labels({"__name__": "x", "i": str(number)})
        writer.add(Batch(labels, times, values))
        memory.add(Series(labels, times, values))
    groups = rules_of("""
groups:
  - name: g
    interval: 1m
    rules:
      - {record: "x:avg", expr: 'avg_over_time(x[7m])'}
      - {alert: High, expr: '{__name__=~"x:.*"} > 1.5', for: 2m, keep_firing_for: 1m}
      - {alert: Both, expr: 'sum(x) > 3 or absent(x)'}
""")
    store = writer.finish()
    assessed = backtest_of(groups, store).assessed
    server, end_ms = Server(), store.last_ms + 20 * MINUTE
    engine = RuleEngine(groups, memory, start_ms=T0, offset=server.offset)
    wanted = [
        (change.rule, change.labels, change.at_ms)
        for change in engine.advance(end_ms)
        if change.state is AlertState.FIRING
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(running, "_window_ms", lambda *_: window_minutes * MINUTE)
        outcome = running.run(assessed, store, None, server, T0, end_ms)
    assert [(episode.rule, episode.labels, episode.fired_ms) for episode in outcome.episodes] == wanted
