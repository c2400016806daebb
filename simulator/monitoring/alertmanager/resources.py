"""AlertmanagerConfig resources of Kubernetes, put together with a base configuration as prometheus-operator does it.

    config = read_config([Path("alertmanager.yml"), Path("payments.yml")])

Each resource (`monitoring.coreos.com/v1alpha1` or `v1beta1`) becomes one route in front of those of the base, with
`continue: true`, so that the routes of the base see every alert as well; its root tells only of what none of all these
routes takes.  Names of receivers and time intervals get the prefix `namespace/name/`.  The *matcher strategy* decides
whether routes and inhibition rules are narrowed to alerts of the resource's own namespace: `OnNamespace`,
`OnNamespaceExceptForAlertmanagerNamespace` or `None`.  An `Alertmanager` resource among the documents states it
(`spec.alertmanagerConfigMatcherStrategy.type`); without one it is `OnNamespace`.  Without a base, alerts that no
resource takes go to a receiver named `null`.

Everything is done on the tree of nodes, which keep their places: what is wrong in a resource is told at its line.

Not done: selecting resources by labels, a global configuration given as a resource, contents of secrets.

Source: prometheus-operator, `pkg/alertmanager/amcfg.go`, for Alertmanager 0.22 and later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from simulator.monitoring.alertmanager.config import AlertmanagerConfig, load_config
from simulator.monitoring.alertmanager.matchers import MatchType
from simulator.monitoring.alertmanager.receivers import KINDS
from timeline.findings import InputError, nearest
from topologies.loading.document import Document, parse_document, read_documents
from topologies.loading.nodes import Entry, MappingNode, Mark, Node, ScalarNode, SequenceNode, child

GROUP = "monitoring.coreos.com"
VERSIONS = ("v1alpha1", "v1beta1")
_BASE = "{route: {receiver: 'null'}, receivers: [{name: 'null'}]}"
_ZERO = re.compile(r"0|(0+(y|w|d|h|ms|m|s))+")


class MatcherStrategy(StrEnum):
    """Which resources are narrowed to alerts of their own namespace."""

    ON_NAMESPACE = "OnNamespace"
    EXCEPT_FOR_ALERTMANAGER = "OnNamespaceExceptForAlertmanagerNamespace"
    NONE = "None"


@dataclass(frozen=True, slots=True)
class _Resource:
    """One AlertmanagerConfig; `narrowed` when its alerts have to be of its namespace."""

    document: Document
    namespace: str
    name: str
    narrowed: bool

    def full_name(self, node: Node) -> Node:
        """The name in a scalar with the prefix of the resource; an empty one stays empty, as it is inherited."""
        if isinstance(node, ScalarNode) and node.text:
            return _text(node.mark, f"{self.namespace}/{self.name}/{node.text}")
        return node


def read_config(paths: Iterable[Path]) -> AlertmanagerConfig:
    """The configuration of several files: a native one, and files of resources.  Raises InputError."""
    return load_resources([document for path in paths for document in read_documents(path)])


def load_resources(documents: Sequence[Document]) -> AlertmanagerConfig:
    """The configuration of at most one native document and any number of resources, `kind: List` among them.

    A native document alone is read as `load_config` does.  Raises InputError with every mistake found and its place.
    """
    natives = [document for document in documents if not _items(document)]
    resources = [item for document in documents for item in _items(document)]
    if len(natives) > 1:
        message = "a second native configuration starts here"
        raise InputError.single("alertmanager.resource", natives[1].place([]), message, "give one, and any resources")
    base = natives[0] if natives else parse_document(_BASE, "base configuration")
    if not resources or not isinstance(base.root, MappingNode):
        return load_config(base)
    found = [item for item in resources if _kind(item) == "AlertmanagerConfig"]
    return load_config(base.with_root(_joined(base.root, _prepared(found, *_strategy(resources)))))


def _items(document: Document) -> list[Document]:
    """The resources of a document: itself, or those of a list; none for a native configuration."""
    data = document.data if isinstance(document.data, Mapping) else {}
    items = child(document.root, "items")
    if str(data.get("kind", "")).endswith("List") and items is not None and isinstance(items.value, SequenceNode):
        return [document.with_root(item) for item in items.value.items]
    return [document] if "kind" in data or "apiVersion" in data else []


def _kind(document: Document) -> str:
    """Raises InputError for what is not one of the resources that count here."""
    version = document.text_at(["apiVersion"]) or ""
    kind = document.text_at(["kind"]) or ""
    known = {"Alertmanager": ("v1",), "AlertmanagerConfig": VERSIONS}
    if kind not in known:
        hint = nearest(kind, known) or f"give resources of kind {' or '.join(known)}"
        raise InputError.single("alertmanager.resource", document.place(["kind"]), f"unexpected kind {kind!r}", hint)
    expected = [f"{GROUP}/{known_version}" for known_version in known[kind]]
    if version not in expected:
        message = f"{kind} has the version {version!r}, expected {' or '.join(expected)}"
        raise InputError.single("alertmanager.resource", document.place(["apiVersion"]), message)
    return kind


def _strategy(resources: Iterable[Document]) -> tuple[MatcherStrategy, str]:
    """The strategy, and the namespace of the Alertmanager."""
    for resource in resources:
        if _kind(resource) == "Alertmanager":
            path = ["spec", "alertmanagerConfigMatcherStrategy", "type"]
            written = resource.text_at(path) or MatcherStrategy.ON_NAMESPACE
            if written not in list(MatcherStrategy):
                raise InputError.single(
                    "alertmanager.resource",
                    resource.place(path),
                    f"{written!r} is not a matcher strategy",
                    nearest(written, [str(known) for known in MatcherStrategy])
                    or f"one of {', '.join(MatcherStrategy)}",
                )
            return MatcherStrategy(written), resource.text_at(["metadata", "namespace"]) or "default"
    return MatcherStrategy.ON_NAMESPACE, ""


def _prepared(documents: Iterable[Document], strategy: MatcherStrategy, own_namespace: str) -> list[_Resource]:
    """The resources in the order in which the operator adds them."""
    resources: dict[str, _Resource] = {}
    for document in documents:
        name = document.text_at(["metadata", "name"])
        if not name:
            message = "the resource has no name"
            place = document.place(["metadata"], key=True)
            raise InputError.single("alertmanager.resource", place, message, "give metadata.name")
        namespace = document.text_at(["metadata", "namespace"]) or "default"
        narrowed = strategy is MatcherStrategy.ON_NAMESPACE or (
            strategy is MatcherStrategy.EXCEPT_FOR_ALERTMANAGER and namespace != own_namespace
        )
        if f"{namespace}/{name}" in resources:
            place = document.place(["metadata", "name"])
            raise InputError.single("alertmanager.resource", place, f"{namespace}/{name} is given twice")
        resources[f"{namespace}/{name}"] = _Resource(document, namespace, name, narrowed)
    return [resources[key] for key in sorted(resources)]


def _joined(base: MappingNode, resources: Iterable[_Resource]) -> MappingNode:
    """The base with what the resources add."""
    entries = dict(base.entries)
    routes: list[Node] = []
    for resource in resources:
        spec = child(resource.document.root, "spec")
        if spec is None or not isinstance(spec.value, MappingNode):
            place = resource.document.place(["spec"])
            raise InputError.single("alertmanager.resource", place, "the resource has no spec, which is a mapping")
        fields = spec.value.entries
        _extend(entries, "inhibit_rules", [_inhibit_rule(resource, rule) for rule in _list(fields, "inhibitRules")])
        if "route" not in fields:
            continue
        routes.append(_route(resource, fields["route"].value, top=True))
        _extend(entries, "receivers", [_receiver(resource, receiver) for receiver in _list(fields, "receivers")])
        for section in ("muteTimeIntervals", "timeIntervals"):
            named = [_named_intervals(resource, intervals) for intervals in _list(fields, section)]
            _extend(entries, "mute_time_intervals", named)
    root = entries.get("route")
    if root is not None and isinstance(root.value, MappingNode):
        own = dict(root.value.entries)
        written = _list(own, "routes")
        own["routes"] = Entry(root.mark, _sequence(root.mark, [*routes, *written]))
        entries["route"] = Entry(root.mark, _mapping(root.value.mark, own))
    return _mapping(base.mark, entries)


def _route(resource: _Resource, node: Node, *, top: bool) -> Node:
    if not isinstance(node, MappingNode):
        return node
    entries = _converted(
        node,
        {
            "receiver": resource.full_name,
            "matchers": _each(_matcher),
            "muteTimeIntervals": _each(resource.full_name),
            "activeTimeIntervals": _each(resource.full_name),
            "routes": _each(lambda route: _route(resource, route, top=False)),
        },
    )
    for name in ("group_interval", "repeat_interval"):
        written = entries.get(name)
        if written is not None and isinstance(written.value, ScalarNode) and _ZERO.fullmatch(written.value.text):
            del entries[name]
    if top:
        entries["continue"] = Entry(node.mark, ScalarNode(node.mark, True, "true"))
        if resource.narrowed:
            _extend(entries, "matchers", [_own_namespace(resource, node.mark)])
    return _mapping(node.mark, entries)


def _inhibit_rule(resource: _Resource, node: Node) -> Node:
    if not isinstance(node, MappingNode):
        return node
    entries = _converted(node, {"sourceMatch": _each(_matcher), "targetMatch": _each(_matcher)})
    for side in ("source", "target"):
        if f"{side}_match" in entries:
            entries[f"{side}_matchers"] = entries.pop(f"{side}_match")
        own = _own_namespace(resource, node.mark)
        if resource.narrowed and own.text not in _lines(entries, f"{side}_matchers"):
            _extend(entries, f"{side}_matchers", [own])
    return _mapping(node.mark, entries)


def _own_namespace(resource: _Resource, mark: Mark) -> ScalarNode:
    return _text(mark, _written_matcher("namespace", MatchType.EQUAL, resource.namespace))


def _matcher(node: Node) -> Node:
    """`{name, matchType, value}` in one line; the older `regex: true` stands for `=~`."""
    if not isinstance(node, MappingNode):
        return node
    given = {key: entry.value.text for key, entry in node.entries.items() if isinstance(entry.value, ScalarNode)}
    operator = given.get("matchType") or ("=~" if given.get("regex") == "true" else "=")
    return _text(node.mark, _written_matcher(given.get("name", ""), operator, given.get("value", "")))


def _written_matcher(name: str, operator: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    return f'{name}{operator}"{escaped}"'


def _receiver(resource: _Resource, node: Node) -> Node:
    if not isinstance(node, MappingNode):
        return node
    entries: dict[str, Entry] = {}
    for key, entry in node.entries.items():
        kind = _snake(key)
        if key == "name":
            entries[key] = Entry(entry.mark, resource.full_name(entry.value))
        elif kind in KINDS:
            fields = {field.replace("_", ""): field for field in KINDS[kind].fields}
            entries[kind] = Entry(entry.mark, _each(lambda one, known=fields: _integration(one, known))(entry.value))  # type: ignore[misc]
        else:
            entries[key] = entry
    return _mapping(node.mark, entries)


_WITH_FIELDS = ("fields", "actions", "images", "links", "responders", "sigv4", "threading")
_OTHER_FIELDS = {"urlSecret": "url", "pagerDutyImageConfigs": "images", "pagerDutyLinkConfigs": "links"}


def _integration(node: Node, known: Mapping[str, str]) -> Node:
    """Fields under their native names; lists of keys and values become maps, as details and headers are."""
    if not isinstance(node, MappingNode):
        return node
    entries: dict[str, Entry] = {}
    for key, entry in node.entries.items():
        name = _OTHER_FIELDS.get(key) or known.get(key.lower(), key)
        value = entry.value
        if name in ("details", "headers", "custom_fields") and isinstance(value, SequenceNode):
            pairs = [item.entries for item in value.items if isinstance(item, MappingNode)]
            found = {plain_key.text: pair["value"] for pair in pairs if (plain_key := _scalar(pair, "key"))}
            value = _mapping(value.mark, found)
        entries[name] = Entry(entry.mark, _snaked(value) if name in _WITH_FIELDS else value)
    return _mapping(node.mark, entries)


def _scalar(entries: Mapping[str, Entry], key: str) -> ScalarNode | None:
    found = entries.get(key)
    return found.value if found is not None and isinstance(found.value, ScalarNode) and "value" in entries else None


def _named_intervals(resource: _Resource, node: Node) -> Node:
    if not isinstance(node, MappingNode):
        return node
    return _mapping(
        node.mark,
        _converted(node, {"name": resource.full_name, "timeIntervals": _each(_time_interval)}),
    )


def _time_interval(node: Node) -> Node:
    if not isinstance(node, MappingNode):
        return node
    return _mapping(node.mark, _converted(node, {"times": _each(_snaked), "daysOfMonth": _each(_days)}))


def _days(node: Node) -> Node:
    """`{start: 1, end: 5}` as `1:5`; what is left out is 0, which no month has."""
    if not isinstance(node, MappingNode):
        return node
    ends = [node.entries[key].value if key in node.entries else None for key in ("start", "end")]
    return _text(node.mark, ":".join(end.text if isinstance(end, ScalarNode) else "0" for end in ends))


_Conversion = Callable[[Node], Node]


_NATIVE = {
    "groupBy": "group_by",
    "groupWait": "group_wait",
    "groupInterval": "group_interval",
    "repeatInterval": "repeat_interval",
    "muteTimeIntervals": "mute_time_intervals",
    "activeTimeIntervals": "active_time_intervals",
    "sourceMatch": "source_match",
    "targetMatch": "target_match",
    "timeIntervals": "time_intervals",
    "daysOfMonth": "days_of_month",
}
"""Other names stay as they are, so that what is unknown is told as it was written."""


def _converted(node: MappingNode, values: Mapping[str, _Conversion]) -> dict[str, Entry]:
    """The entries under their native names, some of them with another value."""
    return {
        _NATIVE.get(key, key): Entry(entry.mark, values[key](entry.value) if key in values else entry.value)
        for key, entry in node.entries.items()
    }


def _snaked(node: Node) -> Node:
    """The whole tree with native names."""
    if isinstance(node, MappingNode):
        renamed = {_snake(key): Entry(entry.mark, _snaked(entry.value)) for key, entry in node.entries.items()}
        return _mapping(node.mark, renamed)
    return _each(_snaked)(node)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: "_" + found[0], name).lower()


def _each(convert: _Conversion) -> _Conversion:
    def all_items(node: Node) -> Node:
        return _sequence(node.mark, map(convert, node.items)) if isinstance(node, SequenceNode) else node

    return all_items


def _extend(entries: dict[str, Entry], key: str, items: Sequence[Node]) -> None:
    """Adds to a list, or begins it."""
    if items:
        mark = entries[key].mark if key in entries else items[0].mark
        entries[key] = Entry(mark, _sequence(mark, [*_list(entries, key), *items]))


def _lines(entries: Mapping[str, Entry], key: str) -> list[str]:
    return [node.text for node in _list(entries, key) if isinstance(node, ScalarNode)]


def _list(entries: Mapping[str, Entry], key: str) -> list[Node]:
    found = entries.get(key)
    return list(found.value.items) if found is not None and isinstance(found.value, SequenceNode) else []


def _text(mark: Mark, text: str) -> ScalarNode:
    return ScalarNode(mark, text, text)


def _sequence(mark: Mark, items: Iterable[Node]) -> SequenceNode:
    return SequenceNode(mark, list(items))


def _mapping(mark: Mark, entries: Mapping[str, Entry]) -> MappingNode:
    return MappingNode(mark, dict(entries))
