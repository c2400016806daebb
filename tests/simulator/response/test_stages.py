"""The stages of an incident are a state machine that nothing can lead astray, and every path through it ends."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from simulator.response.stages import FOLLOWS, IllegalStage, Stages
from topologies.lifecycle import Stage


class AnyLife(RuleBasedStateMachine):
    """Whatever is asked of it: what may follow is entered, everything else is refused and changes nothing."""

    @initialize()
    def begins(self) -> None:
        self.now, self.dwelt, self.passed = 0, 0, [Stage.DETECTED]
        self.stages = Stages(0)

    @rule(wanted=st.sampled_from(Stage), after_ms=st.integers(0, 10**7))
    def asks(self, wanted: Stage, after_ms: int) -> None:
        self.now += after_ms
        before = self.stages.stage
        if wanted in FOLLOWS[before]:
            self.dwelt += self.stages.enter(wanted, self.now)
            self.passed.append(wanted)
            assert self.stages.stage is wanted
        else:
            with pytest.raises(IllegalStage, match=f"cannot become {wanted}"):
                self.stages.enter(wanted, self.now)
            assert self.stages.stage is before

    @precondition(lambda self: self.stages.stage not in (Stage.RESOLVED, Stage.CLOSED))
    @rule()
    def is_resolved(self) -> None:
        self.asks(Stage.RESOLVED, 1)

    @invariant()
    def dwelling_adds_up(self) -> None:
        """Time in the stages that were left is all the time until the last one was entered."""
        assert 0 <= self.dwelt <= self.now

    @invariant()
    def nothing_is_mitigated_before_anybody_has_it(self) -> None:
        for before, after in zip(self.passed, self.passed[1:], strict=False):
            assert after in FOLLOWS[before]
            assert not (before is Stage.DETECTED and after in (Stage.MITIGATING, Stage.MONITORING))


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def graph(*, without_return: bool) -> nx.DiGraph[str]:
    edges = ((str(a), str(b)) for a, following in FOLLOWS.items() for b in following)
    left_out = {("monitoring", "mitigating"), ("assigned", "triaged")} if without_return else set()
    made: nx.DiGraph[str] = nx.DiGraph()
    made.add_edges_from(edge for edge in edges if edge not in left_out and edge[1] != "detected")
    return made


def test_every_stage_can_be_reached_and_closed_from_everywhere() -> None:
    assert set(FOLLOWS) == set(Stage)
    for stage in Stage:
        assert nx.has_path(graph(without_return=False), str(stage), "closed")
        assert stage is Stage.DETECTED or nx.has_path(graph(without_return=False), "detected", str(stage))


def test_without_relapse_and_reopening_every_path_ends_in_closed() -> None:
    """What is left is acyclic and has one end, so a walk cannot but get there."""
    ways = graph(without_return=True)
    assert nx.is_directed_acyclic_graph(ways)
    assert [node for node in ways if ways.out_degree(node) == 0] == ["closed"]


@given(st.lists(st.sampled_from(Stage), max_size=30))
def test_an_incident_that_was_resolved_is_worked_on_only_once_it_is_reopened(wanted: list[Stage]) -> None:
    stages, was_resolved = Stages(0), False
    for stage in wanted:
        if not stages.may_enter(stage):
            continue
        stages.enter(stage, 0)
        if was_resolved:
            assert stage in (Stage.CLOSED, Stage.DETECTED)
        was_resolved = stage in (Stage.RESOLVED, Stage.CLOSED)


def test_time_does_not_run_backwards() -> None:
    stages = Stages(100)
    with pytest.raises(ValueError, match="cannot leave that at 99"):
        stages.enter(Stage.TRIAGED, 99)
