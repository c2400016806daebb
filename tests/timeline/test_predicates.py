"""The closed language of conditions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from timeline.details import FaultDetail
from timeline.events import Event
from timeline.journal import Timeline
from timeline.predicates import Predicate
from timeline.references import SCENARIO, Reference, fault


@dataclass
class Seen:
    """A view that has seen faults `ids`, the n-th at n seconds, and knows some states."""

    ids: tuple[str, ...] = ()
    states: dict[str, str] = field(default_factory=dict)

    def events_seen(self) -> Iterable[Event]:
        timeline = Timeline()
        for second, id in enumerate(self.ids):
            timeline.emit(second * 1000, "fault.started", fault(id), SCENARIO, FaultDetail("crash", id))
        return timeline

    def known_state(self, subject: Reference) -> str | None:
        return self.states.get(str(subject))


def holds(data: Any, view: Seen, at_ms: int = 0) -> bool:
    return Predicate.model_validate(data).holds(view, at_ms)


STARTED = {"kind": "fault.started"}


@pytest.mark.parametrize(
    ("data", "view", "at_ms", "expected"),
    [
        ({"seen": STARTED}, Seen(), 0, False),
        ({"seen": STARTED}, Seen(("a",)), 0, True),
        ({"seen": {**STARTED, "subject": "fault:b*"}}, Seen(("a",)), 0, False),
        ({"seen": {**STARTED, "subject": "fault:b*"}}, Seen(("a", "b2")), 0, True),
        ({"count": {**STARTED, "at_least": 2}}, Seen(("a",)), 0, False),
        ({"count": {**STARTED, "at_least": 2}}, Seen(("a", "b")), 0, True),
        ({"elapsed": {"since": STARTED, "at_least": "10s"}}, Seen(), 99_000, False),
        ({"elapsed": {"since": STARTED, "at_least": "10s"}}, Seen(("a",)), 9_999, False),
        ({"elapsed": {"since": STARTED, "at_least": "10s"}}, Seen(("a",)), 10_000, True),
        ({"known": {"subject": "component:db", "state": "down"}}, Seen(), 0, False),
        ({"known": {"subject": "component:db", "state": "down"}}, Seen(states={"component:db": "down"}), 0, True),
        ({"all": []}, Seen(), 0, True),
        ({"any": []}, Seen(), 0, False),
        ({"not": {"seen": STARTED}}, Seen(), 0, True),
    ],
)
def test_forms(data: Any, view: Seen, at_ms: int, expected: bool) -> None:
    assert holds(data, view, at_ms) is expected


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({}, "exactly one key"),
        ({"seen": STARTED, "all": []}, "exactly one key"),
        ({"seen": {"kind": "fault.begun"}}, "not a kind of event"),
        ({"python": "1 + 1"}, "Extra inputs"),
        ({"count": {**STARTED, "at_least": 0}}, "greater than or equal to 1"),
    ],
)
def test_anything_else_is_refused(data: Any, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Predicate.model_validate(data)


leaves = st.sampled_from(
    [{"seen": STARTED}, {"known": {"subject": "component:db", "state": "up"}}, {"count": {**STARTED, "at_least": 2}}]
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, max_size=3)}),
    ),
    max_leaves=8,
)
views = st.builds(Seen, st.sampled_from([(), ("a",), ("a", "b")]), st.sampled_from([{}, {"component:db": "up"}]))


@given(st.lists(trees, max_size=3), views)
def test_negation_turns_all_into_any(parts: list[Any], view: Seen) -> None:
    negated = [{"not": part} for part in parts]
    assert holds({"not": {"all": parts}}, view) == holds({"any": negated}, view)


def test_an_elapsed_condition_names_the_moment_at_which_it_turns_true() -> None:
    predicate = Predicate.model_validate({"all": [{"elapsed": {"since": STARTED, "at_least": "10s"}}]})
    (due,) = predicate.due_ms(Seen(("a",)))
    assert not predicate.holds(Seen(("a",)), due - 1)
    assert predicate.holds(Seen(("a",)), due)
