"""The shipped stack, really started: one fault is broken, seen by a real Prometheus, told by a real Alertmanager."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from injectors.stack.control import down, inside, status, supervisor_of, up
from injectors.stack.layout import Layout
from injectors.stack.parts import missing_packages

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


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    if os.geteuid() != 0:
        pytest.skip("the stack lives in namespaces of its own, which only root can make")
    if missing := missing_packages():
        reason = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    layout = Layout(tmp_path_factory.mktemp("stack") / "stack")
    up(layout)
    yield layout
    supervisor = supervisor_of(layout)
    assert supervisor is not None
    assert down(layout)
    assert not supervisor.alive
    assert status(layout) == {}


def run(stack: Layout, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = inside(stack, [sys.executable, "-m", "console.main", *(str(argument) for argument in arguments)])
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)


def test_every_part_is_up(stack: Layout) -> None:
    parts = status(stack)
    assert len(parts) >= 20
    assert all(parts.values())


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
