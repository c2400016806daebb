"""Recordings for comparison with a real Prometheus: what a server might have scraped, as OpenMetrics text."""

from __future__ import annotations

import random
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 1_772_323_200
"""2026-03-01T00:00:00Z"""
SCRAPE_S = 15


BLOCK_MS = 7_200_000


def left_out_by_promtool(at_ms: int) -> bool:
    """Backfilling ends each block of two hours on its last whole second: an evaluation after that is not done."""
    return at_ms % BLOCK_MS >= BLOCK_MS - 1_000


def openmetrics(hours: float, seed: int) -> str:
    """Targets that go down and come back, counters that reset, gauges with NaN and infinities, a histogram.

    Each target is scraped at its own second; a target that is down has only `up`.
    """
    draw = random.Random(seed)
    scrapes = int(hours * 3600 / SCRAPE_S)
    lines: list[str] = []
    for number in range(3):
        begins, labels = START_S + number * 4, f'instance="i{number}",job="{"api" if number < 2 else "db"}"'
        down = _spans(draw, scrapes)
        times = [begins + SCRAPE_S * step for step in range(scrapes)]
        alive = [not any(first <= step < end for first, end in down) for step in range(scrapes)]
        lines += [f"up{{{labels}}} {int(on)} {at}" for on, at in zip(alive, times, strict=True)]
        for code, pace in (("200", 40), ("500", 3)):
            value = 0
            for on, at in zip(alive, times, strict=True):
                value = 0 if not on or draw.random() < 0.002 else value + draw.randrange(pace)
                if on:
                    lines.append(f'requests_total{{code="{code}",{labels}}} {value} {at}')
        for on, at in zip(alive, times, strict=True):
            value_text = draw.choice(["NaN", "+Inf"]) if draw.random() < 0.003 else repr(draw.gauss(50, 20))
            if on:
                lines.append(f"queue_depth{{{labels}}} {value_text} {at}")
        counts = [0.0, 0.0, 0.0]
        for on, at in zip(alive, times, strict=True):
            counts = [count + draw.randrange(5) * (position + 1) for position, count in enumerate(counts)]
            if on:
                for bound, count in zip(("0.1", "0.5", "+Inf"), sorted(counts), strict=True):
                    lines.append(f'latency_bucket{{{labels},le="{bound}"}} {count:g} {at}')
    return "\n".join(lines) + "\n# EOF\n"


def _spans(draw: random.Random, scrapes: int) -> list[tuple[int, int]]:
    return [
        (first, first + draw.randrange(1, 60))
        for first in (draw.randrange(scrapes) for _ in range(max(scrapes // 300, 2)))
    ]


def make_blocks(promtool: str, recording: Path, folder: Path) -> None:
    """A TSDB with the samples of an OpenMetrics file."""
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(recording), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def dump(promtool: str, folder: Path) -> str:
    """The samples of a TSDB as promtool writes them; blocks alone lack the folder that it looks for."""
    (folder / "wal").mkdir(exist_ok=True)
    done = subprocess.run(
        [promtool, "tsdb", "dump", str(folder)], check=True, capture_output=True, text=True, timeout=120
    )
    return done.stdout


@contextmanager
def prometheus(command: str, folder: Path, rules: Path | None = None) -> Iterator[str]:
    """A server over a TSDB on a free port of the loopback, with rules if given; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder.parent / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1h}\n" + (f"rule_files: ['{rules}']\n" if rules else ""))
    options = [
        f"--config.file={config}",
        f"--storage.tsdb.path={folder}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen([command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(address)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/-/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} is not ready")


def query_range(address: str, expression: str, first_ms: int, last_ms: int, step_ms: int) -> bytes:
    """The answer of the HTTP API, as it comes."""
    query = urllib.parse.urlencode(
        {"query": expression, "start": first_ms / 1000, "end": last_ms / 1000, "step": step_ms / 1000}
    )
    with urllib.request.urlopen(f"{address}/api/v1/query_range?{query}", timeout=60) as answer:
        return bytes(answer.read())
