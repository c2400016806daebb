"""Faults that come and go and work that waits, against closed formulas, through files as people write them.

- Availability of an alternating renewal process: MTBF / (MTBF + MTTR), whatever the distributions (R. E. Barlow,
  F. Proschan, Mathematical Theory of Reliability, 1965, ch. 3; here MTBF is the mean time that all is well).
- A backlog B of work drains at the capacity to spare: B / (capacity - inflow) (G. F. Newell, Applications of Queueing
  Theory, 2nd ed. 1982, ch. 2: fluid approximation).

The half-width of each interval is at most 1 % of the value, and the neighbours of each formula are rejected.
"""

from __future__ import annotations

import math

import pytest

from scenarios.models import Scenario, ScenarioFault
from tests.simulator.estate.building import Rig
from timeline.instants import MINUTE, SECOND
from topologies.estate import Estate
from topologies.loading.document import parse_document
from topologies.loading.validation import validate

ONE_SERVICE = """
format: blackstart/estate/1
title: one service
timezone: UTC
components:
  web: {title: web, kind: service}
"""

FLAPPING = """
format: blackstart/scenario/1
title: A connection that comes and goes
purpose: Availability of a renewal process
estate: one-service
starts_at: 2026-03-10T10:00:00+00:00
duration: 52w
faults:
  flapping:
    fault: hang
    target: web
    at: 0s
    intermittent: {bad: "%s", good: "%s"}
"""


def rig(estate: str, hours: float) -> Rig:
    """The estate of a file on a kernel of its own."""
    model = validate(parse_document(estate, "estate.yaml"), Estate)
    sections = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Rig(hours=hours, **{k: v for k, v in sections.items() if k not in ("format", "title", "timezone")})


def played(estate: str, scenario: str, hours: float) -> Rig:
    faults = validate(parse_document(scenario, "scenario.yaml"), Scenario).faults
    made = rig(estate, hours)
    made.estate.schedule(faults)
    made.kernel.env.run(until=made.until_ms)
    return made


def cycles(made: Rig) -> list[tuple[float, float]]:
    """(bad, good) minutes of each whole cycle, as health shows them."""
    events = made.timeline.of_kind("signal.health_changed")
    moments = [(event.at_ms / MINUTE, event.detail.state) for event in events]  # type: ignore[attr-defined]
    assert [state for _, state in moments[:4]] == ["down", "up", "down", "up"]
    times = [at for at, _ in moments]
    return [(times[n + 1] - times[n], times[n + 2] - times[n + 1]) for n in range(0, len(times) - 2, 2)]


def interval(found: list[tuple[float, float]]) -> tuple[float, float]:
    """Availability and half the width of its 99.7 % interval: ratio estimator over independent cycles."""
    count = len(found)
    good, whole = sum(g for _, g in found), sum(b + g for b, g in found)
    ratio = good / whole
    spread = sum((g - ratio * (b + g)) ** 2 for b, g in found) / (count - 1)
    return ratio, 3 * math.sqrt(spread / count) / (whole / count)


@pytest.mark.parametrize(
    ("bad", "good", "mttr", "mtbf"),
    [
        ("exponential(mean=10m)", "exponential(mean=40m)", 10, 40),
        ("uniform(5m, 15m)", "exponential(mean=40m)", 10, 40),
        ("10m", "uniform(20m, 40m)", 10, 30),
    ],
)
def test_availability_of_what_comes_and_goes(bad: str, good: str, mttr: float, mtbf: float) -> None:
    found, half = interval(cycles(played(ONE_SERVICE, FLAPPING % (bad, good), hours=52 * 7 * 24)))
    assert half <= 0.01 * found
    assert abs(found - mtbf / (mtbf + mttr)) <= half
    for neighbour in (mtbf / (mtbf + mttr + 1), mtbf / (mtbf + mttr - 1), mttr / (mtbf + mttr)):
        assert abs(found - neighbour) > half


BOOKINGS = """
format: blackstart/estate/1
title: orders that are booked later
timezone: UTC
components:
  shop:
    title: shop
    kind: service
    depends_on:
      booking: {type: asynchronous, bound: %s, degradation: 0.4}
  booking: {title: booking, kind: service, capacity_rps: %s}
functions:
  orders:
    title: orders
    supported_by: {shop: {type: hard}}
    minimum_level: 0.9
    demand:
      entry: shop
      peak_rps: 100
      by_hour: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
"""
OUTAGE = {"fault": "crash", "target": "booking", "at": "10m", "duration": "10m"}
INFLOW = 100.0
WAITING = INFLOW * 600


def booked(bound: float, capacity: float) -> Rig:
    made = rig(BOOKINGS % (bound, capacity), hours=5)
    made.estate.schedule({"outage": ScenarioFault.model_validate(OUTAGE)})
    made.kernel.env.run(until=made.until_ms)
    return made


def moment(made: Rig, kind: str) -> float:
    (event,) = made.timeline.of_kind(kind)
    return event.at_ms / SECOND


@pytest.mark.parametrize("capacity", [110, 150, 400])
@pytest.mark.parametrize("bound", [0, 1_000, 20_000])
def test_a_function_is_whole_again_when_its_backlog_is_below_the_bound(bound: float, capacity: float) -> None:
    made = booked(bound, capacity)
    drained = moment(made, "function.restored") - 1200

    def formula(capacity: float, inflow: float = INFLOW) -> float:
        return (WAITING - bound) / (capacity - inflow)

    assert drained == pytest.approx(formula(capacity), abs=0.01)
    for neighbour in (formula(capacity + 1), formula(capacity - 1), formula(capacity, inflow=0)):
        assert abs(drained - neighbour) > 0.001 * drained
    assert moment(made, "function.disrupted") - 600 == pytest.approx(bound / INFLOW, abs=0.01)


@pytest.mark.parametrize("capacity", [120, 150])
def test_a_backlog_is_gone_after_what_waits_over_what_is_to_spare(capacity: float) -> None:
    made = booked(1e9, capacity)
    gone_ms = round((1200 + WAITING / (capacity - INFLOW)) * SECOND)
    depth = [made.board.value("shop", 0, "queue_depth", at) for at in (1_200_000, gone_ms - 10_000, gone_ms + 1_000)]  # type: ignore[arg-type]
    assert depth == [pytest.approx(WAITING, rel=1e-6), pytest.approx((capacity - INFLOW) * 10, rel=1e-3), 0.0]


@pytest.mark.parametrize("capacity", [99, 100])
def test_a_consumer_with_nothing_to_spare_never_catches_up(capacity: float) -> None:
    assert booked(1_000, capacity).timeline.of_kind("function.restored") == []
