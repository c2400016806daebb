"""Generated routing trees, and label sets aimed at every one of their routes.

Random labels nearly all fall to the root.  So label sets are built for a route: each matcher on the way to it gets a
value that satisfies it, then some labels are changed at random; a tree with a route that cannot be hit often enough
is thrown away.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from simulator.monitoring.alertmanager import AlertmanagerConfig, Matcher, Route, load_config
from topologies.loading.document import parse_document

HITS = 20
_VALUES = {
    "team": ["db", "web", "net", "dba", ""],
    "severity": ["page", "ticket", "info", ""],
    "cluster": ["eu-1", "eu-2", "us-1", ""],
    "job": ["api", "api-canary", "batch", "x,y", 'say "hi"', ""],
}
_REGEXPS = ["db|web", "eu-.*", "api(-canary)?", ".+", "p.*", "[a-d].*", "", "(?i)PAGE|TICKET"]


@dataclass(frozen=True)
class Tree:
    """A configuration as text and as loaded, with label sets that hit each of its routes `HITS` times."""

    text: str
    config: AlertmanagerConfig
    label_sets: list[dict[str, str]]


def trees(count: int) -> Iterator[Tree]:
    """The same trees in every run."""
    seed = found = 0
    while found < count:
        seed += 1
        tree = _tree(Random(seed))
        if tree is not None:
            found += 1
            yield tree


def hits(tree: Tree) -> tuple[Counter[Route], Counter[Matcher]]:
    """How often each route was a result, and each negated matcher let something through on the way to one."""
    routes: Counter[Route] = Counter()
    matchers: Counter[Matcher] = Counter()
    for labels in tree.label_sets:
        for route in tree.config.route.match(labels):
            routes[route] += 1
            way = _way(tree.config.route, route)
            matchers.update(m for step in way for m in step.matchers if m.type.negated)
    return routes, matchers


def _tree(random: Random) -> Tree | None:
    receivers: list[str] = []
    root = _route(random, receivers, depth=0)
    config_file = {"route": root, "receivers": [{"name": name} for name in receivers]}
    text = json.dumps(config_file)
    config = load_config(parse_document(text, "generated"))
    label_sets: list[dict[str, str]] = []
    for route in config.route.walk():
        hit = 0
        for _ in range(120):
            labels = _aimed(random, _way(config.route, route))
            if route in config.route.match(labels):
                label_sets.append(labels)
                hit += 1
            if hit == HITS:
                break
        if hit < HITS:
            return None
    return Tree(text, config, label_sets)


def _route(random: Random, receivers: list[str], depth: int) -> dict[str, Any]:
    receivers.append(f"r{len(receivers)}")
    route: dict[str, Any] = {"receiver": receivers[-1]}
    if depth:
        route["matchers"] = [_matcher(random) for _ in range(random.choice([1, 1, 2]))]
        route["continue"] = random.random() < 0.3
    if depth < 3:
        count = random.choice([2, 3]) if depth == 0 else random.choice([0, 0, 1, 2])
        route["routes"] = [_route(random, receivers, depth + 1) for _ in range(count)]
    return route


def _matcher(random: Random) -> str:
    name = random.choice(sorted(_VALUES))
    operator = random.choice(["=", "!=", "=~", "!~"])
    value = random.choice(_REGEXPS if "~" in operator else _VALUES[name])
    return name + operator + json.dumps(value)


def _aimed(random: Random, way: list[Route]) -> dict[str, str]:
    labels = {name: random.choice(values) for name, values in _VALUES.items()}
    for route in way:
        for matcher in route.matchers:
            fitting = [value for value in _VALUES[matcher.name] if matcher.matches({matcher.name: value})]
            if fitting and not matcher.matches(labels):
                labels[matcher.name] = random.choice(fitting)
    return {name: value for name, value in labels.items() if value}


def _way(root: Route, wanted: Route) -> list[Route]:
    """The routes from the root to one of its descendants."""
    if root is wanted:
        return [root]
    for child in root.routes:
        if way := _way(child, wanted):
            return [root, *way]
    return []
