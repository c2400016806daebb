"""Which copy is ordered, by what is known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.models import RestoreTask
from simulator.response.knowledge import Knowledge
from simulator.response.restoring import DataKnowledge, restore_order
from timeline.commands import CopyEntry, DataFinding, RestoreOrder
from timeline.instants import HOUR, MINUTE
from topologies.working import RecoveryPolicy

COPIES = tuple(CopyEntry(f"c{h}", "hourly" if h % 2 else "vault", h * HOUR, immutable=h % 2 == 0) for h in (5, 4, 3, 2))


class Nothing(Knowledge):
    """Nobody knows anything."""

    def __init__(self) -> None:
        import simpy

        super().__init__(simpy.Environment())


def chosen(known: DataKnowledge, policy: RecoveryPolicy | None = None, **rule: object) -> RestoreOrder | None:
    task = RestoreTask.model_validate({"copies": [rule]} if rule else {})
    known.catalogue = COPIES
    return restore_order(task, policy or RecoveryPolicy(), known, Nothing(), 6 * HOUR)


def test_the_newest_as_far_as_the_log_goes() -> None:
    assert chosen(DataKnowledge()) == RestoreOrder("c5", None, verify=True)


def test_before_the_first_wrong_record_with_a_margin() -> None:
    known = DataKnowledge()
    known.learn(DataFinding("db", began_by_ms=4 * HOUR + 10 * MINUTE))
    assert chosen(known, take="before-onset") == RestoreOrder("c4", 4 * HOUR + 10 * MINUTE)
    assert chosen(known, take="before-onset", margin="15m") == RestoreOrder("c3", 4 * HOUR - 5 * MINUTE)


@pytest.mark.parametrize(("rule", "copy"), [({"only": ["vault"]}, "c4"), ({"immutable": True}, "c4")])
def test_only_copies_that_the_rule_allows(rule: dict[str, object], copy: str) -> None:
    order = chosen(DataKnowledge(), **rule)
    assert order is not None
    assert order.copy == copy


def test_a_rejected_state_is_tried_without_its_log_and_then_an_older_copy() -> None:
    known = DataKnowledge()
    chosen(known)
    known.learn(DataFinding("db", corrupt=True, rejected_copy="c5", rejected_point_ms=6 * HOUR))
    assert chosen(known) == RestoreOrder("c5", 5 * HOUR)
    known.learn(DataFinding("db", corrupt=True, rejected_copy="c5", rejected_point_ms=5 * HOUR))
    assert chosen(known) == RestoreOrder("c4", None)


def test_an_organisation_that_does_not_check() -> None:
    order = chosen(DataKnowledge(), RecoveryPolicy(verify_restores=False))
    assert order is not None
    assert not order.verify


def test_no_copy_is_left() -> None:
    assert chosen(DataKnowledge(unusable={c.id for c in COPIES})) is None


@given(st.lists(st.tuples(st.sampled_from(COPIES), st.integers(0, 3 * HOUR)), max_size=12), st.integers(0, 7 * HOUR))
@settings(max_examples=60)
def test_every_rejection_leads_to_something_else(rejections: list[tuple[CopyEntry, int]], onset: int) -> None:
    """No state is ordered again that was found corrupt, whatever was found before."""
    known = DataKnowledge()
    known.learn(DataFinding("db", began_by_ms=onset))
    tried: set[tuple[str, int | None]] = set()
    for _ in range(len(rejections) + 1):
        order = chosen(known, take="before-onset")
        if order is None:
            return
        state = (order.copy, order.replay_until_ms)
        assert state not in tried
        tried.add(state)
        point = max(order.replay_until_ms or 0, next(c.as_of_ms for c in COPIES if c.id == order.copy))
        known.learn(DataFinding("db", corrupt=True, rejected_copy=order.copy, rejected_point_ms=point))
