"""Differences planted on the real side only: exactly those cells are flagged, each with what was planted as its reason.

The rules of the real Prometheus and the routes of the real Alertmanager are edited in the folder of the stack and
loaded again; the estate, and so the prediction, stays as it is.
"""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from injectors.identity import read_pid_file
from injectors.stack.layout import HOST, Layout, Port
from tests.injectors.real import ask, run

SCENARIO = """
format: blackstart/scenario/1
title: Two crashes
purpose: A test of planted differences.
estate: high-street
starts_at: 2026-03-10T10:00:00Z
duration: 10m
faults:
  payments-crash: {fault: crash, target: payments, at: 0s, duration: 35s}
  standby-crash: {fault: crash, target: orders-db-b, at: 2m, duration: 35s}
"""
LONGER = (
    "- alert: InstanceDown\n        expr: up == 0\n        for: 10s",
    "- alert: InstanceDown\n        expr: up == 0\n        for: 1m",
)
WRONG_LABEL = (
    "expr: pg_up == 0\n        for: 10s\n        labels: {severity: critical",
    "expr: pg_up == 0\n        for: 10s\n        labels: {severity: warning",
)
DEAD_ROUTE = (
    "  routes:\n",
    "  routes:\n    - matchers: ['alertname=\"ShopProbeFails\"']\n      receiver: nobody\n",
)
DEAD_RECEIVER = (
    "receivers:\n",
    "receivers:\n  - name: nobody\n    webhook_configs:\n      - url: http://127.0.0.1:9/\n",
)
pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("stack")]


def change(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    path.write_text(text)


@pytest.fixture(scope="module")
def planted(stack: Layout) -> Layout:
    """The stack with three differences, loaded by its Prometheus and its Alertmanager."""
    change(stack.configuration / "rules" / "shop.yaml", LONGER, WRONG_LABEL)
    change(stack.configuration / "alertmanager.yml", DEAD_ROUTE, DEAD_RECEIVER)
    for part in ("prometheus", "alertmanager"):
        read_pid_file(stack.pid_file(part)).send(signal.SIGHUP)
    deadline = time.monotonic() + 20
    rules, status = f"http://{HOST}:{Port.PROMETHEUS}/api/v1/rules", f"http://{HOST}:{Port.ALERTMANAGER}/api/v2/status"
    while '"duration":60' not in ask(stack, rules) or "nobody" not in ask(stack, status):
        assert time.monotonic() < deadline, "the plants were not loaded"
        time.sleep(0.5)
    return stack


def test_a_drill_finds_the_receiver_that_nobody_listens_at(planted: Layout) -> None:
    ran = run(planted, "fidelity", "drill", "--binding", planted.binding, "--json")
    assert ran.returncode == 1, ran.stderr
    verdicts = {one["rule"]: one["verdict"] for one in json.loads(ran.stdout)["alarms"]}
    assert {rule: v for rule, v in verdicts.items() if v != "arrived"} == {"ShopProbeFails": "never arrived at nobody"}


def test_exactly_the_planted_cells_are_flagged_with_their_reasons(planted: Layout, tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(SCENARIO)
    options = ("--binding", planted.binding, "--journals", tmp_path / "journals", "--out", tmp_path / "run", "--json")
    ran = run(planted, "fidelity", scenario, *options)
    assert ran.returncode == 1, ran.stderr
    found = json.loads(ran.stdout)
    flagged = {(cell["fault"], cell["alert"]): cell for cell in found["cells"] if not cell["agrees"]}
    longer = flagged.pop(("payments-crash@payments", "InstanceDown"))
    assert longer["verdict"] == "missed"
    assert longer["reasons"] == ["`for` is 1m there and 10s in the model"]
    dead = flagged.pop(("payments-crash@payments", "ShopProbeFails"))
    assert dead["verdict"] == "as predicted"
    assert dead["reasons"] == [
        "it never arrived at shop-pager: a route, an inhibition or a silence differs, or the receiver is dead"
    ]
    label = flagged.pop(("standby-crash@orders-db-b", "DatabaseDown"))
    assert label["reasons"][0] == "its label severity is warning there and critical in the model"
    assert label["reasons"][-1] == "it arrived at shop-mail, to which the model does not route it"
    assert flagged == {}
    agreeing = {(cell["fault"], cell["alert"]) for cell in found["cells"] if cell["agrees"]}
    assert ("payments-crash@payments", "ErrorRatioHigh") in agreeing, "what was not touched is as predicted"
