"""Unit tests of rules: the same file to promtool and to Blackstart, as whole processes.

2,000 series over a day at one minute, ten rules with burn rates over several windows, dead targets and a histogram
quantile; then 200 series, and 20,000 on our side alone.  The verdicts are compared before any ratio is printed: the
file has cases that pass and cases that fail, and both must agree on each.

    python benchmarks/rules.py [--quick]
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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DAY_MINUTES = 1440
WINDOWS = ("5m", "30m", "1h", "6h")
SLOW_ALERT_MINUTE = 720


@dataclass(frozen=True)
class Measured:
    """Of a process and its children: wall-clock and processor seconds, peak memory, and its cases that failed."""

    seconds: float
    processor_seconds: float
    peak_mib: float
    failed: int


def rules() -> dict[str, object]:
    burn = [
        {
            "alert": f"Burn{window}",
            "expr": (
                f'sum by (job) (rate(http_requests_total{{code="500"}}[{window}]))'
                f" / sum by (job) (rate(http_requests_total[{window}])) > 0.02"
            ),
            "for": "2m",
            "labels": {"window": window},
        }
        for window in WINDOWS
    ]
    ratios = [
        {"record": f"job:requests:rate{window}", "expr": f"sum by (job) (rate(http_requests_total[{window}]))"}
        for window in WINDOWS
    ]
    rest = [
        {"alert": "Down", "expr": "up == 0", "for": "5m"},
        {
            "alert": "Slow",
            "expr": "histogram_quantile(0.9, sum by (job, le) (rate(latency_bucket[5m]))) > 0.4",
            "for": "5m",
        },
    ]
    return {"groups": [{"name": "all", "rules": [*ratios, *burn, *rest]}]}


def tests(series: int) -> dict[str, object]:
    """Series by kind: half of them requests, an eighth targets, the rest buckets of histograms."""
    inputs = []
    for number in range(series // 4):
        labels = f'job="job{number % 20}",instance="i{number}"'
        inputs.append(_series(f'http_requests_total{{{labels},code="200"}}', f"0+{60 + number % 7}x{DAY_MINUTES}"))
        erring = f"0x{SLOW_ALERT_MINUTE} 0+{3 + number % 3}x{DAY_MINUTES - SLOW_ALERT_MINUTE - 1}"
        inputs.append(_series(f'http_requests_total{{{labels},code="500"}}', erring))
    for number in range(series // 8):
        dead = (
            f"1x{SLOW_ALERT_MINUTE} 0x{DAY_MINUTES - SLOW_ALERT_MINUTE - 1}" if number % 50 == 0 else f"1x{DAY_MINUTES}"
        )
        inputs.append(_series(f'up{{job="job{number % 20}",instance="i{number}"}}', dead))
    for number in range(series // 32 * 3):
        for bound, step in (("0.1", 10), ("0.3", 30), ("1", 38), ("+Inf", 40)):
            name = f'latency_bucket{{job="job{number % 20}",instance="i{number}",le="{bound}"}}'
            inputs.append(_series(name, f"0+{step}x{DAY_MINUTES}"))
    return {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": inputs,
                "alert_rule_test": [
                    {"eval_time": "11h", "alertname": "Burn5m", "exp_alerts": []},
                    {"eval_time": "24h", "alertname": "Burn6h", "exp_alerts": []},
                    {"eval_time": "24h", "alertname": "Down", "exp_alerts": []},
                    {"eval_time": "24h", "alertname": "Slow", "exp_alerts": []},
                ],
                "promql_expr_test": [
                    {
                        "expr": "count(up)",
                        "eval_time": "24h",
                        "exp_samples": [{"labels": "{}", "value": series // 8}],
                    }
                ],
            }
        ],
    }


def _series(name: str, values: str) -> dict[str, str]:
    return {"series": name, "values": values}


def measure(command: list[str], failed: Callable[[str], int]) -> Measured:
    """Run a command to its end; `failed` counts failed cases in its output."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    seconds = time.perf_counter() - start
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, failed(output))


def ours(path: Path) -> Measured:
    program = (
        "import sys; from pathlib import Path; from console.commands.alerts_test import Version, test; "
        f"sys.exit(test([Path({str(path)!r})], prometheus=Version.TWO, quiet=True))"
    )
    return measure([sys.executable, "-c", program], lambda text: int(text.split()[-2]))


def theirs(promtool: str, path: Path) -> Measured:
    command = [promtool, "test", "rules", str(path)]
    return measure(command, lambda text: text.count("alertname: ") + text.count("expr: "))


def compare(promtool: str | None, series: int, folder: Path) -> dict[str, float]:
    """One size: both sides where promtool is there, with the verdicts compared first."""
    (folder / "rules.yaml").write_text(json.dumps(rules()))
    path = folder / f"tests-{series}.yaml"
    path.write_text(json.dumps(tests(series)))
    mine = ours(path)
    line = {"series": series, "seconds": mine.seconds, "peak_mib": mine.peak_mib, "failed": mine.failed}
    print(f"{series:6} series: blackstart {mine.seconds:7.2f} s {mine.peak_mib:6.0f} MiB")
    if promtool is not None:
        other = theirs(promtool, path)
        if other.failed != mine.failed:
            raise SystemExit(f"verdicts differ: promtool fails {other.failed} cases, blackstart {mine.failed}")
        print(f"               promtool   {other.seconds:7.2f} s {other.peak_mib:6.0f} MiB")
        print(
            f"               {other.seconds / mine.seconds:.0f} times faster "
            f"({other.processor_seconds / mine.processor_seconds:.0f} times by processor time), "
            f"{mine.peak_mib / other.peak_mib:.2f} times the memory"
        )
        line |= {"promtool_seconds": other.seconds, "promtool_peak_mib": other.peak_mib}
    return line


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="200 series only")
    options = arguments.parse_args()
    promtool = shutil.which("promtool")
    if promtool is None:
        print("promtool is not installed (Debian package prometheus): our side alone")
    with tempfile.TemporaryDirectory() as folder:
        compare(promtool, 200, Path(folder))
        if not options.quick:
            compare(promtool, 2_000, Path(folder))
            compare(None, 20_000, Path(folder))


if __name__ == "__main__":
    main()
