"""Loading a folder: what belongs to an estate, where it is looked for, and that all files are reported together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from timeline.findings import InputError
from topologies.loading.estate import load_estate
from topologies.shipped import shipped_estates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the smallest shipped estate, to be broken."""
    return Path(shutil.copytree(shipped_estates()["corner-lab"], tmp_path / "estate"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("name", shipped_estates())
def test_shipped_estate_loads(name: str) -> None:
    loaded = load_estate(name)
    assert loaded.name == name
    assert loaded.topology.components
    assert loaded.rules


def test_estate_is_found_by_folder_and_by_topology_file(folder: Path) -> None:
    by_folder, by_file = load_estate(folder), load_estate(folder / "topology.yaml")
    assert by_folder.topology == by_file.topology == load_estate("corner-lab").topology


def test_sources_are_found_by_the_paths_of_settings() -> None:
    sources = load_estate("corner-lab").sources
    assert sources["estate.functions.ordering.rto"].basis == "assumed"
    assert "organisation.people" in sources


def test_documents_are_everything_that_was_read(folder: Path) -> None:
    read = {Path(document.name).resolve() for document in load_estate(folder).documents}
    assert read == {path.resolve() for path in folder.rglob("*.yaml")}


def test_errors_of_all_files_are_reported_at_once(folder: Path) -> None:
    edit(folder / "topology.yaml", "kind: cache", "kind: cash")
    edit(folder / "organisation.yaml", "policy: command", "policy: comand")
    edit(folder / "alerts" / "expectations.yaml", "target: web", "target: wob")
    edit(folder / "alerts" / "alertmanager.yaml", "route:", "route: [")
    with pytest.raises(InputError) as caught:
        load_estate(folder)
    assert {Path(f.place.file).name for f in caught.value.findings} == {
        "topology.yaml",
        "organisation.yaml",
        "expectations.yaml",
        "alertmanager.yaml",
    }


def test_rule_file_that_is_missing_is_reported_where_it_is_named(folder: Path) -> None:
    edit(folder / "topology.yaml", "alerts/rules/shop.yaml", "alerts/rules/shp.yaml")
    with pytest.raises(InputError) as caught:
        load_estate(folder)
    [finding] = caught.value.findings
    assert Path(finding.place.file).name == "topology.yaml"
    assert finding.place.line
    assert "did you mean 'alerts/rules/shop.yaml'?" in finding.hint


def test_fault_kinds_are_judged_by_whoever_knows_them(folder: Path) -> None:
    edit(folder / "alerts" / "expectations.yaml", "fault: crash, target: web", "fault: crush, target: web")
    assert load_estate(folder).expectations is not None
    with pytest.raises(InputError, match="did you mean 'crash'"):
        load_estate(folder, known={"fault-kind": {"crash", "hang"}})


def test_estate_that_is_not_there_suggests_a_shipped_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'corner-lab'"):
        load_estate("corner-lb")
    with pytest.raises(InputError, match=r"there is no topology\.yaml in this folder"):
        load_estate(tmp_path)
