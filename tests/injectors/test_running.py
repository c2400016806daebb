"""A run of a live plan, from steady state to steady state: each fault is felt by somebody else, and is gone after."""

from __future__ import annotations

import pytest

from injectors.binding import Condition
from injectors.live_timeline import LiveClock, live_timeline
from injectors.plan import Plan
from injectors.running import Runner, RunResult
from injectors.undo.journal import Change, UndoJournal
from injectors.undo.points import Point, Watcher, unwatched
from tests.injectors.lab import Lab
from tests.injectors.plans import planned
from timeline.details import FaultDetail
from timeline.findings import SafetyRefused
from timeline.store import read_timeline


def play(lab: Lab, plan: Plan, watcher: Watcher = unwatched) -> RunResult:
    clock = LiveClock()
    journal = lab.root / "run"
    with live_timeline(lab.folder / "timeline.jsonl", clock) as timeline:
        return Runner(plan, lab.root, journal, timeline, clock, watcher).run()


FAULTS: dict[str, tuple[dict[str, object], str]] = {
    "stopped": ({"fault": "hang"}, "direct"),
    "killed": ({"fault": "crash"}, "direct"),
    "latency": ({"fault": "slow"}, "proxied"),
    "silence": ({"fault": "partition"}, "proxied"),
}


@pytest.mark.parametrize("id", FAULTS)
def test_a_fault_is_felt_while_it_lasts_and_is_gone_afterwards(lab: Lab, id: str) -> None:
    fault, where = FAULTS[id]
    target = lab.target(faults={"latency": {"delay": "700ms"}})
    felt = []

    def look(point: Point, _change: Change) -> None:
        if point is Point.MARKED:
            felt.append(lab.answers(proxied=where == "proxied", seconds=0.5))

    result = play(lab, planned(lab.binding(target), first=fault), look)
    assert felt == [False]
    assert lab.answers()
    assert lab.answers(proxied=True)
    assert result == RunResult(["first@orders-1"], result.undone, [], steady_after=True)
    assert not result.left
    journal = UndoJournal(lab.root / "run")
    assert journal.finished
    assert not journal.open_changes
    kinds = [event.kind for event in read_timeline(lab.folder / "timeline.jsonl")]
    assert kinds == ["fault.started", "fault.ended"]


def test_nothing_is_touched_where_the_steady_state_does_not_hold(lab: Lab) -> None:
    nobody = Condition(title="somebody else answers", http=f"http://127.0.0.1:{lab.port}/", status=204)
    with pytest.raises(SafetyRefused, match="Not steady"):
        play(lab, planned(lab.binding(steady_state=(nobody,)), first={"fault": "hang"}))
    assert not lab.root.exists() or not (lab.root / "run").exists()
    assert lab.answers()


def test_a_guard_that_fails_in_the_middle_undoes_everything(lab: Lab) -> None:
    guard = Condition(title="answers in time", http=f"http://127.0.0.1:{lab.port}/", within="300ms")  # type: ignore[arg-type]
    binding = lab.binding(guards=(guard,), guard_every="200ms")
    result = play(lab, planned(binding, first={"fault": "hang", "duration": "60s"}))
    assert result.done == []
    (reason,) = result.refused
    assert "answers in time" in reason
    assert result.steady_after
    assert not result.left
    assert lab.answers()
    ended = read_timeline(lab.folder / "timeline.jsonl")[-1]
    told = FaultDetail("hang", "orders-1", "Process and its children are stopped (SIGSTOP)", "abort")
    assert (ended.kind, ended.detail) == ("fault.ended", told)
