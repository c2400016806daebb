"""Same seed, same bytes: in another process, under another hash seed, with files in another order."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.commands import blackstart
from topologies.shipped import shipped_estates

SCENARIO = "corner-lab-crash"


def timeline(folder: Path, *arguments: str, seed: int = 1, hash_seed: str = "0") -> bytes:
    """Runs the scenario into a new folder; the bytes of its timeline."""
    done = blackstart(
        "run", SCENARIO, "--seed", str(seed), "--out", str(folder), *arguments, cwd=folder.parent, hash_seed=hash_seed
    )
    assert done.returncode in (0, 1), done.stderr
    return (folder / "timeline.jsonl").read_bytes()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return timeline(tmp_path_factory.mktemp("reference") / "run")


def changed_estate(folder: Path, change: Any) -> Path:
    """A copy of the scenario's estate with its topology and organisation changed."""
    source = shipped_estates()["corner-lab"]
    target = folder / "corner-lab"
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    yaml = YAML(typ="safe")
    for name in ("topology.yaml", "organisation.yaml"):
        data = yaml.load((target / name).read_text())
        change(name, data)
        with (target / name).open("w") as file:
            YAML().dump(data, file)
    return target


def shuffle(_: str, data: Any) -> None:
    """Turns every map round, at every depth."""
    if isinstance(data, dict):
        for key in reversed(list(data)):
            value = data.pop(key)
            shuffle("", value)
            data[key] = value
    elif isinstance(data, list):
        for value in data:
            shuffle("", value)


def add_unused(name: str, data: Any) -> None:
    if name == "topology.yaml":
        data["components"]["aaa-unused"] = {"title": "nobody needs it", "kind": "service"}
    else:
        person = next(iter(data["people"].values()))
        data["people"]["aaa-unused"] = {**person, "title": "on nobody's rota", "team": None}
        del data["people"]["aaa-unused"]["team"]


def test_two_processes_and_two_hash_seeds_write_the_same_bytes(tmp_path: Path, reference: bytes) -> None:
    assert timeline(tmp_path / "a", hash_seed="1") == reference
    assert timeline(tmp_path / "b", hash_seed="4711") == reference


def test_another_seed_differs(tmp_path: Path, reference: bytes) -> None:
    assert timeline(tmp_path / "a", seed=2) != reference


@pytest.mark.parametrize("change", [shuffle, add_unused])
def test_what_does_not_matter_changes_nothing(tmp_path: Path, reference: bytes, change: Any) -> None:
    estate = changed_estate(tmp_path, change)
    assert timeline(tmp_path / "run", "--estate", str(estate)) == reference
