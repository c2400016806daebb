"""What one window of one rule costs: 16 series, 240 steps of 15 s, by the kind of rule.

The design wants about 0.1 ms, because a simulated exercise is thousands of such windows.  Each kind is measured twice:
with series that share their sample times (one target) and with series that do not (16 targets, each scraped at a
moment of its own).  The time is processor time, the least of several rounds.

    python benchmarks/windows.py
"""

from __future__ import annotations

import time

import numpy as np

from simulator.monitoring.promql import Labels, MemoryStorage, Series, evaluate, parse

SCRAPE_MS = 15_000
SERIES, STEPS = 16, 240
ROUNDS, REPEATS = 5, 40
RULES = {
    "threshold": "queue_depth > 90",
    "rate": "rate(requests_total[5m]) > 200",
    "error ratio": (
        'sum by (job) (rate(requests_total{code="500"}[5m])) / sum by (job) (rate(requests_total[5m])) > 0.5'
    ),
    "average over time": "avg_over_time(queue_depth[10m]) > 95",
    "prediction": "predict_linear(queue_depth[30m], 3600) > 1e6",
    "quantile of a histogram": "histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m]))) > 1",
    "join": "queue_depth / on (instance) group_left () capacity > 0.9",
}


def storage(*, shared: bool) -> MemoryStorage:
    """Two hours of samples: `SERIES` of each metric."""
    random = np.random.default_rng(1)
    kept = MemoryStorage()
    regular = np.arange(0, 2 * 3_600_000, SCRAPE_MS, dtype=np.int64)
    for number in range(SERIES):
        times = regular if shared else regular + 900 * number
        common = {"job": f"job{number % 4}", "instance": f"i{number}"}
        bound = ["0.1", "0.5", "1", "+Inf"][number % 4]
        gauge, counter = random.random(len(times)) * 100, np.cumsum(random.random(len(times)))
        kept.add(Series(Labels({"__name__": "queue_depth", **common}), times, gauge))
        kept.add(Series(Labels({"__name__": "capacity", "instance": f"i{number}"}), times, gauge + 100))
        code = "500" if number % 2 else "200"
        kept.add(Series(Labels({"__name__": "requests_total", "code": code, **common}), times, counter))
        kept.add(
            Series(Labels({"__name__": "latency_bucket", "le": bound, **common}), times, counter * (number % 4 + 1))
        )
    return kept


def cost_ms(query: str, series: MemoryStorage) -> float:
    expression = parse(query)
    times = 3_600_000 + 7 + SCRAPE_MS * np.arange(STEPS, dtype=np.int64)
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(REPEATS):
            evaluate(expression, series, times)
        best = min(best, (time.process_time() - start) / REPEATS * 1000)
    return best


def main() -> None:
    together, apart = storage(shared=True), storage(shared=False)
    print(f"{'ms a window':25} {'one target':>10} {'16 targets':>10}")
    for kind, query in RULES.items():
        print(f"{kind:25} {cost_ms(query, together):10.3f} {cost_ms(query, apart):10.3f}")


if __name__ == "__main__":
    main()
