"""Before and after: which tellings are the same, moved, gone or added."""

from __future__ import annotations

from studies.backtest.comparison import Change, compare
from tests.studies.backtest.building import MINUTE, PAGER, T0, alert, backtest_of, config_of, store_of

STORE = store_of({"load": "1x9 5x3 1x59 9x29 1x59 5x29 1x60"})
"""Load 5 for 4 minutes, 9 for 30 minutes, 5 for 30 minutes, with an hour between."""


def compared(before, after, before_config=PAGER, after_config=PAGER):
    one = backtest_of(before, STORE, before_config)
    other = backtest_of(after, STORE, after_config)
    return compare(one.figures, other.figures, STORE.last_ms)


def changes(comparison) -> list[tuple[Change, str, int]]:
    return [(one.change, one.receiver, (one.at_ms - T0) // MINUTE) for one in comparison.differences]


def test_same_rules_differ_in_nothing() -> None:
    found = compared(alert("load > 4"), alert("load > 4"))
    assert found.differences == ()
    assert [(one.before, one.after, one.same) for one in found.tallies] == [(3, 3, 3)]


def test_higher_threshold_takes_pages_away() -> None:
    found = compared(alert("load > 4"), alert("load > 6"))
    assert changes(found) == [(Change.GONE, "pager", 10), (Change.GONE, "pager", 134 + 30)]


def test_lower_threshold_adds_pages() -> None:
    found = compared(alert("load > 6"), alert("load > 4"))
    assert [one.change for one in found.differences] == [Change.ADDED] * 2


def test_longer_for_moves_pages_and_drops_short_ones() -> None:
    found = compared(alert("load > 4"), alert("load > 4", for_="10m"))
    assert [one.change for one in found.differences] == [Change.GONE, Change.MOVED, Change.MOVED]
    moved = found.differences[1]
    assert moved.before_ms is not None
    assert moved.after_ms is not None
    assert moved.after_ms - moved.before_ms == 10 * MINUTE
    assert [(one.gone, one.moved, one.same) for one in found.tallies] == [(1, 2, 0)]


def test_episodes_that_become_one_leave_one_partner() -> None:
    found = compared(alert("load > 4"), alert("load > 4", keep_firing_for="3h"))
    assert [one.change for one in found.differences] == [Change.GONE, Change.GONE]


def test_other_receiver_is_gone_here_and_added_there() -> None:
    other = config_of("""
route: {receiver: desk, group_by: [alertname], group_wait: 30s}
receivers: [{name: desk, webhook_configs: [{url: "http://127.0.0.1/"}]}]
""")
    found = compared(alert("load > 6"), alert("load > 6"), PAGER, other)
    assert sorted((one.change, one.receiver) for one in found.differences) == [
        (Change.ADDED, "desk"),
        (Change.GONE, "pager"),
    ]


def test_longer_group_wait_moves_pages() -> None:
    slower = config_of("""
route: {receiver: pager, group_by: [alertname], group_wait: 3m}
receivers: [{name: pager, webhook_configs: [{url: "http://127.0.0.1/"}]}]
""")
    found = compared(alert("load > 6"), alert("load > 6"), PAGER, slower)
    (moved,) = found.differences
    assert (moved.after_ms or 0) - (moved.before_ms or 0) == 150_000


def test_alerts_are_compared_where_nobody_is_notified() -> None:
    found = compared(alert("load > 4"), alert("load > 6"), None, None)
    assert [(one.receiver, one.change) for one in found.differences] == [("", Change.GONE)] * 2
