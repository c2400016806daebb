"""Where the parameters behind a verdict come from."""

from pathlib import Path

from reports.sources import NOT_STATED, basis_of, read_sources, shares, write_sources
from topologies.fields import Source

SOURCES = {
    "organisation.people": Source(basis="assumed"),
    "organisation.people.dba.answer": Source(basis="fitted", confidence="high", source="312 pages"),
}


def test_the_longest_path_that_stands_for_a_parameter_wins() -> None:
    assert basis_of("organisation.people.dba.answer.day", SOURCES) == "fitted"
    assert basis_of("organisation.people.dbadmin.answer.day", SOURCES) == "assumed"
    assert basis_of("estate.components.api", SOURCES) == NOT_STATED


def test_shares_go_from_the_firmest_to_the_least_and_add_up() -> None:
    paths = ["organisation.people.dba.answer.day", "organisation.people.x", "organisation.people.y", "estate.z"]
    found = shares(paths, SOURCES)
    assert [(one.basis, one.parameters, one.ratio) for one in found] == [
        ("fitted", 1, 0.25),
        ("assumed", 2, 0.5),
        (NOT_STATED, 1, 0.25),
    ]


def test_the_table_of_a_run_folder_is_read_back(tmp_path: Path) -> None:
    assert read_sources(tmp_path) == {}
    write_sources(tmp_path, SOURCES)
    assert read_sources(tmp_path) == SOURCES
