"""Before an exercise all has been well for as long as any rule looks back."""

import pytest

from simulator.exercise import WARM_MS, warm_ms
from simulator.monitoring.rules import AlertingRule, RuleGroup
from simulator.monitoring.side import MonitoringFiles
from timeline.instants import HOUR, MINUTE

LOOKBACK_MS = 5 * MINUTE


def rules(*expressions: str) -> MonitoringFiles:
    alerts = tuple(AlertingRule(f"A{n}", expression) for n, expression in enumerate(expressions))
    return MonitoringFiles([RuleGroup("file", "group", alerts, interval_ms=30_000)], None)


@pytest.mark.parametrize(
    ("expressions", "warm"),
    [
        (("up == 0",), WARM_MS),
        (("up == 0", "rate(errors_total[6h]) > 1"), 6 * HOUR + LOOKBACK_MS),
        (("rate(errors_total[1h] offset 3h) > 1",), 4 * HOUR + LOOKBACK_MS),
        (("max_over_time(rate(errors_total[1h])[4h:5m]) > 1",), 5 * HOUR + LOOKBACK_MS),
        (("errors_total @ 0 > 1",), WARM_MS),
        ((), WARM_MS),
    ],
)
def test_the_warm_window_reaches_as_far_as_the_rules(expressions: tuple[str, ...], warm: int) -> None:
    assert warm_ms(rules(*expressions)) == warm
