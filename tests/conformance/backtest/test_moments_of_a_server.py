"""Groups are evaluated at the moments at which a real server evaluates them, once it has told them."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from pathlib import Path

from simulator.monitoring.rules import load_rules
from studies.backtest.moments import read_moments
from studies.backtest.running import Server
from tests.conformance.backtest.recordings import prometheus
from tests.services import require

RULES = """
groups:
  - {name: first, interval: 2s, rules: [{record: first, expr: vector(1)}]}
  - {name: second, interval: 3s, rules: [{record: second, expr: vector(2)}]}
"""
DELAY_MS = 250
"""The server tells when it began to evaluate, which on a busy machine is somewhat later than the moment itself."""


def test_offsets_are_those_of_what_the_server_records(tmp_path: Path) -> None:
    rules, told = tmp_path / "rules.yml", tmp_path / "rules.json"
    rules.write_text(RULES)
    groups = load_rules([rules])
    with prometheus(require("prometheus"), tmp_path / "tsdb", rules) as address:
        recorded = {group.name: _first_recorded_ms(address, group.name) for group in groups}
        told.write_bytes(_get(f"{address}/api/v1/rules"))
    server = Server(moments=read_moments(told))
    for group in groups:
        behind_ms = (server.offset(group) - recorded[group.name]) % group.interval_ms
        assert behind_ms < DELAY_MS


def _first_recorded_ms(address: str, name: str) -> int:
    query = urllib.parse.urlencode({"query": f"{name}[1m]"})
    until = time.monotonic() + 30
    while time.monotonic() < until:
        result = json.loads(_get(f"{address}/api/v1/query?{query}"))["data"]["result"]
        if result:
            return round(result[0]["values"][0][0] * 1000)
        time.sleep(0.1)
    raise TimeoutError(f"the server recorded no {name}")


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())
