"""Groups that rest between flushes notify exactly as groups that go through every flush."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.monitoring.alertmanager import Alertmanager, Notification, parse_matchers
from simulator.monitoring.alertmanager.alert import PostedAlert
from tests.simulator.monitoring.alertmanager.configs import EPOCH, config
from timeline.instants import SECOND

CONFIG = """
    route:
      receiver: a
      group_by: [alertname]
      group_wait: 3s
      group_interval: 10s
      repeat_interval: 35s
      routes:
        - {receiver: b, matchers: [site="x"], group_by: [site], continue: true, mute_time_intervals: [minute]}
        - {receiver: c, matchers: [severity!="none"], group_wait: 0s, group_interval: 7s}
    receivers:
      - {name: a, webhook_configs: [{url: 'http://a'}]}
      - {name: b, webhook_configs: [{url: 'http://b', send_resolved: false}, {url: 'http://b2'}]}
      - {name: c, webhook_configs: [{url: 'http://c'}]}
    inhibit_rules:
      - {source_matchers: [severity="critical"], target_matchers: [severity=~"warning|critical"], equal: [site]}
      - {source_matchers: [alertname="A"], target_matchers: [alertname="B"]}
    time_intervals:
      - {name: minute, time_intervals: [{times: [{start_time: '08:01', end_time: '08:03'}]}]}
"""
LABELS = st.fixed_dictionaries(
    {"alertname": st.sampled_from("ABC")},
    optional={"site": st.sampled_from("xy"), "severity": st.sampled_from(["critical", "warning", "none"])},
)
POSTS = st.builds(
    lambda at, labels, ends, old: (at, labels, ends, old),
    st.integers(0, 200),
    LABELS,
    st.sampled_from([None, None, 0, 5, 20, 60]),
    st.sampled_from([0, 0, 30]),
)
SILENCES = st.tuples(st.integers(0, 200), st.sampled_from(['site="x"', 'alertname!="A"']), st.integers(1, 80))


@given(st.lists(POSTS, min_size=1, max_size=12), st.lists(SILENCES, max_size=2))
@settings(max_examples=150)
def test_resting_changes_nothing(
    posts: list[tuple[int, dict[str, str], int | None, int]], silences: list[tuple[int, str, int]]
) -> None:
    assert _played(posts, silences, resting=True) == _played(posts, silences, resting=False)


def _played(
    posts: list[tuple[int, dict[str, str], int | None, int]], silences: list[tuple[int, str, int]], *, resting: bool
) -> list[Notification]:
    alertmanager = Alertmanager(config(CONFIG), epoch=EPOCH, flush_always=not resting)
    actions = [(at, 0, number) for number, (at, _, _) in enumerate(silences)]
    actions += [(at, 1, number) for number, (at, _, _, _) in enumerate(posts)]
    notifications: list[Notification] = []
    for at, kind, number in sorted(actions):
        # No post at the very millisecond of another or of a flush: a real process decides such a tie either way.
        at_ms = at * SECOND + 250 + 13 * kind + number
        if kind == 0:
            _, matchers, lasts = silences[number]
            alertmanager.add_silence(at_ms, parse_matchers(matchers), at_ms + lasts * SECOND)
        else:
            _, labels, ends, old = posts[number]
            start_ms = at_ms - old * SECOND
            end_ms = None if ends is None else at_ms + ends * SECOND
            alertmanager.receive(at_ms, [PostedAlert(labels, {}, start_ms, end_ms, repeated=ends is None)])
        notifications += alertmanager.advance(at_ms)
    notifications += alertmanager.advance(400 * SECOND)
    return sorted(notifications, key=lambda n: (n.at_ms, n.group_key, n.integration))
