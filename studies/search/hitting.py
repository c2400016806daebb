"""Minimal hitting sets: what has at least one member in common with each of some sets, and no more than it needs.

Each good run gives one set: what could have been taken from it.  Whatever breaks an objective has to take something
from every good run, so it is a hitting set of them all.

The sets are gone through by depth, as in the tree of Reiter (1987): the first set that a partial answer does not hit is
branched over.  Branches to the right leave out what was tried to their left, so no answer comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

Names = frozenset[str]


def minimal_hitting_sets(
    sets: Collection[Names], at_most: int, allowed: Callable[[Names], bool] = lambda _: True
) -> list[Names]:
    """Every minimal hitting set of at most so many members, the small ones first, then by name.

    `allowed` refuses a partial answer and everything that contains it.  Of no sets the empty one is the answer; a set
    that is empty cannot be hit.
    """
    ordered = sorted(_minimal(sets), key=lambda one: (len(one), sorted(one)))
    found = [hit for hit in _grown(frozenset(), frozenset(), ordered, at_most, allowed) if _needs_all(hit, ordered)]
    return sorted(found, key=lambda hit: (len(hit), sorted(hit)))


def _grown(
    chosen: Names, barred: Names, sets: Sequence[Names], at_most: int, allowed: Callable[[Names], bool]
) -> Iterator[Names]:
    unhit = next((one for one in sets if not one & chosen), None)
    if unhit is None:
        yield chosen
        return
    if len(chosen) == at_most:
        return
    for name in sorted(unhit - barred):
        grown = chosen | {name}
        if allowed(grown):
            yield from _grown(grown, barred, sets, at_most, allowed)
        barred |= {name}


def _needs_all(hit: Names, sets: Sequence[Names]) -> bool:
    """Whether each member is the only one to hit some set."""
    alone = {next(iter(one & hit)) for one in sets if len(one & hit) == 1}
    return alone == hit


def _minimal(sets: Collection[Names]) -> set[Names]:
    """Those that contain no other: whoever hits these hits all."""
    distinct = sorted(set(sets), key=len)
    kept: list[Names] = []
    for one in distinct:
        if not any(other <= one for other in kept):
            kept.append(one)
    return set(kept)
