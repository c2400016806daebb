"""The shipped stack, really started: one fault is broken, seen by a real Prometheus, told by a real Alertmanager."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from injectors.stack.control import status, supervisor_of
from injectors.stack.layout import HOST, Layout, Port
from tests.injectors.real import ask, run

SCENARIO = """
format: blackstart/scenario/1
title: One crash
purpose: A test of the stack.
estate: high-street
starts_at: 2026-03-10T10:00:00Z
duration: 10m
faults:
  payments-crash: {fault: crash, target: payments, at: 0s, duration: 35s}
"""
pytestmark = pytest.mark.xdist_group("stack")


def test_every_part_is_up(stack: Layout) -> None:
    parts = status(stack)
    assert len(parts) >= 20
    assert all(parts.values())


def test_a_drill_sends_every_alarm_to_its_receivers_and_ends(stack: Layout, tmp_path: Path) -> None:
    before = len(stack.notifications.read_text().splitlines())
    ran = run(stack, "fidelity", "drill", "--binding", stack.binding, "--out", tmp_path / "drill", "--json")
    assert ran.returncode == 0, ran.stderr
    alarms = {one["rule"]: one for one in json.loads(ran.stdout)["alarms"]}
    assert len(alarms) == 11
    assert set(alarms["InstanceDown"]["told_ms"]) == {"shop-pager"}
    assert set(alarms["CacheDown"]["told_ms"]) == {"shop-mail"}
    assert all(4_000 < ms < 12_000 for one in alarms.values() for ms in one["told_ms"].values())
    lines = [json.loads(line) for line in stack.notifications.read_text().splitlines()[before:]]
    told = [alert for line in lines for alert in line["body"]["alerts"]]
    assert {alert["labels"]["exercise"] for alert in told} == {"true"}
    assert all("Nothing is wrong" in alert["annotations"]["summary"] for alert in told)
    again = run(stack, "fidelity", "drill", "--binding", stack.binding, "--pages", 3)
    assert again.returncode == 3
    assert "the budget allows 3" in again.stderr
    after = ask(stack, f"http://{HOST}:{Port.ALERTMANAGER}/api/v2/alerts?active=true")
    assert [alert for alert in json.loads(after) if "exercise" in alert["labels"]] == []


def test_a_real_crash_is_seen_told_undone_and_held_beside_its_prediction(stack: Layout, tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(SCENARIO)
    options = ("--binding", stack.binding, "--journals", tmp_path / "journals", "--out", tmp_path / "run", "--json")
    ran = run(stack, "fidelity", scenario, *options)
    assert ran.returncode in (0, 1), ran.stderr
    found = json.loads(ran.stdout)
    (fault,) = found["faults"]
    assert fault["left"] == []
    assert fault["steady_after"]
    assert fault["users_hurt_ms"] is not None
    cells = {cell["alert"]: cell for cell in found["cells"]}
    down = cells["InstanceDown"]
    assert down["predicted"]["share"] == 1.0
    assert down["observed"]["told_ms"]["shop-pager"] > down["observed"]["pending_ms"]
    assert {one["id"]: one["verdict"] for one in found["expectations"]} == {"payments-crash": "met"}
    prediction = (tmp_path / "run" / "prediction.json").read_bytes()
    assert json.loads(prediction)["faults"][0]["fault"] == "payments-crash@payments"
    assert all(status(stack).values()), "the part is there again"


def test_nothing_of_the_stack_can_be_reached_from_outside(stack: Layout) -> None:
    for port in (8080, 9090, 9093, 5432, 6379):
        with pytest.raises(OSError, match=r"refused|unreachable"):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
    mounts = Path("/proc/self/mounts").read_text()
    assert "blackstart" not in mounts
    assert supervisor_of(stack) is not None
