"""Files a row or an object at a time: nothing vanishes, wherever windows, parts and lines end."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.history.importers import grouping, json_items
from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.grouping import by_incident
from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.priorities import rank
from scenarios.history.importers.pseudonyms import Names
from timeline.findings import InputError


def intake(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Intake:
    path = folder / "export"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Intake(path, Reading(encoding=encoding))


def test_rows_have_the_line_they_begin_at(tmp_path: Path) -> None:
    table = CsvFile(intake(tmp_path, 'a,b\n1,"two\nlines"\n\n3,4\n'))
    assert list(table.rows()) == [(2, ["1", "two\nlines"]), (5, ["3", "4"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(delimiter: str, tmp_path: Path) -> None:
    table = CsvFile(intake(tmp_path, f"a{delimiter}b\n1{delimiter}2\n"))
    assert (table.header, [row for _, row in table.rows()]) == (["a", "b"], [["1", "2"]])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_gives_the_encoding(encoding: str, tmp_path: Path) -> None:
    table = CsvFile(intake(tmp_path, "ä,b\nö,2\n".encode(encoding)))
    assert (table.header, [row for _, row in table.rows()]) == (["ä", "b"], [["ö", "2"]])


def test_rows_that_are_none_are_refused_with_their_line(tmp_path: Path) -> None:
    given = intake(tmp_path, b"a,b\n1,2\n1\n1,2,3\n\xff,2\n5,6\n")
    assert [row for _, row in CsvFile(given).rows()] == [["1", "2"], ["5", "6"]]
    assert [(r.line, r.reason) for r in given.refused()] == [
        (3, "1 fields, where the header has 2"),
        (4, "3 fields, where the header has 2"),
        (5, "this is not UTF-8 text"),
    ]
    assert given.rows == 5


def test_another_encoding_can_be_stated(tmp_path: Path) -> None:
    table = CsvFile(intake(tmp_path, "a,b\nä,2\n".encode("cp1252"), "cp1252"))
    assert [row for _, row in table.rows()] == [["ä", "2"]]


@pytest.mark.parametrize(("content", "says"), [("", "is empty"), ("\n1,2\n", "names no columns")])
def test_files_without_a_header_are_refused(content: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        CsvFile(intake(tmp_path, content))


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('",;\n'), max_size=5)


@settings(max_examples=50)
@given(rows=st.lists(st.lists(cells, min_size=1, max_size=4), max_size=8))
def test_every_row_is_used_or_refused(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["a", "b"], *rows])
    given = intake(tmp_path_factory.mktemp("csv"), buffer.getvalue())
    used = [row for _, row in CsvFile(given).rows()]
    assert used == [row for row in rows if len(row) == 2]
    assert given.rows == len(rows) == len(used) + given.refused_rows


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.lists(st.dictionaries(st.text("abc", max_size=3), JSON, max_size=4), min_size=1, max_size=6)


@settings(max_examples=60)
@given(objects=ITEMS, form=st.sampled_from(["list", "page", "pages", "lines"]), window=st.integers(1, 40))
def test_objects_are_found_in_whatever_form_and_window(
    objects: list[dict[str, Any]], form: str, window: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = {
        "list": json.dumps(objects, indent=1),
        "page": json.dumps({"page": {"incidents": 1}, "incidents": objects, "more": False}, ensure_ascii=False),
        "pages": "".join(json.dumps({"incidents": [element]}) for element in objects),
        "lines": "\n".join(json.dumps(element) for element in objects),
    }[form]
    given = intake(tmp_path_factory.mktemp("json"), text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_items, "_CHUNK", window)
        found = list(read_items(given, ("incidents",)))
    assert [item.data for item in found] == objects
    assert given.rows == len(objects)
    if form == "lines":
        assert [item.line for item in found] == list(range(1, len(objects) + 1))


def test_elements_that_are_no_objects_are_refused(tmp_path: Path) -> None:
    given = intake(tmp_path, '[\n{"a": 1},\n17,\n"x"\n]')
    assert [item.data for item in read_items(given, ())] == [{"a": 1}]
    assert [(r.line, r.reason) for r in given.refused()] == [
        (3, "expected an object, found 17"),
        (4, 'expected an object, found "x"'),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [('[{"a": 1},\n {"b" 2}]', "2:7"), ('[{"a": 1}', "1:10"), ("[1 2]", "1:4"), ('{"a": 1', "1:8"), ("x", "1:1")],
)
def test_broken_json_is_told_with_its_place(text: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        list(read_items(intake(tmp_path, text), ("incidents",)))
    assert str(raised.value.findings[0].place).endswith(f"export:{place}")


def test_an_empty_list_is_no_error_and_another_object_is_an_element(tmp_path: Path) -> None:
    assert not list(read_items(intake(tmp_path, '{"incidents": []}'), ("incidents",)))
    assert [i.data for i in read_items(intake(tmp_path, '{"other": 1}'), ("incidents",))] == [{"other": 1}]


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9)), max_size=30),
    budget=st.sampled_from([1, 100, 10**6]),
)
def test_rows_of_an_incident_meet_whether_they_fit_in_memory_or_not(rows: list[tuple[str, int]], budget: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "_BUDGET_BYTES", budget)
        found = dict(by_incident((name, line, number) for line, (name, number) in enumerate(rows)))
    expected: dict[str, list[tuple[int, int]]] = {}
    for line, (name, number) in enumerate(rows):
        expected.setdefault(name, []).append((line, number))
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 - Critical", 1),
        ("P2", 2),
        ("Sev 3", 3),
        ("SEV0", 0),
        ("4", 4),
        ("High", 2),
        ("Medium", 3),
        ("10 - odd", None),
        ("soon", None),
        (None, None),
    ],
)
def test_ranks_of_priorities(text: str | None, expected: int | None) -> None:
    assert rank(text) == expected


def test_pseudonyms_are_the_same_for_the_same_name_and_key_only() -> None:
    names = Names(b"secret")
    assert names.person("Ann Example") == names.person(" ann example ") != names.person("Ben Example")
    assert names.person("Ann Example") != Names(b"other").person("Ann Example")
    assert Names().person("Ann Example") == "Ann Example"
    assert names.person(None) is None


def test_addresses_in_titles_are_pseudonyms_too() -> None:
    text = Names(b"secret").text("mail from ann@example.org bounces")
    assert text == f"mail from {Names(b'secret').person('ann@example.org')} bounces"
