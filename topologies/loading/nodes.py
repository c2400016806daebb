"""YAML text as a tree of nodes that know their place, built within limits.

Terms.  A *node* is a scalar, a mapping or a sequence with the line and column where it starts, counted from 1.
An *anchor* (`&a`) names a node and an *alias* (`*a`) repeats it; an alias of aliases can grow without bound,
so the nodes that all aliases of a file add are counted against a budget before anything is copied.
A *merge key* (`<<`) takes over the entries of another mapping; the mapping's own entries win.

The tree is built from the parser's events, so a file that is too deep or too large is refused on the way and not
after the fact.  Keys are always text, as written.  Problems that leave the structure clear (a duplicate key, a
tag, an unknown alias) are collected; an error of syntax ends the reading.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from timeline.findings import Finding, InputError, Place, Severity
from topologies.loading import scalars
from topologies.loading.syntax import interpret

MAX_DEPTH = 64
ALIAS_BUDGET = 20_000
_EXCERPT_WIDTH = 160
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[^\t\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class SourceText:
    """The text of a file with its name, to make places from offsets or from lines and columns."""

    name: str
    text: str
    line_starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]
        object.__setattr__(self, "line_starts", starts)

    def mark(self, offset: int) -> Mark:
        """The mark of a character."""
        line = bisect_right(self.line_starts, offset)
        return Mark(self, line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """A line of text, counted from 1, without its break."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n\x85\u2028\u2029")


class Mark(NamedTuple):
    """A line and a column of a text, both counted from 1."""

    source: SourceText
    line: int
    column: int

    def place(self) -> Place:
        """The place with its line of text: cut where it is long, left out where the column is far to the right."""
        shown = self.source.line(self.line)[:_EXCERPT_WIDTH] if self.column <= _EXCERPT_WIDTH else ""
        return Place(self.source.name, self.line, self.column, _UNPRINTABLE.sub("\ufffd", shown))


@dataclass(slots=True)
class ScalarNode:
    mark: Mark
    value: scalars.Scalar
    text: str
    """As written, without quotes."""


@dataclass(slots=True)
class SequenceNode:
    mark: Mark
    items: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Entry:
    """One `key: value` of a mapping, with the mark of its key."""

    mark: Mark
    value: Node


@dataclass(slots=True)
class MappingNode:
    mark: Mark
    entries: dict[str, Entry] = field(default_factory=dict)
    size: int = 1
    height: int = 1


Node = ScalarNode | SequenceNode | MappingNode
Step = str | int
"""One step of a path: a key of a mapping, or an index of a sequence."""


def child(node: Node, step: Step) -> Entry | None:
    """One step down; an item of a sequence is its own key.  None where there is nothing."""
    if isinstance(node, MappingNode):
        return node.entries.get(str(step))
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return Entry(node.items[step].mark, node.items[step])
    return None


def plain(node: Node, *, as_written: bool = False) -> object:
    """The tree as dict, list and scalars; `as_written` keeps scalars as text, and null as None."""
    if isinstance(node, ScalarNode):
        return node.text if as_written and node.value is not None else node.value
    if isinstance(node, SequenceNode):
        return [plain(item, as_written=as_written) for item in node.items]
    return {name: plain(entry.value, as_written=as_written) for name, entry in node.entries.items()}


def compose(source: SourceText) -> list[Node]:
    """The documents of a YAML stream; empty ones are left out.  Raises InputError with every problem found."""
    composer = _Composer(source)
    documents = composer.documents()
    if composer.findings:
        raise InputError(composer.findings)
    return documents


class _Composer:
    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self.anchors: dict[str, Node] = {}
        self.spent_on_aliases = 0
        self.events = self._parser_events()

    def documents(self) -> list[Node]:
        found = []
        for event in self.events:
            if isinstance(event, yaml_events.DocumentStartEvent):
                self.anchors.clear()
                node = self.node(next(self.events), depth=1)
                if not (isinstance(node, ScalarNode) and node.text == "" and node.value is None):
                    found.append(node)
        return found

    def node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml_events.AliasEvent):
            return self.alias(event, depth)
        if depth > MAX_DEPTH:
            raise self.fatal(event, "yaml.too-deep", f"nested deeper than {MAX_DEPTH} levels", "flatten the structure")
        node: Node
        if isinstance(event, yaml_events.ScalarEvent):
            node = self.scalar(event)
        elif isinstance(event, yaml_events.SequenceStartEvent):
            node = self.sequence(event, depth)
        else:
            node = self.mapping(event, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any, depth: int) -> Node:
        target = self.anchors.get(event.anchor)
        if target is None:
            self.report(
                event,
                "yaml.unknown-alias",
                f"the alias *{event.anchor} repeats an anchor that is not defined above it",
                f"define it with &{event.anchor} first, or put text that starts with '*' in quotes",
            )
            return ScalarNode(self.mark(event), None, "")
        self.spent_on_aliases += _size(target)
        if self.spent_on_aliases > ALIAS_BUDGET or depth + _height(target) > MAX_DEPTH + 1:
            raise self.fatal(
                event,
                "yaml.alias-expansion",
                f"the aliases of this file expand to more than {ALIAS_BUDGET} values or {MAX_DEPTH} levels",
                "write the values out, or use fewer aliases of aliases",
            )
        return target

    def scalar(self, event: Any) -> ScalarNode:
        text: str = event.value
        tag = _short_tag(event)
        value: scalars.Scalar = text
        try:
            if tag:
                value = scalars.convert(text, tag)
            elif tag is None and event.implicit[0]:
                value = scalars.resolve(text)
        except ValueError as error:
            self.report(event, "yaml.bad-scalar", str(error), "put it in quotes if it is text")
        except KeyError:
            self.refuse_tag(event, "null, bool, int, float and str")
        return ScalarNode(self.mark(event), value, text)

    def sequence(self, event: Any, depth: int) -> SequenceNode:
        if _short_tag(event) not in (None, "", "seq"):
            self.refuse_tag(event, "seq")
        node = SequenceNode(self.mark(event))
        while not isinstance(item := next(self.events), yaml_events.SequenceEndEvent):
            child = self.node(item, depth + 1)
            node.items.append(child)
            _grow(node, child)
        return node

    def mapping(self, event: Any, depth: int) -> MappingNode:
        if _short_tag(event) not in (None, "", "map"):
            self.refuse_tag(event, "map")
        node = MappingNode(self.mark(event))
        merged: list[tuple[Any, Node]] = []
        while not isinstance(key := next(self.events), yaml_events.MappingEndEvent):
            name = self.key(key)
            value = self.node(next(self.events), depth + 1)
            if name == "<<" and getattr(key, "implicit", (False,))[0]:
                merged.append((key, value))
            elif name is not None:
                self.add(node, name, Entry(self.mark(key), value))
        for key, value in merged:
            self.merge(node, key, value)
        return node

    def key(self, event: Any) -> str | None:
        """The text of a key, or None where the problem has been reported."""
        if not isinstance(event, yaml_events.ScalarEvent | yaml_events.AliasEvent):
            # Mostly an unquoted template; what follows it would only give errors that mislead.
            raise self.fatal(
                event,
                "yaml.structured-key",
                "a map or a list cannot be a key",
                "put a value that starts with '{' or '[' in quotes, as templates like '{{ $value }}' need it",
            )
        node = self.node(event, depth=1)
        if not isinstance(node, ScalarNode) or (node.value is None and node.text == ""):
            self.report(event, "yaml.missing-key", "there is no key before this ':'", "write `key: value`")
            return None
        return node.text

    def add(self, node: MappingNode, name: str, entry: Entry) -> None:
        if name in node.entries:
            first = node.entries[name].mark.line
            place = entry.mark.place()
            message = f"the key {name!r} is given twice; the first is on line {first}"
            hint = "remove one of the two, or rename it"
            self.findings.append(Finding("yaml.duplicate-key", Severity.ERROR, place, message, hint))
            return
        node.entries[name] = entry
        _grow(node, entry.value)

    def merge(self, node: MappingNode, key: Any, value: Node) -> None:
        for source in value.items if isinstance(value, SequenceNode) else [value]:
            if not isinstance(source, MappingNode):
                self.report(key, "yaml.bad-merge", "'<<' takes a map or a list of maps", "write `<<: *anchor`")
                continue
            for name, entry in source.entries.items():
                if name not in node.entries:
                    node.entries[name] = entry
                    _grow(node, entry.value)

    def refuse_tag(self, event: Any, allowed: str) -> None:
        message = f"the tag {str(event.tag).replace(_TAG_PREFIX, '!!')!r} is not allowed: files hold plain data"
        self.report(event, "yaml.tag", message, f"remove the tag; possible here: {allowed}")

    def report(self, event: Any, id: str, message: str, hint: str) -> None:
        self.findings.append(Finding(id, Severity.ERROR, self.mark(event).place(), message, hint))

    def fatal(self, event: Any, id: str, message: str, hint: str) -> InputError:
        self.report(event, id, message, hint)
        return InputError(self.findings)

    def mark(self, event: Any) -> Mark:
        return self.source.mark(event.start_mark.index)

    def _parser_events(self) -> Iterator[Any]:
        last = 0
        try:
            for event in YAML(typ="safe", pure=True).parse(self.source.text):
                last = event.start_mark.index
                yield event
        except InputError:
            raise
        except ReaderError as error:
            raise self._syntax_error(error.position, "", str(error.reason)) from None
        except MarkedYAMLError as error:
            raise self._marked(error, last) from None
        except Exception as error:
            # The parser fails in ways of its own (IndexError, AssertionError) on some malformed streams: whatever
            # it cannot read is a fault of the input, and the place of the last event is the best one known.
            raise self._syntax_error(last, "", f"the YAML parser cannot read what follows ({error})") from None

    def _marked(self, error: MarkedYAMLError, last: int) -> InputError:
        context, problem = error.context or "", error.problem or ""
        mark = error.problem_mark or error.context_mark
        if interpret(context, problem).at_context:
            mark = error.context_mark or mark
        return self._syntax_error(mark.index if mark is not None else last, context, problem)

    def _syntax_error(self, offset: int, context: str, problem: str) -> InputError:
        complaint = interpret(context, problem)
        place = self.source.mark(min(offset, len(self.source.text))).place()
        finding = Finding("yaml.syntax", Severity.ERROR, place, complaint.message, complaint.hint)
        return InputError([*self.findings, finding])


def _short_tag(event: Any) -> str | None:
    """`int` for `!!int`, an empty string for the non-specific `!`, the whole tag for others, None without one."""
    if event.ctag is None:
        return None
    tag = str(event.tag)
    return "" if tag == "!" else tag.removeprefix(_TAG_PREFIX)


def _size(node: Node) -> int:
    return 1 if isinstance(node, ScalarNode) else node.size


def _height(node: Node) -> int:
    return 1 if isinstance(node, ScalarNode) else node.height


def _grow(node: SequenceNode | MappingNode, child: Node) -> None:
    node.size += _size(child)
    node.height = max(node.height, 1 + _height(child))
