"""What promtool computes for many queries in one run.

A test that expects no samples fails with what it got; so one file with many such cases, and one run of promtool,
give the results of all its queries.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.monitoring.promql import Labels
from simulator.monitoring.ruletests.series_notation import parse_labels, unquote

Query = tuple[str, int]

_CASE = re.compile(
    r'    expr: ("(?:\\.|[^"\\])*"), time: (\w+)(?:,\n        exp: .*\n        got: (.*)|, err: (.*))', re.MULTILINE
)


@dataclass(frozen=True)
class Result:
    """Samples by labels, or an error."""

    samples: Mapping[Labels, float]
    error: str = ""


def write_tests(path: Path, series: Mapping[str, str], interval: str, queries: Sequence[Query]) -> None:
    """A file of unit tests that expect nothing; JSON is YAML.  Times are seconds."""
    tests = {
        "rule_files": [],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": interval,
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {"expr": text, "eval_time": f"{seconds}s", "exp_samples": []} for text, seconds in queries
                ],
            }
        ],
    }
    path.write_text(json.dumps(tests))


def run_promtool(promtool: str, path: Path) -> dict[Query, Result]:
    """Results by query text and time; queries without result are not among them."""
    command = [promtool, "test", "rules", str(path)]
    output = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    text = output.stdout + output.stderr
    assert "FAILED" in text or "SUCCESS" in text, text[:2000]
    found = {}
    for quoted, time, got, error in _CASE.findall(text):
        found[unquote(quoted), _seconds(time)] = Result(_samples(got), error)
    return found


def _seconds(text: str) -> int:
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])", text))


def _samples(text: str) -> dict[Labels, float]:
    """`{a="b"} 1E+00, {} 2E+00` as samples by labels."""
    samples = {}
    rest = text if text != "nil" else ""
    while rest.strip():
        labels, rest = parse_labels(rest)
        number, _, rest = rest.strip().partition(",")
        samples[labels] = float(number)
    return samples
