"""One process's clock runs ahead; nobody else's does, and afterwards its own no longer."""

from __future__ import annotations

import email.utils
import http.client
import time
from pathlib import Path

import pytest

from injectors.faults.skewed import LIBRARIES
from injectors.identity import ProcessIdentity, read_pid_file
from injectors.live_timeline import LiveClock, live_timeline
from injectors.running import Runner
from injectors.undo.journal import Change
from injectors.undo.points import Point
from tests.injectors.lab import Lab
from tests.injectors.plans import planned
from tests.services import missing


def _ahead_s(lab: Lab) -> float:
    """By the date in the head of its answers."""
    connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=5)
    try:
        connection.request("GET", "/")
        date = connection.getresponse().headers["Date"]
    finally:
        connection.close()
    return email.utils.parsedate_to_datetime(date).timestamp() - time.time()


@pytest.mark.parametrize("other", [{}, {"second": {"fault": "hang", "at": "700ms", "duration": "300ms"}}])
def test_a_clock_runs_ahead_and_then_is_right_again(lab: Lab, other: dict[str, dict[str, object]]) -> None:
    """Another fault of the same target may begin meanwhile, although its process is another one now."""
    if not list(Path(LIBRARIES).glob("*/faketime/libfaketimeMT.so.1")):
        missing("libfaketime is not installed (Debian package libfaketime)")
    before = read_pid_file(lab.pid_file)
    seen: list[tuple[float, ProcessIdentity]] = []

    def look(point: Point, change: Change) -> None:
        if point is Point.MARKED and change.knob.knob == "process-clock":
            seen.append((_ahead_s(lab), read_pid_file(lab.pid_file)))

    plan = planned(lab.binding(), first={"fault": "clock-skew", "parameters": {"offset": "1h"}}, **other)
    with live_timeline(lab.folder / "timeline.jsonl", clock := LiveClock()) as timeline:
        result = Runner(plan, lab.root, lab.root / "run", timeline, clock, look).run()
    ((ahead_s, during),) = seen
    assert abs(ahead_s - 3_600) < 5
    assert during != before
    assert not result.refused
    assert not result.left
    assert abs(_ahead_s(lab)) < 5
