"""Maps are sorted all the way down; sequences and values stay as they are."""

from topologies.canonical import canonical
from topologies.estate import Estate

DATA = {
    "format": "blackstart/estate/1",
    "title": "t",
    "timezone": "Europe/Zurich",
    "components": {
        "b": {"title": "b", "kind": "service", "depends_on": {"z": {"type": "hard"}, "a": {"type": "hard"}}},
        "a": {"title": "a", "kind": "service"},
        "z": {"title": "z", "kind": "service"},
    },
    "groups": {"g": {"title": "g", "members": ["z", "a"], "needed": 1}},
}


def test_maps_are_sorted_at_every_depth() -> None:
    estate = canonical(Estate.model_validate(DATA))
    assert list(estate.components) == ["a", "b", "z"]
    assert list(estate.components["b"].depends_on) == ["a", "z"]


def test_sequences_keep_their_order_and_nothing_else_changes() -> None:
    estate = Estate.model_validate(DATA)
    assert canonical(estate).groups["g"].members == ("z", "a")
    assert canonical(estate) == estate
