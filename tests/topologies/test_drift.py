"""What differs between two estates is named, and nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.estate.building import ZONE, hard, service
from topologies.drift import Changed, Drift, drift
from topologies.estate import Estate
from topologies.loading.estate import load_topology
from topologies.shipped import shipped_estates

NOTHING = Drift((), (), (), (), ())


def estate(components: dict[str, Any], **sections: Any) -> Estate:
    head = {"format": "blackstart/estate/1", "title": "test", "timezone": ZONE}
    return Estate.model_validate({**head, "components": components, **sections})


def test_an_estate_does_not_differ_from_itself() -> None:
    for name in shipped_estates():
        found = drift(load_topology(name), load_topology(name))
        assert found == NOTHING
        assert not found


def test_things_that_came_and_went() -> None:
    found = drift(estate({"a": service(), "b": service()}), estate({"b": service(), "c": service()}))
    assert (found.gone, found.new) == (("components.a",), ("components.c",))


def test_edges_that_are_stale_or_missing() -> None:
    before = estate({"a": service(depends_on={"b": hard()}), "b": service(), "c": service()})
    after = estate({"a": service(depends_on={"c": hard()}), "b": service(), "c": service()})
    found = drift(before, after)
    assert (found.stale_edges, found.missing_edges) == ((("a", "b"),), (("a", "c"),))
    assert not found.changed


def test_fields_that_are_stated_otherwise_to_the_field() -> None:
    before = estate({"a": service(latency_ms=10, recovery={"restart": "5m", "repair": "1h"})})
    after = estate({"a": service(owner="ops", latency_ms=10, recovery={"restart": "9m", "repair": "1h"})})
    assert set(drift(before, after).changed) == {
        Changed("components.a.recovery.restart", "5m", "9m"),
        Changed("components.a.owner", None, "ops"),
    }


def test_an_edge_of_another_type_has_changed() -> None:
    soft = {"type": "soft", "degradation": 0.5}
    before = estate({"a": service(depends_on={"b": hard()}), "b": service()})
    after = estate({"a": service(depends_on={"b": soft}), "b": service()})
    assert set(drift(before, after).changed) == {
        Changed("a -> b.type", "hard", "soft"),
        Changed("a -> b.degradation", None, 0.5),
    }


@given(st.data())
def test_looking_from_the_other_side_swaps_what_is_gone_and_new(data: st.DataObject) -> None:
    ids = ["a", "b", "c", "d"]
    made = []
    for _ in range(2):
        chosen = sorted(data.draw(st.sets(st.sampled_from(ids), min_size=1)))
        needs = {id: data.draw(st.sets(st.sampled_from(chosen))) - {id} for id in chosen}
        made.append(estate({id: service(depends_on={to: hard() for to in sorted(needs[id])}) for id in chosen}))
    there, back = drift(*made), drift(*reversed(made))
    assert (set(there.gone), set(there.stale_edges)) == (set(back.new), set(back.missing_edges))
    assert bool(there) == (made[0] != made[1])
