"""Availability of estates against closed formulas, by going through every state that their parts can be in.

Each component is up with its own probability, independently of the others; the estate says what a state does to the
business function.  Source: R. E. Barlow, F. Proschan, Statistical Theory of Reliability and Life Testing (1975), ch. 2.
Neighbours of each formula (one part more or fewer) must differ from the estate by far more than rounding.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from simulator.estate.columns import Columns
from simulator.estate.graph import compile_estate
from topologies.estate import Estate
from topologies.loading.document import parse_document
from topologies.loading.validation import validate

HEAD = "{format: blackstart/estate/1, title: test, timezone: UTC, "
FUNCTION = "functions: {f: {title: f, minimum_level: 0.5, supported_by: {%s: {type: hard}}}}}"


def components(count: int, site: str = "") -> str:
    place = f", site: {site}" if site else ""
    return ", ".join(f"c{n}: {{title: c{n}, kind: service{place}}}" for n in range(count))


def chain(count: int) -> str:
    """c0 needs c1, which needs c2, ..."""
    parts = [
        f"c{n}: {{title: c{n}, kind: service, depends_on: {{{f'c{n + 1}: {{type: hard}}' if n + 1 < count else ''}}}}}"
        for n in range(count)
    ]
    return HEAD + f"components: {{{', '.join(parts)}}}, " + FUNCTION % "c0"


def group(needed: int, count: int) -> str:
    members = ", ".join(f"c{n}" for n in range(count))
    groups = f"groups: {{g: {{title: g, needed: {needed}, members: [{members}]}}}}, "
    return HEAD + f"components: {{{components(count)}}}, " + groups + FUNCTION % "g"


def pair() -> str:
    over = "{mode: automatic, detection: 10s, takes: 1m}"
    pairs = f"standby_pairs: {{p: {{title: p, primary: c0, standby: c1, fail_over: {over}}}}}, "
    return HEAD + f"components: {{{components(2)}}}, " + pairs + FUNCTION % "p"


def shared_site(count: int) -> str:
    """A group of one of `count` whose members all stand at one site: the site is a component in series."""
    sites = "sites: {s: {title: s, kind: datacentre, timezone: UTC, depends_on: {power: {type: hard}}}}, "
    members = ", ".join(f"c{n}" for n in range(count))
    power = "power: {title: power, kind: power}"
    groups = f"groups: {{g: {{title: g, needed: 1, members: [{members}]}}}}, "
    return HEAD + sites + f"components: {{{components(count, 's')}, {power}}}, " + groups + FUNCTION % "g"


def availability(text: str, up: float) -> float:
    """Probability that the function is served: the sum over all states of the components."""
    estate = validate(parse_document(text, "estate.yaml"), Estate)
    columns = Columns(compile_estate(estate))
    ids = list(estate.components)
    states = list(product((0.0, 1.0), repeat=len(ids)))
    own = columns.untouched(len(states))
    own[[columns.number[id] for id in ids]] = np.array(states).T
    served = columns.settle(own)[columns.number["function:f"]] >= 0.5
    return math.fsum(
        math.prod(up if part else 1 - up for part in state) for state, yes in zip(states, served, strict=True) if yes
    )


def k_of_n(k: int, n: int, up: float) -> float:
    return math.fsum(math.comb(n, i) * up**i * (1 - up) ** (n - i) for i in range(k, n + 1))


@pytest.mark.parametrize("up", [0.9, 0.99])
@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_a_series_system(count: int, up: float) -> None:
    found = availability(chain(count), up)
    assert found == pytest.approx(up**count, rel=1e-12)
    assert abs(found - up ** (count + 1)) > 1e-3


@pytest.mark.parametrize("up", [0.7, 0.95])
@pytest.mark.parametrize(("k", "n"), [(1, 2), (1, 4), (2, 3), (3, 5), (5, 5), (4, 9)])
def test_a_k_of_n_system(k: int, n: int, up: float) -> None:
    found = availability(group(k, n), up)
    assert found == pytest.approx(k_of_n(k, n, up), rel=1e-12)
    for neighbour in ((k + 1, n), (k - 1, n), (k, n + 1)):
        assert found != pytest.approx(k_of_n(*neighbour, up), rel=1e-9)


@pytest.mark.parametrize("up", [0.8, 0.99])
def test_a_pair_that_switches_by_itself_is_a_parallel_system(up: float) -> None:
    assert availability(pair(), up) == pytest.approx(1 - (1 - up) ** 2, rel=1e-12)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_redundancy_at_one_site_is_in_series_with_its_power(count: int) -> None:
    up = 0.95
    found = availability(shared_site(count), up)
    assert found == pytest.approx(up * (1 - (1 - up) ** count), rel=1e-12)
    assert found < 1 - (1 - up) ** count
