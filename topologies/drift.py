"""Drift: what differs between two estates, as between last year's map and what an import found today.

An estate is compared by what its files state: things (sites, vendors, components, pairs, groups, functions) and the
edges between them.  Where the first estate is the documented one and the second the observed one, an edge that only the
first has is *stale*, and one that only the second has is *missing* from the documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from topologies.estate import Estate
from topologies.fields import Model

_THINGS = ("sites", "vendors", "components", "standby_pairs", "groups", "functions")
_EDGES = ("depends_on", "supported_by")


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that both estates state, differently.  None: not stated."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Drift:
    """Everything that differs; ids and paths in the order of the files."""

    gone: tuple[str, ...]
    """Things that only the first estate has, as `components.ledger`."""
    new: tuple[str, ...]
    changed: tuple[Changed, ...]
    stale_edges: tuple[tuple[str, str], ...]
    """(dependent, dependency) that only the first has."""
    missing_edges: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.gone or self.new or self.changed or self.stale_edges or self.missing_edges)


def drift(first: Estate, second: Estate) -> Drift:
    """What changed from the first to the second."""
    before, after = dict(_things(first)), dict(_things(second))
    edges_before, edges_after = dict(_edges(first)), dict(_edges(second))
    changed = [
        change
        for path in before
        if path in after
        for change in _changes(path, _stated(before[path]), _stated(after[path]))
    ]
    changed += [
        change
        for edge in edges_before
        if edge in edges_after
        for change in _changes(" -> ".join(edge), _stated(edges_before[edge]), _stated(edges_after[edge]))
    ]
    return Drift(
        gone=tuple(path for path in before if path not in after),
        new=tuple(path for path in after if path not in before),
        changed=tuple(changed),
        stale_edges=tuple(edge for edge in edges_before if edge not in edges_after),
        missing_edges=tuple(edge for edge in edges_after if edge not in edges_before),
    )


def _things(estate: Estate) -> Iterator[tuple[str, Model]]:
    for kind in _THINGS:
        for id, thing in getattr(estate, kind).items():
            yield f"{kind}.{id}", thing


def _edges(estate: Estate) -> Iterator[tuple[tuple[str, str], Model]]:
    for path, thing in _things(estate):
        for name in _EDGES:
            for target, dependency in getattr(thing, name, {}).items():
                yield (path.partition(".")[2], target), dependency


def _stated(thing: Model) -> dict[str, Any]:
    """The fields of a thing without its edges, as a file would write them."""
    written: dict[str, Any] = thing.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {field: value for field, value in written.items() if field not in _EDGES}


def _changes(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Changed]:
    for field in dict.fromkeys([*before, *after]):
        one, other = before.get(field), after.get(field)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _changes(f"{path}.{field}", one, other)
        elif one != other:
            yield Changed(f"{path}.{field}", one, other)
