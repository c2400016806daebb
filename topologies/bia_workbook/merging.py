"""A workbook into the text of a topology: what it says is set, what it leaves empty is removed, all else stays.

Only the functions that change are written anew, with their comments; the rest of the text stays as it is to the byte.
Functions that the workbook does not name stay too, and are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from topologies.bia_workbook.layout import FUNCTIONS, IMPACT, SOURCES, Column, Sheet
from topologies.bia_workbook.rows import Leaf, Leaves, Path, RawSheet, columns_by_pattern, leaves_in, leaves_of
from topologies.bia_workbook.values import same

_PATTERNS = columns_by_pattern()


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a workbook changes; None is "not known"."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """A topology after a workbook."""

    text: str
    changes: tuple[Change, ...]
    kept: tuple[str, ...]
    """Functions that the workbook does not name."""


def merge(text: str, topology: Mapping[str, Any], sheets: Sequence[RawSheet]) -> Merged:
    """The text of a `topology.yaml` (`topology` is what it says) with what a workbook says.

    Raises InputError with everything in the workbook that cannot be read.
    """
    there, said = leaves_of(topology), leaves_in(sheets)
    changes = dict(_changes(there, said))
    kept = tuple(id for id in there.functions if id not in said.functions) if FUNCTIONS.name in said.columns else ()
    told = tuple(Change(".".join(path), _written(before), _written(after)) for path, (before, after) in changes.items())
    if not changes:
        return Merged(text, (), kept)
    lines = text.splitlines(keepends=True)
    for root in ("sources", "functions"):
        entries: dict[str, dict[Path, Leaf | None]] = {}
        for path, (_, after) in changes.items():
            if path[0] == root:
                entries.setdefault(path[1], {})[path[2:]] = after
        lines = _with_entries(lines, root, entries)
    return Merged("".join(lines), told, kept)


def _changes(there: Leaves, said: Leaves) -> Iterable[tuple[Path, tuple[Leaf | None, Leaf | None]]]:
    """In the order of the workbook; what it leaves empty last."""
    for path, value in said.values.items():
        before = there.values.get(path)
        if not _alike(path, before, value):
            yield path, (before, value)
    for path, before in there.values.items():
        sheet, column = column_of(path)
        headers = said.columns.get(sheet.name, frozenset())
        if path not in said.values and column.header in headers and _function(path) in said.functions:
            yield path, (before, None)


def _function(path: Path) -> str:
    return path[1].split(".")[1] if path[0] == "sources" else path[1]


def column_of(path: Path) -> tuple[Sheet, Column]:
    """The column in which the value at a path stands.  Raises KeyError when there is none."""
    for pattern, found in _PATTERNS.items():
        if len(pattern) == len(path) and all(p in ("{}", step) for p, step in zip(pattern, path, strict=True)):
            return found
    raise KeyError(".".join(path))


def _alike(path: Path, one: Leaf | None, other: Leaf | None) -> bool:
    if one is None or other is None:
        return one is other
    sheet, column = column_of(path)
    if sheet is not IMPACT:
        assert not isinstance(one, tuple)
        assert not isinstance(other, tuple)
        return same(column, one, other)
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    columns = {c.path[0]: c for c in sheet.values}
    return len(one) == len(other) and all(
        dict(a).keys() == dict(b).keys() and all(same(columns[name], dict(a)[name], dict(b)[name]) for name in dict(a))
        for a, b in zip(one, other, strict=True)
    )


def _written(leaf: Leaf | None) -> str | None:
    if leaf is None:
        return None
    if isinstance(leaf, tuple):
        return ", ".join(" ".join(str(value) for _, value in point) for point in leaf)
    return str(leaf)


# Text


def _yaml(indent: int = 2) -> YAML:
    yaml = YAML(typ="rt")
    yaml.width = 110
    yaml.indent(mapping=indent, sequence=4, offset=2)
    yaml.preserve_quotes = True
    return yaml


def _with_entries(lines: list[str], root: str, entries: Mapping[str, Mapping[Path, Leaf | None]]) -> list[str]:
    """The lines with entries of a top-level mapping changed; new ones come last."""
    if not entries:
        return lines
    data = _yaml().load("".join(lines))
    mapping = data.get(root)
    if not isinstance(mapping, CommentedMap) or not mapping:
        made = CommentedMap((id, _changed(CommentedMap(), changes)) for id, changes in entries.items())
        head = next((n for n, line in enumerate(lines) if line.startswith(f"{root}:")), None)
        rest = lines if head is None else [*lines[:head], *lines[head + 1 :]]
        last = rest[-1:] and not rest[-1].endswith("\n")
        return [*rest, "\n" if last else "", f"{root}:\n", *_block(root, made, 2)]
    starts = {str(id): mapping.lc.key(id)[0] for id in mapping}
    indent = mapping.lc.col
    end = _end_of(lines, min(starts.values()), indent)
    order = sorted(starts, key=starts.__getitem__)
    for id in reversed(order):
        if id not in entries:
            continue
        after = order.index(id) + 1
        stop = starts[order[after]] if after < len(order) else end
        stop = _without_trailing_remarks(lines, starts[id], stop)
        changed = _changed(mapping[id], entries[id])
        written = _block(root, {id: changed}, indent) if changed else []
        end += len(written) - (stop - starts[id])
        lines = [*lines[: starts[id]], *written, *lines[stop:]]
    fresh = {id: _changed(CommentedMap(), changes) for id, changes in entries.items() if id not in starts}
    at = _without_trailing_remarks(lines, min(starts.values()), end)
    if fresh and not lines[at - 1].endswith("\n"):
        lines = [*lines[: at - 1], lines[at - 1] + "\n", *lines[at:]]
    added = _block(root, fresh, indent) if fresh else []
    return [*lines[:at], *added, *lines[at:]]


def _end_of(lines: Sequence[str], start: int, indent: int) -> int:
    """The first line after `start` that stands further to the left than `indent`."""
    for number in range(start, len(lines)):
        text = lines[number]
        if text.strip() and not text.lstrip().startswith("#") and len(text) - len(text.lstrip()) < indent:
            return number
    return len(lines)


def _without_trailing_remarks(lines: Sequence[str], start: int, stop: int) -> int:
    """Blank lines and comments before what comes next belong to that."""
    while stop > start + 1 and (not lines[stop - 1].strip() or lines[stop - 1].lstrip().startswith("#")):
        stop -= 1
    return stop


def _block(root: str, entries: Mapping[str, CommentedMap], indent: int) -> list[str]:
    """The lines of entries of a top-level mapping, without its own.  Sources stand on one line each."""
    if root == SOURCES.entity[0]:
        for entry in entries.values():
            entry.fa.set_flow_style()
    text = StringIO()
    _yaml(indent).dump(CommentedMap({root: CommentedMap(entries)}), text)
    lines = text.getvalue().splitlines()[1:]
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return [f"{line}\n" for line in lines]


def _changed(entry: CommentedMap, changes: Mapping[Path, Leaf | None]) -> CommentedMap:
    for path, leaf in changes.items():
        if leaf is None:
            _remove(entry, path)
        else:
            _set(entry, path, leaf)
    return entry


def _set(entry: MutableMapping[str, Any], path: Path, leaf: Leaf) -> None:
    *above, name = path
    for step in above:
        if not isinstance(entry.get(step), MutableMapping):
            entry[step] = CommentedMap()
        entry = entry[step]
    entry[name] = _points(leaf) if isinstance(leaf, tuple) else leaf


def _points(leaf: Iterable[Iterable[tuple[str, Any]]]) -> CommentedSeq:
    points = CommentedSeq(CommentedMap(point) for point in leaf)
    for point in points:
        point.fa.set_flow_style()
    return points


def _remove(entry: MutableMapping[str, Any], path: Path) -> None:
    """Also what is left empty above it."""
    trail = [entry]
    for step in path[:-1]:
        below = trail[-1].get(step)
        if not isinstance(below, MutableMapping):
            return
        trail.append(below)
    trail[-1].pop(path[-1], None)
    for depth in range(len(trail) - 1, 0, -1):
        if not trail[depth]:
            trail[depth - 1].pop(path[depth - 1], None)
