"""What the recordings cannot show: long spans, peers and partitions, failing receivers, restarts, why not."""

from datetime import datetime

import pytest

from simulator.monitoring.alertmanager import (
    Alertmanager,
    Attempt,
    Delivery,
    PostedAlert,
    Reason,
    SuppressedBy,
    parse_matchers,
)
from tests.simulator.monitoring.alertmanager.configs import config, firing, resolved, running, told
from timeline.instants import DAY, HOUR, MINUTE, SECOND

INHIBITING = """
    route: {receiver: a, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 4h}
    receivers: [{name: a}]
    inhibit_rules: [{source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [site]}]
"""
OFFICE_HOURS = """
    route:
      receiver: a
      group_by: [alertname]
      routes:
        - {receiver: day, matchers: [team="db"], active_time_intervals: [office]}
    receivers: [{name: a}, {name: day}]
    time_intervals:
      - name: office
        time_intervals:
          - {times: [{start_time: '09:00', end_time: '17:00'}], weekdays: ['monday:friday'], location: Europe/Zurich}
"""


def test_nothing_is_due_when_nothing_happens() -> None:
    alertmanager = running()
    assert alertmanager.next_wakeup() is None
    assert alertmanager.advance(365 * DAY) == []


def test_repeat_comes_at_the_first_flush_after_the_interval() -> None:
    alertmanager = running()
    alertmanager.receive(0, [firing()])
    notifications = alertmanager.advance(9 * HOUR)
    assert told(notifications) == [
        (30, "a", "first"),
        (30 + 4 * 3600 + 300, "a", "repeat"),
        (30 + 29400, "a", "repeat"),
    ]


def test_a_resting_group_is_due_only_when_something_can_change() -> None:
    alertmanager = running()
    alertmanager.receive(0, [firing()])
    alertmanager.advance(30 * SECOND)
    assert alertmanager.next_wakeup() == 30 * SECOND + 4 * HOUR + 5 * MINUTE


def test_groups_are_forgotten_when_their_alerts_are_resolved() -> None:
    alertmanager = running()
    for number in range(50):
        at_ms = number * HOUR
        alertmanager.receive(at_ms, [firing(f"A{number}")])
        alertmanager.receive(at_ms + MINUTE, [resolved(at_ms + MINUTE, f"A{number}")])
        alertmanager.advance(at_ms + 30 * MINUTE)
        assert alertmanager.group_count() <= 1


def test_time_does_not_go_back() -> None:
    alertmanager = running()
    alertmanager.advance(10)
    with pytest.raises(ValueError, match="back"):
        alertmanager.receive(9, [firing()])


def test_epoch_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Alertmanager(config(), epoch=datetime(2026, 1, 1))


def test_a_dead_prometheus_resolves_alerts_minutes_later() -> None:
    """The end of its last post takes the place of the repetition."""
    alertmanager = running()
    alertmanager.receive(0, [firing()])
    alertmanager.receive(10 * MINUTE, [PostedAlert({"alertname": "A"}, ends_at_ms=14 * MINUTE)])
    assert told(alertmanager.advance(HOUR)) == [(30, "a", "first"), (30 + 15 * 60, "a", "all resolved")]


def test_an_inhibited_alert_is_told_at_the_flush_after_its_source_is_resolved() -> None:
    alertmanager = running(INHIBITING)
    alertmanager.receive(
        0, [firing("Down", severity="critical", site="x"), firing("Slow", severity="warning", site="x")]
    )
    alertmanager.advance(5 * HOUR)
    assert alertmanager.suppressions({"alertname": "Slow", "severity": "warning", "site": "x"})[0].kind is (
        SuppressedBy.INHIBITION
    )
    end = 5 * HOUR + SECOND
    alertmanager.receive(end, [resolved(end, "Down", severity="critical", site="x")])
    assert told(alertmanager.advance(end + 5 * MINUTE)) == [
        (18030, "a", "all resolved"),
        (18030, "a", "first"),
    ]


@pytest.mark.parametrize(("day", "told_after_s"), [(0, 3630), (28, 30)])
def test_active_hours_are_those_of_their_zone_across_the_change_of_clocks(day: int, told_after_s: int) -> None:
    """Received at 07:00Z, which in Zurich is 08:00 on Monday 2 March and 09:00 on Monday 30 March 2026."""
    start_ms = day * DAY - HOUR
    alertmanager = running(OFFICE_HOURS, start_ms=start_ms)
    alertmanager.receive(start_ms, [firing(team="db")])
    assert alertmanager.advance(start_ms + 2 * HOUR)[0].at_ms == start_ms + told_after_s * SECOND


def test_a_night_alert_is_told_in_the_morning() -> None:
    """Received on Monday at 17:30 in Zurich (16:30Z); told on Tuesday at the first flush from 08:00Z on."""
    alertmanager = running(OFFICE_HOURS)
    evening = 8 * HOUR + 30 * MINUTE
    alertmanager.receive(evening, [firing(team="db")])
    labels = {"alertname": "A", "team": "db"}
    alertmanager.advance(12 * HOUR)
    assert alertmanager.suppressions(labels)[0].kind is SuppressedBy.ACTIVE_TIME
    assert told(alertmanager.advance(DAY + HOUR)) == [(86400 + 30, "day", "first")]


def test_silence_holds_back_until_it_is_expired() -> None:
    alertmanager = running()
    id = alertmanager.add_silence(0, parse_matchers('alertname=~"A|B"'), DAY)
    alertmanager.receive(0, [firing()])
    assert alertmanager.advance(HOUR) == []
    [suppression] = alertmanager.suppressions({"alertname": "A"})
    assert (suppression.kind, suppression.by) == (SuppressedBy.SILENCE, id)
    alertmanager.expire_silence(HOUR, id)
    assert told(alertmanager.advance(HOUR + 5 * MINUTE)) == [(3630, "a", "first")]


@pytest.mark.parametrize(("matchers", "ends"), [('alertname=~".*"', DAY), ('alertname="A"', -1)])
def test_silences_that_alertmanager_refuses(matchers: str, ends: int) -> None:
    with pytest.raises(ValueError, match="silence"):
        running().add_silence(0, parse_matchers(matchers), ends)


# Failing receivers


def test_a_receiver_that_answers_again_gets_its_notification_by_a_retry() -> None:
    """Attempts at 30 s, then 0.5, 0.75, 1.125 s after each other."""
    attempts: list[Attempt] = []

    def sink(attempt: Attempt) -> Delivery:
        attempts.append(attempt)
        return Delivery(0, delivered=attempt.number == 4)

    alertmanager = running(sink=sink)
    alertmanager.receive(0, [firing()])
    assert told(alertmanager.advance(MINUTE)) == [(32.375, "a", "first")]
    assert [attempt.at_ms for attempt in attempts] == [30_000, 30_500, 31_250, 32_375]


def test_a_receiver_that_never_answers_is_tried_again_at_every_flush() -> None:
    alertmanager = running(sink=lambda attempt: Delivery(0, delivered=attempt.at_ms > HOUR))
    alertmanager.receive(0, [firing()])
    notifications = alertmanager.advance(2 * HOUR)
    assert notifications[0].reason is Reason.FIRST
    assert HOUR < notifications[0].at_ms < HOUR + 2 * MINUTE


def test_latency_delays_arrival_and_what_happens_meanwhile_waits() -> None:
    alertmanager = running(sink=lambda _: Delivery(20 * SECOND, delivered=True))
    alertmanager.receive(0, [firing(i="1")])
    alertmanager.advance(40 * SECOND)
    alertmanager.receive(40 * SECOND, [firing(i="2")])
    assert told(alertmanager.advance(10 * MINUTE)) == [(50, "a", "first"), (350, "a", "new firing")]


# Restarts and peers


def test_restart_keeps_the_log_and_loses_the_alerts() -> None:
    alertmanager = running()
    alertmanager.receive(0, [firing()])
    alertmanager.advance(MINUTE)
    alertmanager.restart(2 * MINUTE)
    assert alertmanager.next_wakeup() is None
    alertmanager.receive(3 * MINUTE, [PostedAlert({"alertname": "A"}, starts_at_ms=0, repeated=True)])
    assert alertmanager.advance(HOUR) == []


def test_while_it_is_down_nothing_is_sent_and_posts_are_lost() -> None:
    alertmanager = running()
    alertmanager.receive(0, [firing()])
    alertmanager.stop(SECOND)
    alertmanager.receive(2 * SECOND, [firing("B")])
    assert alertmanager.advance(HOUR) == []
    alertmanager.start(HOUR)
    assert alertmanager.advance(2 * HOUR) == []


def test_peers_tell_once_and_the_second_takes_over_when_the_first_is_down() -> None:
    alertmanager = running(peers=2)
    alertmanager.receive(0, [firing()])
    assert [(n.at_ms, n.peer) for n in alertmanager.advance(MINUTE)] == [(30_000, 0)]
    alertmanager.stop(MINUTE, peer=0)
    alertmanager.receive(MINUTE, [firing("B")])
    assert [(n.at_ms, n.peer) for n in alertmanager.advance(2 * MINUTE)] == [(90_000, 1)]


def test_a_peer_that_cannot_reach_the_receiver_is_covered_by_the_next() -> None:
    alertmanager = running(peers=3, sink=lambda attempt: Delivery(0, delivered=attempt.peer == 2, final=True))
    alertmanager.receive(0, [firing()])
    assert [(n.at_ms, n.peer) for n in alertmanager.advance(2 * MINUTE)] == [(60_000, 2)]


def test_in_a_partition_both_sides_tell_and_after_it_only_one() -> None:
    alertmanager = running(peers=2)
    alertmanager.partition(0, [[0], [1]])
    alertmanager.receive(0, [firing()])
    assert [(n.at_ms, n.peer) for n in alertmanager.advance(MINUTE)] == [(30_000, 0), (30_000, 1)]
    alertmanager.heal(MINUTE)
    alertmanager.receive(MINUTE, [firing("B")])
    assert [(n.at_ms, n.peer) for n in alertmanager.advance(2 * MINUTE)] == [(90_000, 0)]


def test_a_silence_reaches_the_other_side_when_the_partition_heals() -> None:
    alertmanager = running(peers=2)
    alertmanager.partition(0, [[0], [1]])
    alertmanager.add_silence(0, parse_matchers('alertname="A"'), DAY)
    alertmanager.heal(SECOND)
    alertmanager.receive(SECOND, [firing()])
    assert alertmanager.advance(HOUR) == []
