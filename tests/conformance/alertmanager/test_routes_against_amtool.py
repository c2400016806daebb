"""Route decisions equal those of `amtool config routes test`."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conformance.alertmanager.routing_trees import HITS, Tree, hits, trees
from tests.services import require

_LONGEST_CALL_S = 30


def test_label_sets_hit_every_route_and_negated_matcher() -> None:
    negated = 0
    for tree in trees(20):
        routes, matchers = hits(tree)
        assert min(routes[route] for route in tree.config.route.walk()) >= HITS
        present = [m for route in tree.config.route.walk() for m in route.matchers if m.type.negated]
        negated += len(present)
        assert all(matchers[matcher] >= HITS for matcher in present)
    assert negated >= 20


def test_receivers_are_those_of_amtool(tmp_path: Path) -> None:
    amtool = require("amtool")
    for tree in trees(3):
        assert disagreements(tree, amtool, tmp_path, every=5) == []


@pytest.mark.prove
def test_receivers_are_those_of_amtool_for_a_thousand_label_sets(tmp_path: Path) -> None:
    amtool = require("amtool")
    asked = 0
    for tree in trees(20):
        assert disagreements(tree, amtool, tmp_path, every=1) == []
        asked += len(tree.label_sets)
    assert asked >= 1000


def disagreements(tree: Tree, amtool: str, folder: Path, *, every: int) -> list[str]:
    """Label sets, each `every`th one, for which amtool names other receivers or another order of them."""
    config = folder / "alertmanager.yml"
    config.write_text(tree.text)

    def asked(labels: dict[str, str]) -> str:
        arguments = [f"{name}={json.dumps(value)}" for name, value in labels.items()]
        command = [amtool, "config", "routes", "test", f"--config.file={config}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_LONGEST_CALL_S)
        return done.stdout.strip()

    with ThreadPoolExecutor(2) as pool:
        label_sets = tree.label_sets[::every]
        answers = list(pool.map(asked, label_sets))
    return [
        f"{labels}: amtool says {answer}"
        for labels, answer in zip(label_sets, answers, strict=True)
        if answer != ",".join(tree.config.receivers_for(labels))
    ]
