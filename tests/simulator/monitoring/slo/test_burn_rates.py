"""The arithmetic of burn rates, against the figures of the Site Reliability Workbook."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.monitoring.slo.burn_rates import BurnRate, Urgency, budget_spent, time_to_fire_ms, workbook_rates
from timeline.instants import DAY, HOUR, MINUTE

MONTH = 30 * DAY


def test_the_pairs_for_a_month_are_those_of_the_workbook() -> None:
    found = [(r.factor, r.long_ms, r.short_ms, str(r.urgency), r.spent_ratio(MONTH)) for r in workbook_rates(MONTH)]
    assert found == [
        (14.4, HOUR, 5 * MINUTE, "page", pytest.approx(0.02)),
        (6, 6 * HOUR, 30 * MINUTE, "page", pytest.approx(0.05)),
        (3, DAY, 2 * HOUR, "ticket", pytest.approx(0.10)),
        (1, 3 * DAY, 6 * HOUR, "ticket", pytest.approx(0.10)),
    ]


@pytest.mark.parametrize("days", [28, 30, 31])
def test_any_month_takes_them_as_they_are(days: int) -> None:
    assert workbook_rates(days * DAY) == workbook_rates(MONTH)


@pytest.mark.parametrize("days", [7, 14, 90, 365])
def test_other_windows_alert_at_the_same_share_of_their_budget(days: int) -> None:
    rates = workbook_rates(days * DAY)
    assert [r.spent_ratio(days * DAY) for r in rates] == pytest.approx([0.02, 0.05, 0.10, 0.10], rel=0.01)
    assert all(r.long_ms % MINUTE == 0 and r.short_ms and r.short_ms % MINUTE == 0 for r in rates)
    assert all(0.06 < (r.short_ms or 0) / r.long_ms < 0.15 for r in rates)


# The workbook, chapter 5: with a target of 99.9 % over 30 days.
@pytest.mark.parametrize(
    ("factor", "window_ms", "error_ratio", "after_ms"),
    [
        (1, 10 * MINUTE, 1.0, 600),  # target error rate over ten minutes: 0.6 s in a full outage
        (1, 36 * HOUR, 1.0, 129_600),  # over 36 hours: 2 min 10 s in a full outage
        (36, HOUR, 1.0, 129_600),  # a burn rate of 36 over an hour
        (36, HOUR, 0.036 * 2, 30 * MINUTE),  # twice that burn: half the window
        (36, HOUR, 0.035, None),  # a burn rate of 35 never alerts
    ],
)
def test_detection_time(factor: float, window_ms: int, error_ratio: float, after_ms: float | None) -> None:
    rate = BurnRate(factor, window_ms, None, Urgency.PAGE)
    assert time_to_fire_ms(rate, 0.001, error_ratio) == (None if after_ms is None else pytest.approx(after_ms))


@given(
    st.sampled_from(workbook_rates(MONTH)),
    st.floats(1e-5, 0.05),
    st.floats(1.001, 60),
    st.integers(0, 30 * MINUTE),
)
def test_what_is_spent_at_the_alert_does_not_depend_on_the_error_ratio_but_for_its_for(
    rate: BurnRate, budget: float, above: float, for_ms: int
) -> None:
    error_ratio = rate.factor * budget * above
    after = time_to_fire_ms(rate, budget, error_ratio)
    assert after is not None
    assert budget_spent(after, budget, error_ratio, MONTH) == pytest.approx(rate.spent_ratio(MONTH))
    delayed = BurnRate(rate.factor, rate.long_ms, rate.short_ms, rate.urgency, for_ms)
    assert time_to_fire_ms(delayed, budget, error_ratio) == pytest.approx(after + for_ms)
