"""Many cases at once give what one estate after the other gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.estate.columns import Columns
from simulator.estate.graph import compile_estate
from tests.simulator.estate.building import ZONE, Rig, hard, service
from topologies.estate import Estate


def columns(**sections: Any) -> Columns:
    data = {"format": "blackstart/estate/1", "title": "test", "timezone": ZONE, **sections}
    return Columns(compile_estate(Estate.model_validate(data)))


def levels(made: Columns, *cases: dict[str, float], switched: bool = False) -> list[dict[str, float]]:
    """Levels of all nodes in each case, which says what is left of which component."""
    own = made.untouched(len(cases))
    for case, left in enumerate(cases):
        for id, value in left.items():
            own[made.number[id], case] = value
    settled = made.settle(own, switched=switched)
    return [{id: float(settled[number, case]) for id, number in made.number.items()} for case in range(len(cases))]


@st.composite
def estates(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """Components in layers with a pair and a group on top, and cases of what is left of some of them."""
    count = draw(st.integers(2, 7))
    components: dict[str, Any] = {}
    for number in range(count):
        needs = {}
        for below in draw(st.sets(st.integers(0, number - 1))) if number else ():
            kind = draw(st.sampled_from(["hard", "soft", "asynchronous"]))
            needs[f"c{below}"] = {
                "type": kind,
                "calls": draw(st.sampled_from([0.3, 1.0, 2.0])),
                "retries": draw(st.integers(0, 2)),
                **({"degradation": draw(st.sampled_from([0.2, 1.0]))} if kind == "soft" else {}),
            }
        components[f"c{number}"] = service(depends_on=needs)
    members = draw(st.lists(st.sampled_from(sorted(components)), min_size=2, max_size=4, unique=True))
    sections = {
        "components": {**components, "user": service(depends_on={"pair": hard(), "group": hard(retries=1)})},
        "standby_pairs": {
            "pair": {
                "title": "pair",
                "primary": members[0],
                "standby": members[1],
                "fail_over": {"mode": "manual", "takes": "5m"},
            }
        },
        "groups": {"group": {"title": "group", "members": members, "needed": draw(st.integers(1, len(members)))}},
        "functions": {"f": {"title": "f", "supported_by": {"user": hard()}}},
    }
    left = st.dictionaries(st.sampled_from(sorted(components)), st.sampled_from([0.0, 0.3, 0.6, 0.95]), max_size=3)
    return sections, draw(st.lists(left, min_size=1, max_size=4))


@given(estates())
def test_each_case_is_what_an_estate_settles_at(made: tuple[dict[str, Any], list[dict[str, float]]]) -> None:
    sections, cases = made
    for found, left in zip(levels(columns(**sections), *cases), cases, strict=True):
        rig = Rig(hours=0.1, **sections)
        rig.play(
            **{
                f"{id}-fault": {
                    "fault": "bad-deploy",
                    "target": id,
                    "at": "1m",
                    "parameters": {"error_ratio": 1 - value},
                }
                for id, value in left.items()
            }
        )
        assert found == {id: pytest.approx(rig.level(id), abs=2e-3) for id in found}


PAIR = {
    "components": {"a": service(), "b": service(), "user": service(depends_on={"pair": hard()})},
    "standby_pairs": {
        "pair": {"title": "pair", "primary": "a", "standby": "b", "fail_over": {"mode": "manual", "takes": "5m"}}
    },
}


@pytest.mark.parametrize(
    ("left", "waiting", "switched"),
    [
        ({"a": 0.0}, 0.0, 1.0),
        ({"a": 0.6}, 0.6, 1.0),
        ({"a": 0.0, "b": 0.0}, 0.0, 0.0),
        ({"a": 0.0, "b": 0.25}, 0.0, 0.25),
        ({"b": 0.0}, 1.0, 1.0),
    ],
)
def test_a_pair_with_a_manual_switch_waits_for_people(left: dict[str, float], waiting: float, switched: float) -> None:
    assert levels(columns(**PAIR), left)[0]["user"] == waiting
    assert levels(columns(**PAIR), left, switched=True)[0]["user"] == switched


def test_a_pair_that_switches_by_itself_is_served_by_its_standby() -> None:
    automatic = {"mode": "automatic", "detection": "10s", "takes": "1m"}
    pair = {"pair": {**PAIR["standby_pairs"]["pair"], "fail_over": automatic}}
    (found,) = levels(columns(**{**PAIR, "standby_pairs": pair}), {"a": 0.0})
    assert found["user"] == 1.0


def test_things_that_need_each_other_fall_together_and_stand_while_nothing_takes_them_down() -> None:
    ring = {"a": service(depends_on={"b": hard()}), "b": service(depends_on={"c": hard()})}
    made = columns(components={**ring, "c": service(depends_on={"a": hard()}), "d": service()})
    well, lost = levels(made, {}, {"b": 0.0})
    assert well == dict.fromkeys("abcd", 1.0)
    assert lost == {"a": 0.0, "b": 0.0, "c": 0.0, "d": 1.0}


def test_cases_do_not_touch_each_other_and_own_is_left_as_it_was() -> None:
    made = columns(**PAIR)
    own = made.untouched(3)
    own[made.number["b"], 1] = 0.5
    before = own.copy()
    settled = made.settle(own)
    assert np.array_equal(own, before)
    assert settled[:, 0].tolist() == settled[:, 2].tolist() == [1.0] * len(made.ids)
