"""Back-tests of rules over recorded series: time and memory as the recording grows, and beside promtool's backfilling.

    python benchmarks/backtest.py [--quick]

Growth: 200 series scraped every 30 s over 7, 30 and 90 days, 20 rules every minute with burn rates up to 6 h, through
an Alertmanager configuration; the whole command as a process, from the OpenMetrics file to the JSON answer.  Memory
should hardly depend on the days.

Beside promtool: a day of the same series and the recording rules alone.  promtool makes blocks of the file, a real
Prometheus serves them, promtool backfills the rules from it.  What both recorded is compared, sample by sample, before
any ratio is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

START_S = 1_772_323_200
SCRAPE_S = 30
INSTANCES = 40
WINDOWS = ("5m", "30m", "1h", "6h")
CONFIG = """
route:
  receiver: desk
  group_by: [alertname, job]
  routes: [{receiver: pager, matchers: ['severity="page"']}]
receivers:
  - {name: desk, webhook_configs: [{url: "http://127.0.0.1/"}]}
  - {name: pager, webhook_configs: [{url: "http://127.0.0.1/"}]}
"""


@dataclass(frozen=True)
class Measured:
    """A process: seconds of wall clock and of processor, peak memory, and what it printed."""

    seconds: float
    processor_seconds: float
    peak_mib: float
    output: str


def write_recording(path: Path, days: float) -> int:
    """40 instances with 5 series each, one after the other; gives the number of samples."""
    random = np.random.default_rng(1)
    steps = int(days * 86_400 / SCRAPE_S)
    with path.open("w") as file:
        for number in range(INSTANCES):
            times = START_S + number % SCRAPE_S + SCRAPE_S * np.arange(steps)
            labels = f'instance="i{number}",job="job{number % 5}"'
            up = np.ones(steps, dtype=np.int64)
            bad = np.zeros(steps)
            for at in random.integers(0, steps, max(steps // 2000, 1)):
                up[at : at + random.integers(1, 30)] = 0
                bad[at : at + random.integers(1, 200)] = random.uniform(0, 3)
            requests = np.cumsum(random.poisson(60, steps))
            errors = np.cumsum(random.poisson(0.2 + bad))
            queue = np.round(np.abs(np.cumsum(random.normal(0, 1, steps))), 3)
            for name, values in (
                (f"up{{{labels}}}", up),
                (f'requests_total{{code="200",{labels}}}', requests),
                (f'requests_total{{code="500",{labels}}}', errors),
                (f"queue_depth{{{labels}}}", queue),
                (f"work_seconds_total{{{labels}}}", requests * 0.25),
            ):
                file.writelines(
                    f"{name} {value} {at}\n" for value, at in zip(values.tolist(), times.tolist(), strict=True)
                )
        file.write("# EOF\n")
    return steps * INSTANCES * 5


def recording_rules() -> list[dict[str, object]]:
    ratios: list[dict[str, object]] = [
        {
            "record": f"job:error_ratio:{window}",
            "expr": f'sum by (job) (rate(requests_total{{code="500"}}[{window}]))'
            f" / sum by (job) (rate(requests_total[{window}]))",
        }
        for window in WINDOWS
    ]
    return [
        *ratios,
        {"record": "job:requests:rate5m", "expr": "sum by (job) (rate(requests_total[5m]))"},
        {"record": "job:queue:max", "expr": "max by (job) (queue_depth)"},
        {"record": "instance:queue:avg30m", "expr": "avg_over_time(queue_depth[30m])"},
        {"record": "job:busy:ratio", "expr": "avg by (job) (rate(work_seconds_total[5m]))"},
    ]


def alerting_rules() -> list[dict[str, object]]:
    pairs = (("5m", "1h", "page"), ("30m", "6h", "page"), ("1h", "6h", "ticket"), ("5m", "30m", "ticket"))
    burn: list[dict[str, object]] = [
        {
            "alert": f"Burn{short}{long}",
            "expr": f"job:error_ratio:{short} > 0.02 and job:error_ratio:{long} > 0.01",
            "for": "2m",
            "labels": {"severity": severity},
        }
        for short, long, severity in pairs
    ]
    rest = [
        ("Down", "up == 0", "5m", "page"),
        ("ManyDown", "sum by (job) (up) < 6", "1m", "page"),
        ("Deep", "instance:queue:avg30m > 400", "15m", "ticket"),
        ("Deeper", "job:queue:max > 800", "15m", "page"),
        ("Quiet", "job:requests:rate5m < 1", "10m", "page"),
        ("Flaps", "changes(up[30m]) > 4", "0s", "ticket"),
        ("Fills", "predict_linear(queue_depth[1h], 3600) > 1500", "10m", "ticket"),
        ("Gone", "absent(up)", "5m", "page"),
    ]
    return [
        *burn,
        *(
            {"alert": name, "expr": query, "for": wait, "labels": {"severity": severity}}
            for name, query, wait, severity in rest
        ),
    ]


def write_rules(path: Path, rules: list[dict[str, object]]) -> None:
    path.write_text(json.dumps({"groups": [{"name": "all", "interval": "1m", "rules": rules}]}))


def measure(command: list[str]) -> Measured:
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:4]} failed: {output[-2000:]}")
    seconds = time.perf_counter() - begin
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def blackstart(rules: Path, recording: Path, *more: str) -> Measured:
    program = "from console.main import main; main()"
    options = ["--data", str(recording), "--nan", "value", "--prometheus", "2", "--json", *more]
    return measure([sys.executable, "-c", program, "alerts", "backtest", str(rules), *options])


def growth(folder: Path, all_days: tuple[float, ...]) -> None:
    rules, config, recording = folder / "rules.json", folder / "alertmanager.yml", folder / "recording.om"
    write_rules(rules, [*recording_rules(), *alerting_rules()])
    config.write_text(CONFIG)
    for days in all_days:
        samples = write_recording(recording, days)
        found = blackstart(rules, recording, "--config", str(config))
        variant = json.loads(found.output)["variants"][0]
        size = f"{samples / 1e6:5.1f} million samples, {recording.stat().st_size / 2**30:5.2f} GiB of text"
        came = f"{variant['alerts']} alerts, {variant['pages']} pages"
        cost = f"{found.seconds:6.1f} s ({found.processor_seconds:.1f} s of processor), peak {found.peak_mib:5.0f} MiB"
        print(f"{days:4g} days, {size}: {cost}; {came}", flush=True)
    recording.unlink()


def beside_promtool(folder: Path, days: float) -> None:
    from tests.conformance.backtest.recordings import dump, prometheus

    promtool, server = shutil.which("promtool"), shutil.which("prometheus")
    if promtool is None or server is None:
        print("promtool and prometheus are not installed (Debian package prometheus): our side alone")
        return
    rules, recording, tsdb, out = (folder / name for name in ("rules.yml", "day.om", "tsdb", "backfilled"))
    write_rules(rules, recording_rules())
    samples = write_recording(recording, days)
    blocks = measure([promtool, "tsdb", "create-blocks-from", "openmetrics", str(recording), str(tsdb)])
    span = [f"--start={START_S}", f"--end={START_S + int(days * 86_400)}"]
    with prometheus(server, tsdb) as address:
        rule_options = [f"--url={address}", *span, f"--output-dir={out}", str(rules)]
        backfill = measure([promtool, "tsdb", "create-blocks-from", "rules", *rule_options])
    dumped = folder / "backfilled.txt"
    dumped.write_text(dump(promtool, out))
    compared = compare_recorded(rules, recording, dumped, days)
    ours = blackstart(rules, recording)
    theirs = blocks.seconds + backfill.seconds
    print(
        f"{days:g} days, {samples / 1e6:.1f} million samples, 8 recording rules: {compared} recorded samples are equal"
    )
    print(f"    promtool    {blocks.seconds:6.1f} s for blocks, {backfill.seconds:6.1f} s for rules (beside a server)")
    own = f"{ours.seconds:6.1f} s ({ours.processor_seconds:.1f} s of processor), peak {ours.peak_mib:.0f} MiB"
    print(f"    blackstart  {own}; {theirs / ours.seconds:.1f} times as fast", flush=True)


def compare_recorded(rules: Path, recording: Path, dumped: Path, days: float) -> int:
    """Ends the benchmark when a sample differs; gives how many were compared."""
    from simulator.monitoring.promql import Semantics, is_stale
    from simulator.monitoring.rules import RuleEngine, load_rules
    from studies.backtest import NanIs, Reading, read_recording
    from tests.conformance.backtest.recordings import left_out_by_promtool

    reading = Reading(nan=NanIs.VALUE)
    theirs = {one.labels: one for one in read_recording([dumped], reading).store.select([], -(2**60), 2**60)}
    first_ms = min(int(one.times[0]) for one in theirs.values())
    groups = load_rules([rules])
    store = read_recording([recording], reading).store
    engine = RuleEngine(
        groups,
        store,
        start_ms=START_S * 1000,
        semantics=Semantics.PROMETHEUS_2,
        offset=lambda group: first_ms % group.interval_ms,
    )
    names, compared = {rule.name for rule in groups[0].rules}, 0
    for hour in range(round(days * 24)):
        begin_ms = (START_S + hour * 3600) * 1000
        engine.advance(begin_ms + 3_600_000 - 1)
        for one in engine.select([], begin_ms, begin_ms + 3_600_000 - 1):
            if one.labels.metric_name not in names:
                continue
            kept = ~is_stale(one.values) & ~np.array([left_out_by_promtool(at_ms) for at_ms in one.times.tolist()])
            other = theirs[one.labels]
            at = np.searchsorted(other.times, one.times[kept])
            same_times = bool((other.times[np.minimum(at, len(other.times) - 1)] == one.times[kept]).all())
            if not same_times or not np.allclose(other.values[at], one.values[kept], rtol=1e-12, equal_nan=True):
                raise SystemExit(f"{one.labels} differs from what promtool recorded")
            compared += int(kept.sum())
    wanted = sum(len(one.times) for one in theirs.values())
    last = sum(int((one.times >= (START_S + round(days * 86_400)) * 1000).sum()) for one in theirs.values())
    if compared != wanted - last:
        raise SystemExit(f"{compared} samples were recorded here, {wanted - last} by promtool")
    return compared


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="a day, and a quarter of one beside promtool")
    options = arguments.parse_args()
    sys.path.insert(0, str(Path(__file__).parent.parent))
    with tempfile.TemporaryDirectory() as folder:
        beside_promtool(Path(folder), 0.25 if options.quick else 1)
    with tempfile.TemporaryDirectory() as folder:
        growth(Path(folder), (0.5, 1) if options.quick else (7, 30, 90))


if __name__ == "__main__":
    main()
