"""Closed formulas of queues, retries and arrivals, through estates written as files.

Erlang's formulas as in A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
automatic telephone exchanges" (1917), here by their sums in exact fractions, not by the recursion that the model uses;
the tries of a call as a geometric series; counts of a Poisson process whose rate changes.  The same comparison refuses
the neighbours: one server, one retry, one hour more or less.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial, sqrt
from pathlib import Path
from statistics import fmean, variance

import pytest

from tests.simulator.estate.building import Rig
from timeline.instants import HOUR, MINUTE
from topologies.loading.document import read_document
from topologies.signals import Signal

TOLERANCE = 0.01


def rig(folder: Path, text: str, seed: int = 1, hours: float = 1) -> Rig:
    """An estate from a file."""
    path = folder / "topology.yaml"
    path.write_text(text)
    return Rig(seed, hours, **{k: v for k, v in read_document(path).data.items() if k in ("components", "functions")})


def agrees(found: float, formula: float) -> bool:
    return found == pytest.approx(formula, rel=TOLERANCE)


STATION = """
components:
  station:
    title: Servers behind one line
    kind: service
    replicas: {{count: {replicas}, needed: {replicas}}}
    capacity_rps: {capacity}
    latency_ms: {service_ms}
    queue: {{limit: {limit}, concurrency: {concurrency}}}
functions:
  f:
    title: Callers
    supported_by: {{station: {{type: hard}}}}
    demand: {{entry: station, peak_rps: {rps}, by_hour: [{flat}]}}
"""
FLAT = ", ".join(["1.0"] * 24)
SERVICE_S = Fraction(1, 10)


def station(folder: Path, servers: int, offered: Fraction, limit: int, concurrency: int = 1) -> Rig:
    return rig(
        folder,
        STATION.format(
            replicas=servers // concurrency,
            concurrency=concurrency,
            capacity=float(servers / SERVICE_S),
            service_ms=float(SERVICE_S * 1_000),
            limit=limit,
            rps=float(offered / SERVICE_S),
            flat=FLAT,
        ),
    )


def erlang_b(servers: int, offered: Fraction) -> Fraction:
    terms = [offered**k / factorial(k) for k in range(servers + 1)]
    return terms[-1] / sum(terms)


def mean_wait_s(servers: int, offered: Fraction) -> float:
    """Of M/M/c: C / (c mu - lambda)."""
    last = offered**servers / factorial(servers) * servers / (servers - offered)
    waits = last / (sum(offered**k / factorial(k) for k in range(servers)) + last)
    return float(waits * SERVICE_S / (servers - offered))


@pytest.mark.parametrize(
    ("servers", "concurrency", "utilisation"),
    [(1, 1, "0.5"), (1, 1, "0.9"), (2, 1, "0.8"), (4, 1, "0.8"), (12, 4, "0.9"), (40, 10, "0.95"), (200, 100, "0.98")],
)
def test_mean_waiting_time_of_many_servers(tmp_path: Path, servers: int, concurrency: int, utilisation: str) -> None:
    offered = Fraction(utilisation) * servers
    made = station(tmp_path, servers, offered, limit=1_000_000, concurrency=concurrency)
    latency_s = made.board.value("station", 0, Signal.LATENCY_S, 0)
    assert latency_s is not None
    found = latency_s - float(SERVICE_S)
    assert agrees(found, mean_wait_s(servers, offered))
    assert not agrees(found, mean_wait_s(servers + 1, offered))
    if offered < servers - 1:
        assert not agrees(found, mean_wait_s(servers - 1, offered))


@pytest.mark.parametrize("servers", [1, 3, 10])
def test_replicas_without_a_stated_queue_wait_by_the_same_formula(tmp_path: Path, servers: int) -> None:
    offered = Fraction(8, 10) * servers
    text = STATION.replace("    queue: {{limit: {limit}, concurrency: {concurrency}}}\n", "").format(
        replicas=servers, capacity=10 * servers, service_ms=100, rps=float(offered * 10), flat=FLAT
    )
    latency_s = rig(tmp_path, text).board.value("station", 0, Signal.LATENCY_S, 0)
    assert latency_s is not None
    assert agrees(latency_s - 0.1, mean_wait_s(servers, offered))
    assert not agrees(latency_s - 0.1, mean_wait_s(servers + 1, offered))


@pytest.mark.parametrize(("servers", "offered"), [(1, "0.5"), (2, "3"), (5, "4"), (10, "7"), (60, "60"), (200, "190")])
def test_share_lost_where_nobody_may_wait(tmp_path: Path, servers: int, offered: str) -> None:
    found = 1 - station(tmp_path, servers, Fraction(offered), limit=0).level("station")
    assert agrees(found, float(erlang_b(servers, Fraction(offered))))
    for neighbour in (servers - 1, servers + 1):
        assert not agrees(found, float(erlang_b(neighbour, Fraction(offered))))


CHAIN = """
components:
  front: {{title: Front, kind: service, depends_on: {{middle: {{type: hard, retries: {retries}}}}}}}
  middle: {{title: Middle, kind: service, depends_on: {{back: {{type: hard, retries: {retries}}}}}}}
  back: {{title: Back, kind: database}}
functions:
  f:
    title: Callers
    supported_by: {{front: {{type: hard}}}}
    demand: {{entry: front, peak_rps: 10, by_hour: [{flat}]}}
"""


@pytest.mark.parametrize("failing", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("retries", [1, 2, 5])
def test_retries_multiply_load_by_a_geometric_series(tmp_path: Path, retries: int, failing: float) -> None:
    errors = {"fault": "bad-deploy", "target": "back", "at": "1m", "parameters": {"error_ratio": failing}}
    made = rig(tmp_path, CHAIN.format(retries=retries, flat=FLAT), hours=0.1).play(f=errors)
    middle = made.estate.compiled["middle"].load_rps

    def tries(retries: int) -> float:
        return (1 - failing ** (retries + 1)) / (1 - failing)

    found = made.estate.compiled["back"].load_rps / middle
    assert agrees(found, tries(retries))
    lost = failing ** (retries + 1)
    assert agrees(middle, 10 * (1 - lost ** (retries + 1)) / (1 - lost))
    if failing**retries > 2 * TOLERANCE:
        assert not agrees(found, tries(retries - 1))
    if lost > 2 * TOLERANCE:
        assert not agrees(found, tries(retries + 1))


@pytest.mark.parametrize("retries", [1, 2, 3])
def test_a_loss_is_tried_to_the_power_of_its_layers(tmp_path: Path, retries: int) -> None:
    """Each layer multiplies: (1 + r)^2 with two (Google, Site Reliability Engineering, chapter 22)."""
    made = rig(tmp_path, CHAIN.format(retries=retries, flat=FLAT), hours=0.1)
    made.play(f={"fault": "bad-deploy", "target": "back", "at": "1m", "parameters": {"error_ratio": 1.0}})
    assert agrees(made.estate.compiled["back"].load_rps, 10 * (1 + retries) ** 2)


USERS = """
components:
  shop: {title: Shop, kind: service}
functions:
  ordering:
    title: Ordering
    supported_by: {shop: {type: hard}}
    demand:
      entry: shop
      peak_rps: 10
      by_hour: [0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.0, 0.9,
                0.7, 0.7, 0.8, 0.8, 0.9, 1.0, 0.9, 0.7, 0.5, 0.4, 0.3, 0.2]
    reports:
      users: 400000
      channels:
        phone:
          share: 0.05
          by_hour: [0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0,
                    1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.3, 0.2, 0.2, 0.2, 0.2]
        social: {share: 0.02}
"""
"""Starts at ten on a Tuesday."""
STARTED_HOUR, USERS_COUNT, SEEDS = 10, 400_000, 48


def linear(shares: list[float], hour: float) -> float:
    before = int(hour - 0.5 + 24) - 24
    weight = hour - 0.5 - before
    return shares[before % 24] * (1 - weight) + shares[(before + 1) % 24] * weight


def expected(folder: Path, channel: str, start_h: float, hours: float) -> float:
    """The integral of the rate, with what users do held for a quarter of an hour at a time."""
    spec = read_document(folder / "topology.yaml").data["functions"]["ordering"]
    told = spec["reports"]["channels"][channel]
    quarters = [STARTED_HOUR + start_h + number / 4 for number in range(int(hours * 4))]
    return sum(
        USERS_COUNT
        * told["share"]
        * linear(spec["demand"]["by_hour"], quarter)
        * linear(told.get("by_hour", [1.0] * 24), quarter)
        / 4
        for quarter in quarters
    )


@pytest.mark.parametrize(("start_h", "hours"), [(1, 2), (6, 4), (19, 3)])
def test_reports_of_users_are_a_poisson_process_whose_rate_follows_the_hours(
    tmp_path: Path, start_h: int, hours: int
) -> None:
    counts: dict[str, list[int]] = {"phone": [], "social": []}
    outage = {"fault": "hang", "target": "shop", "at": f"{start_h}h", "duration": f"{hours}h"}
    for seed in range(SEEDS):
        made = rig(tmp_path, USERS, seed, hours=start_h + hours + 0.5).play(f=outage)
        for channel, found in counts.items():
            told = [e for e in made.timeline.of_kind("report.received") if e.detail.channel == channel]  # type: ignore[attr-defined]
            found.append(sum(e.detail.count for e in told))  # type: ignore[attr-defined]
            assert all(start_h * HOUR <= e.at_ms <= (start_h + hours) * HOUR + MINUTE for e in told)
    for channel, found in counts.items():
        integral = expected(tmp_path, channel, start_h, hours)
        half_width = 2.576 * sqrt(integral / SEEDS)
        assert half_width / integral < TOLERANCE
        assert fmean(found) == pytest.approx(integral, abs=half_width)
        for shifted in (-1, 1):
            other = expected(tmp_path, channel, start_h + shifted, hours)
            assert fmean(found) != pytest.approx(other, abs=half_width)
        dispersion = variance(found) / fmean(found)
        assert 0.52 < dispersion < 1.63, "chi-square with 47 degrees of freedom, 99 % two-sided"
