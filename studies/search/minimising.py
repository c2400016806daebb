"""Leaving out what is not needed: delta debugging.

`ddmin` of Zeller and Hildebrandt (2002), "Simplifying and isolating failure-inducing input", IEEE TSE 28: parts and
complements of ever finer cuts are tried.  What is left is *1-minimal*: it breaks, and without any one of its members it
no longer does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

Names = frozenset[str]


def minimised(names: Collection[str], breaks: Callable[[Names], bool]) -> Names:
    """A 1-minimal part of what breaks.  Raises ValueError when the whole does not."""
    left = sorted(names)
    if not breaks(frozenset(left)):
        raise ValueError("what is to be minimised does not break")
    parts = 2
    while len(left) >= 2:
        cut = _cut(left, parts)
        smaller = next((part for part in cut if breaks(frozenset(part))), None)
        if smaller is not None:
            left, parts = smaller, 2
            continue
        rest = next((without for part in cut if breaks(frozenset(without := _without(left, part)))), None)
        if rest is not None and len(cut) > 2:
            left, parts = rest, max(parts - 1, 2)
        elif parts < len(left):
            parts = min(2 * parts, len(left))
        else:
            break
    return frozenset(left)


def _cut(names: Sequence[str], parts: int) -> list[list[str]]:
    bounds = [len(names) * number // parts for number in range(parts + 1)]
    return [list(names[low:high]) for low, high in pairwise(bounds)]


def _without(names: Sequence[str], part: Collection[str]) -> list[str]:
    return [name for name in names if name not in part]
