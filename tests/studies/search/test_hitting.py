"""Minimal hitting sets and minimised combinations, against trying everything."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.search.hitting import Names, minimal_hitting_sets
from studies.search.minimising import minimised

MEMBERS = "abcdefg"
sets_of_names = st.lists(st.frozensets(st.sampled_from(MEMBERS), max_size=4), max_size=7)


def by_trying_all(sets: list[Names], at_most: int) -> set[Names]:
    parts = [frozenset(c) for size in range(at_most + 1) for c in combinations(MEMBERS, size)]
    hitting = [part for part in parts if all(part & one for one in sets)]
    return {hit for hit in hitting if not any(other < hit for other in hitting)}


@settings(max_examples=200)
@given(sets_of_names, st.integers(0, 5))
def test_they_are_those_found_by_trying_all(sets: list[Names], at_most: int) -> None:
    found = minimal_hitting_sets(sets, at_most)
    assert set(found) == by_trying_all(sets, at_most)
    assert len(found) == len(set(found))
    assert found == sorted(found, key=lambda hit: (len(hit), sorted(hit)))


@settings(max_examples=100)
@given(sets_of_names, st.sampled_from(MEMBERS), st.sampled_from(MEMBERS))
def test_what_is_refused_is_left_out_with_all_that_contains_it(sets: list[Names], one: str, other: str) -> None:
    refused = frozenset({one, other})
    found = minimal_hitting_sets(sets, 5, lambda names: not refused <= names)
    assert set(found) == {hit for hit in by_trying_all(sets, 5) if not refused <= hit}


@settings(max_examples=200)
@given(st.lists(st.frozensets(st.sampled_from(MEMBERS), min_size=1, max_size=4), min_size=1, max_size=4))
def test_what_is_left_breaks_and_nothing_of_it_can_go(minimal: list[Names]) -> None:
    def breaks(names: Names) -> bool:
        return any(one <= names for one in minimal)

    left = minimised(MEMBERS, breaks)
    assert breaks(left)
    assert not any(breaks(left - {name}) for name in left)


def test_what_does_not_break_cannot_be_minimised() -> None:
    with pytest.raises(ValueError, match="does not break"):
        minimised("ab", lambda _: False)
