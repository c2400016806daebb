"""How fast notifications are simulated, and whether memory depends on the horizon.

    .venv/bin/python benchmarks/notify.py      a week with 100,000 alerts a day, in batches and one by one,
                                               and a year with 1,000 a day

Each load runs in a process of its own, on one core, through a configuration of 50 routes with inhibition: alerts of 60
kinds from 20 clusters and 24 teams, lasting half an hour on average, posted every 15 s as rules are evaluated, or
each at its own moment.
Printed are time, the peak of memory, and its growth from the end of the first tenth of the horizon to the end.
Ends with 1 when a load takes a minute or longer.
"""

from __future__ import annotations

import heapq
import json
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from multiprocessing import get_context
from random import Random

from simulator.collection import rarely_collecting
from simulator.monitoring.alertmanager import Alertmanager, AlertmanagerConfig, PostedAlert, load_config
from timeline.instants import DAY, MINUTE, SECOND
from topologies.loading.document import parse_document

LIMIT_S = 60.0
BATCH_MS = 15 * SECOND
LOADS = {
    "a week with 100,000 alerts a day": (7, 100_000, BATCH_MS),
    "the same, each when it happens": (7, 100_000, 1),
    "a year with 1,000 alerts a day": (365, 1_000, BATCH_MS),
}
TEAMS = [f"team{number:02d}" for number in range(24)]
MEAN_LENGTH_MS = 30 * MINUTE


@dataclass(frozen=True)
class Measured:
    """One load; memory in MiB of resident set."""

    alerts: int
    notifications: int
    seconds: float
    peak_mib: float
    growth_mib: float


def configuration() -> AlertmanagerConfig:
    """The root, a route a team with one below it for pages, and one for what nobody is called for: 50 routes."""
    routes = [
        {
            "receiver": f"{team}-mail",
            "matchers": [f'team="{team}"'],
            "routes": [{"receiver": f"{team}-page", "matchers": ['severity="critical"']}],
        }
        for team in TEAMS
    ]
    routes.append({"receiver": "default", "matchers": ['severity=~"info|none"']})
    document = {
        "route": {"receiver": "default", "group_by": ["alertname", "cluster"], "routes": routes},
        "receivers": [{"name": "default"}] + [{"name": team + end} for team in TEAMS for end in ("-mail", "-page")],
        "inhibit_rules": [
            {
                "source_matchers": ['severity="critical"'],
                "target_matchers": ['severity="warning"'],
                "equal": ["cluster", "alertname"],
            }
        ],
    }
    return load_config(parse_document(json.dumps(document), "benchmark"))


def posts(days: int, a_day: int, every_ms: int) -> Iterator[tuple[int, list[PostedAlert]]]:
    """What changes at each evaluation that finds a change, in order of time; rules are evaluated `every_ms`."""
    for at_ms, group in groupby(_changes(days, a_day, every_ms), key=lambda change: change[0]):
        yield at_ms, [post for _, post in group]


def _changes(days: int, a_day: int, every_ms: int) -> Iterator[tuple[int, PostedAlert]]:
    random = Random(1)
    ends: list[tuple[int, int, dict[str, str], int]] = []
    for number in range(days * a_day):
        at_ms = _evaluation(number * DAY // a_day, every_ms)
        while ends and ends[0][0] <= at_ms:
            end_ms, _, labels, start_ms = heapq.heappop(ends)
            yield end_ms, PostedAlert(labels, {}, start_ms, end_ms)
        labels = {
            "alertname": f"Alert{random.randrange(60)}",
            "cluster": f"cluster-{random.randrange(20)}",
            "instance": f"host-{random.randrange(400)}",
            "team": random.choice(TEAMS),
            "severity": random.choice(["critical", "warning", "warning", "info"]),
        }
        yield at_ms, PostedAlert(labels, {}, at_ms, repeated=True)
        end_ms = _evaluation(at_ms + every_ms + round(random.expovariate(1 / MEAN_LENGTH_MS)), every_ms)
        heapq.heappush(ends, (end_ms, number, labels, at_ms))


def _evaluation(at_ms: int, every_ms: int) -> int:
    return at_ms - at_ms % every_ms


def measure(days: int, a_day: int, every_ms: int) -> Measured:
    alertmanager = Alertmanager(configuration(), epoch=datetime(2026, 1, 1, tzinfo=UTC))
    alerts = notifications = 0
    early_mib = 0.0
    begun = time.process_time()
    for at_ms, batch in posts(days, a_day, every_ms):
        alertmanager.receive(at_ms, batch)
        notifications += len(alertmanager.advance(at_ms))
        alerts += sum(post.repeated for post in batch)
        if not early_mib and at_ms > days * DAY // 10:
            early_mib = _peak_mib()
    notifications += len(alertmanager.advance(days * DAY))
    return Measured(alerts, notifications, time.process_time() - begun, _peak_mib(), _peak_mib() - early_mib)


def measure_rarely_collecting(days: int, a_day: int, every_ms: int) -> Measured:
    """As `blackstart alerts notify` runs a storm."""
    with rarely_collecting():
        return measure(days, a_day, every_ms)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    slow = False
    for name, load in LOADS.items():
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            measured = process.submit(measure_rarely_collecting, *load).result()
        slow = slow or measured.seconds >= LIMIT_S
        print(
            f"{name}: {measured.alerts:,} alerts, {measured.notifications:,} notifications,"
            f" {measured.seconds:.1f} s of one core, peak {measured.peak_mib:.0f} MiB,"
            f" growth after the first tenth {measured.growth_mib:.1f} MiB",
            flush=True,
        )
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
