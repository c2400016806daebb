"""Values set from outside the files: `--set path=value`, sweep factors, comparisons, calibration results.

One grammar of paths for all of them: `scenario`, `estate`, `organisation` or `alerts`, then ids and fields
separated by dots, as they are nested in the files.

    estate.components.core-db.replicas.count=3        items of lists are numbered from 0: layers.0.length
    organisation.people.duty-manager.answer.night=12m
    scenario.starts_at=2026-03-14T02:10:00+01:00
    alerts.PaymentErrors.for=10m                      every alerting rule of that name
    alerts.alertmanager.route.group_wait=10s          the Alertmanager configuration
    estate.standby_pairs.core.standby=null            null removes

Values are YAML.  They are set on the tree of the file, before validation: so a value that does not fit is
reported like one in the file, with the setting as its place.  An id may contain dots; the longest name that exists
is the one meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, Field

from timeline.findings import InputError, Place, nearest
from topologies.fields import Source
from topologies.loading.document import Document, parse_document
from topologies.loading.nodes import Entry, MappingNode, Mark, Node, ScalarNode, SequenceNode, SourceText, child
from topologies.loading.shape import Shape

ROOTS = ("scenario", "estate", "organisation", "alerts")
ALERTMANAGER = "alertmanager"


class _Rule(BaseModel):
    """The fields of a Prometheus alerting rule, for paths into it."""

    alert: str
    expr: str
    for_: str = Field(alias="for")
    keep_firing_for: str
    labels: dict[str, str]
    annotations: dict[str, str]


@dataclass(frozen=True)
class Setting:
    """One `path=value`: `root` is its first word, `rest` what follows, `value` None where it removes.

    `text` is how it was written, `place` where; `source` says where the value comes from, if that was said.
    """

    path: str
    root: str
    rest: str
    value: Node | None
    text: str
    place: Place
    source: Source | None = None

    def __str__(self) -> str:
        return self.text


Given = str | Setting
"""A setting as it is handed over: as text, or read already (from an overlay file)."""


def parse_setting(text: str) -> Setting:
    """Reads `path=value`.  Raises InputError."""
    path, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not path:
        place = Place(f"--set {text}")
        raise InputError.single("overlay.syntax", place, "this is not of the form path=value", "null removes")
    root, rest = divided(path, Place(f"--set {text}"))
    return Setting(path, root, rest, _value(path, written), text, Place(f"--set {path}"))


def divided(path: str, place: Place) -> tuple[str, str]:
    """The root of a path and what follows.  Raises InputError where it cannot lead anywhere."""
    root, _, rest = path.partition(".")
    if root not in ROOTS:
        hint = nearest(root, ROOTS)
        raise InputError.single("overlay.unknown-path", place, f"no path begins with {root!r}", hint)
    if not rest:
        message = f"{root!r} alone is no path to a value"
        raise InputError.single("overlay.syntax", place, message, f"write {root}.<id>.<field>=value")
    return root, rest


def _value(path: str, written: str) -> Node | None:
    if written == "":
        source = SourceText(f"--set {path}", "")
        return ScalarNode(Mark(source, 1, 1), "", "")
    node = parse_document(written, f"--set {path}").root
    return None if isinstance(node, ScalarNode) and node.value is None else node


def overlay(document: Document, model: type[BaseModel] | None, settings: Sequence[Setting]) -> Document:
    """The document with the settings made, in their order.  Without a model only what is in the file is known.

    Raises InputError for a path that leads nowhere, with the nearest one that does.
    """
    shape = Shape.of(model) if model is not None else None
    root = document.root
    for setting in settings:
        prefix = setting.path.removesuffix(setting.rest)
        root = _put(root, _Path(setting, prefix, setting.rest), shape)
    return document.with_root(root) if settings else document


def overlay_rules(documents: Sequence[Document], settings: Sequence[Setting]) -> list[Document]:
    """Rule files with the settings made on every alerting rule that they name."""
    changed = list(documents)
    for setting in settings:
        names = {name for document in changed for name in alert_names(document)}
        name = _longest(setting.rest, names)
        if name is None:
            raise _nothing_there(_Path(setting, "alerts.", setting.rest), names | {ALERTMANAGER})
        rest = setting.rest[len(name) + 1 :]
        changed = [_change_rules(document, setting, name, rest) for document in changed]
    return changed


def alert_names(document: Document) -> set[str]:
    """The alerting rules of a native rule file, as far as it has the structure of one."""
    return {name for group in _rule_lists(document) for rule in group.items if (name := _alert_of(rule)) is not None}


def _rule_lists(document: Document) -> list[SequenceNode]:
    groups = document.node(["groups"])
    if not isinstance(groups, SequenceNode):
        return []
    lists = [child(group, "rules") for group in groups.items]
    return [entry.value for entry in lists if entry is not None and isinstance(entry.value, SequenceNode)]


def _alert_of(rule: Node) -> str | None:
    entry = child(rule, "alert")
    return entry.value.text if entry is not None and isinstance(entry.value, ScalarNode) else None


def _change_rules(document: Document, setting: Setting, name: str, rest: str) -> Document:
    shape = Shape.of(_Rule)

    def changed(rules: SequenceNode) -> SequenceNode:
        items: list[Node] = []
        for rule in rules.items:
            if _alert_of(rule) != name:
                items.append(rule)
            elif rest:
                items.append(_put(rule, _Path(setting, f"alerts.{name}.", rest), shape))
            elif setting.value is not None:
                items.append(setting.value)
        return replace(rules, items=items)

    return document.with_root(_rebuild(document.root, {id(rules): changed for rules in _rule_lists(document)}))


def _rebuild(node: Node, changes: dict[int, Callable[[SequenceNode], SequenceNode]]) -> Node:
    """The tree with some of its sequences (by identity) replaced."""
    if isinstance(node, MappingNode):
        entries = {k: Entry(e.mark, _rebuild(e.value, changes)) for k, e in node.entries.items()}
        return replace(node, entries=entries)
    if isinstance(node, SequenceNode):
        if id(node) in changes:
            return changes[id(node)](node)
        return replace(node, items=[_rebuild(item, changes) for item in node.items])
    return node


@dataclass(frozen=True)
class _Path:
    """A path on the way: `done` is what has been walked (with its last dot), `rest` what is left."""

    setting: Setting
    done: str
    rest: str

    def after(self, name: str) -> _Path:
        return _Path(self.setting, f"{self.done}{name}.", self.rest[len(name) + 1 :])


def _put(node: Node | None, path: _Path, shape: Shape | None) -> Node:
    """The node with the value set below it; a missing node is a field that the file leaves out."""
    if isinstance(node, SequenceNode):
        return _put_item(node, path, shape)
    if isinstance(node, ScalarNode) and node.value is not None:
        message = f"{path.done.rstrip('.')} is a single value"
        raise InputError.single("overlay.unknown-path", path.setting.place, message, "it has no fields")
    mark = node.mark if node is not None else Mark(SourceText(str(path.setting.place), ""), 1, 1)
    entries = dict(node.entries) if isinstance(node, MappingNode) else {}
    known = {*entries, *(shape.fields if shape is not None else ())}
    name = _longest(path.rest, known) or _new_name(path, shape, known)
    further = path.rest[len(name) + 1 :]
    present = entries.get(name)
    if further:
        below = shape.child(name) if shape is not None else None
        inner = _put(present.value if present is not None else None, path.after(name), below)
        entries[name] = Entry(present.mark if present is not None else inner.mark, inner)
    elif path.setting.value is None:
        entries.pop(name, None)
    else:
        value = path.setting.value
        entries[name] = Entry(present.mark if present is not None else value.mark, value)
    return MappingNode(mark, entries)


def _put_item(node: SequenceNode, path: _Path, shape: Shape | None) -> SequenceNode:
    number, _, _ = path.rest.partition(".")
    index = int(number) if number.isdecimal() and len(number) < 6 else -1
    if not 0 <= index < len(node.items):
        raise _nothing_there(path, {str(i) for i in range(len(node.items))})
    items = list(node.items)
    further = path.after(number)
    if further.rest:
        items[index] = _put(items[index], further, shape.items if shape is not None else None)
    elif path.setting.value is None:
        del items[index]
    else:
        items[index] = path.setting.value
    return replace(node, items=items)


def _longest(rest: str, names: set[str]) -> str | None:
    fitting = [name for name in names if rest == name or rest.startswith(f"{name}.")]
    return max(fitting, key=len, default=None)


def _new_name(path: _Path, shape: Shape | None, known: set[str]) -> str:
    """What is left of the path as a new key, where one is possible: in a map of ids, not among fields."""
    removes = path.setting.value is None
    free = shape is None or shape.entries is not None
    whole_thing = shape is None or shape.entries is None or not shape.entries.fields
    plain = not whole_thing and isinstance(path.setting.value, MappingNode)
    if removes or not free or not (plain or (whole_thing and "." not in path.rest)):
        raise _nothing_there(path, known)
    return path.rest


def _nothing_there(path: _Path, known: set[str]) -> InputError:
    """The nearest path: the first step that exists nowhere is replaced by the name that is closest to it."""
    wrong, _, further = path.rest.partition(".")
    close = difflib.get_close_matches(wrong, sorted(known), n=1, cutoff=0.6)
    hint = nearest(wrong, known)
    if close:
        hint = f"did you mean {'.'.join([path.done + close[0], *([further] if further else [])])}?"
    message = f"there is nothing at {path.done}{wrong}"
    return InputError.single("overlay.unknown-path", path.setting.place, message, hint)
