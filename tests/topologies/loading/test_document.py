"""A YAML file as plain data with places: what is read, what is refused, and where the error points."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.findings import Finding, InputError
from topologies.loading.document import (
    MAX_BYTES,
    Document,
    parse_document,
    parse_documents,
    read_document,
    read_documents,
)
from topologies.loading.nodes import MAX_DEPTH

ESTATE = """\
components:
  payments-db:
    kind: database
    replicas: 3
    ports: [5432, 5433]
  payments-api:
    kind: service
"""


def parse(text: str) -> Document:
    return parse_document(text, "f.yaml")


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ([], False, "f.yaml:1:1"),
        (["components"], True, "f.yaml:1:1"),
        (["components", "payments-db"], True, "f.yaml:2:3"),
        (["components", "payments-db", "replicas"], False, "f.yaml:4:15"),
        (["components", "payments-db", "replicas"], True, "f.yaml:4:5"),
        (["components", "payments-db", "ports", 1], False, "f.yaml:5:19"),
        (["components", "payments-db", "ports", 7], False, "f.yaml:5:5"),
        (["components", "payments-db", "owner"], False, "f.yaml:2:3"),
        (["components", "payments-db", "replicas", "deeper"], False, "f.yaml:4:5"),
        (["nothing", "of", "this"], False, "f.yaml:1:1"),
    ],
)
def test_place_is_the_value_the_key_or_the_nearest_ancestor(path: list[str | int], key: bool, place: str) -> None:
    assert str(parse(ESTATE).place(path, key=key)) == place


def test_excerpt_puts_the_caret_under_the_value() -> None:
    excerpt = parse(ESTATE).place(["components", "payments-db", "replicas"]).excerpt()
    assert excerpt == "        replicas: 3\n                  ^"


def test_excerpt_of_an_endless_line_is_cut() -> None:
    text = "a: [" + ", ".join(["x"] * 10_000) + "]"
    assert len(parse(text).place(["a", 0]).source_line) <= 160
    assert parse(text).place(["a", 9_000]).source_line == ""


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("~", None),
        ("", None),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("1_000", "1_000"),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        (".inf", float("inf")),
        ("12:30:45", "12:30:45"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("5m", "5m"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("! 5", "5"),
        ("!!str 5", "5"),
        ("!!float 5", 5.0),
        ("!!int '5'", 5),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(written: str, value: object) -> None:
    read = parse(f"v: {written}\n").data
    assert read == {"v": value}
    assert isinstance(read, dict)
    assert type(read["v"]) is type(value)


def test_text_data_keeps_scalars_as_written_as_go_yaml_does_for_text_fields() -> None:
    document = parse("severity: 1.0\nport: 012\nid: 1_000\nempty:\nflag: true\nlist: [0x1F]\n")
    assert document.text_data() == {
        "severity": "1.0",
        "port": "012",
        "id": "1_000",
        "empty": None,
        "flag": "true",
        "list": ["0x1F"],
    }
    assert document.text_at(["port"]) == "012"
    assert document.text_at(["list"]) is None
    assert document.text_at(["absent"]) is None


def test_keys_are_text_as_written() -> None:
    assert parse("1: a\ntrue: b\n0x1: c\n").data == {"1": "a", "true": "b", "0x1": "c"}


def test_merge_key_takes_over_entries_and_own_entries_win() -> None:
    document = parse("base: &b {a: 1, b: 2}\nx: {<<: *b, b: 3}\ny: {<<: [{c: 4}, *b]}\nz: {'<<': 5}\n")
    assert document.data == {
        "base": {"a": 1, "b": 2},
        "x": {"b": 3, "a": 1},
        "y": {"c": 4, "a": 1, "b": 2},
        "z": {"<<": 5},
    }
    assert str(document.place(["x", "a"])) == "f.yaml:1:14"


def test_aliased_data_is_copied_so_that_changing_one_leaves_the_other() -> None:
    data = parse("a: &a [1]\nb: *a\n").data
    assert isinstance(data, dict)
    data["a"].append(2)
    assert data["b"] == [1]


REFUSED = [
    ("yaml.duplicate-key", "a: 1\nb: 2\na: 3\n", "f.yaml:3:1", "line 1"),
    ("yaml.tag", "a: !!python/object:os.system x\n", "f.yaml:1:4", "plain data"),
    ("yaml.tag", "a: !!binary aGk=\n", "f.yaml:1:4", "plain data"),
    ("yaml.tag", "a: !reset [1]\n", "f.yaml:1:4", "plain data"),
    ("yaml.unknown-alias", "a: *b\n", "f.yaml:1:4", "&b"),
    ("yaml.unknown-alias", "a: &a [*a]\n", "f.yaml:1:8", "&a"),
    ("yaml.bad-merge", "<<: 3\n", "f.yaml:1:1", "*anchor"),
    ("yaml.structured-key", "summary: {{ $value }} is high\n", "f.yaml:1:11", "in quotes"),
    ("yaml.missing-key", "a: 1\n: 2\n", "f.yaml:2:1", "key: value"),
    ("yaml.bad-scalar", "a: " + "9" * 5000 + "\n", "f.yaml:1:4", "too long"),
    ("yaml.bad-scalar", "a: !!int five\n", "f.yaml:1:4", "!!int"),
    ("yaml.too-deep", "[" * 500, f"f.yaml:1:{MAX_DEPTH + 1}", "levels"),
    ("yaml.several-documents", "a: 1\n---\nb: 2\n", "f.yaml:3:1", "two files"),
    ("yaml.syntax", "a:\n\t- b\n", "f.yaml:2:1", "spaces only"),
    ("yaml.syntax", "a: b: c\n", "f.yaml:1:5", "in quotes"),
    ("yaml.syntax", "a: 1\nb: 'open\nc: 2\n", "f.yaml:2:4", "closing quote"),
    ("yaml.syntax", "a: 1\nb: [1, 2\nc: 3\n", "f.yaml:2:4", "']'"),
    ("yaml.syntax", 'expr: "\\d+"\n', "f.yaml:1:9", "single quotes"),
    ("yaml.syntax", "a:\n  - 1\n - 2\n", "f.yaml:3:2", "align"),
    ("yaml.syntax", "a: `date`\n", "f.yaml:1:4", "in quotes"),
    ("yaml.syntax", "a: 1\nb: x\x00y\n", "f.yaml:2:5", "remove it"),
    ("input.empty", "# nothing but a comment\n", "f.yaml", "empty"),
]


@pytest.mark.parametrize(("id", "text", "place", "says"), REFUSED)
def test_refusal_names_the_place_and_what_to_do(id: str, text: str, place: str, says: str) -> None:
    finding = refusal(text).findings[0]
    assert (finding.id, str(finding.place)) == (id, place)
    assert says in finding.message + finding.hint


def test_all_problems_that_leave_the_structure_clear_are_reported_at_once() -> None:
    error = refusal("a: 1\na: 2\nb: !x 3\nc: *d\ne: [\n")
    assert [f.id for f in error.findings] == [
        "yaml.duplicate-key",
        "yaml.tag",
        "yaml.unknown-alias",
        "yaml.syntax",
    ]


def test_alias_bomb_is_refused_before_it_is_expanded() -> None:
    levels = ["l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    levels += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 60)]
    assert refusal("\n".join(levels)).findings[0].id == "yaml.alias-expansion"


def test_chain_of_aliases_cannot_pass_the_depth_limit() -> None:
    chain = ["l0: &l0 [1]", *(f"l{n}: &l{n} [*l{n - 1}]" for n in range(1, MAX_DEPTH + 5))]
    assert refusal("\n".join(chain)).findings[0].id == "yaml.alias-expansion"


def test_control_characters_of_the_input_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in str(refusal("a: \x1b[31mred\n"))


def test_stream_of_documents_keeps_places_in_the_whole_file() -> None:
    first, second = parse_documents("---\na: 1\n---\n# empty\n---\nb: &x [1]\n", "f.yaml")
    assert (first.data, second.data) == ({"a": 1}, {"b": [1]})
    assert str(second.place(["b"])) == "f.yaml:6:4"


def test_anchors_do_not_reach_into_the_next_document() -> None:
    with pytest.raises(InputError, match="unknown-alias"):
        parse_documents("a: &x 1\n---\nb: *x\n", "f.yaml")


def test_files_of_windows_and_with_byte_order_marks_are_read(tmp_path: Path) -> None:
    for name, raw in {
        "bom.yaml": b"\xef\xbb\xbfa: 1\r\nb: 2\r\n",
        "utf16.yaml": "a: 1\nb: 2\n".encode("utf-16"),
    }.items():
        (tmp_path / name).write_bytes(raw)
        document = read_document(tmp_path / name)
        assert document.data == {"a": 1, "b": 2}
        assert document.place(["b"], key=True).line == 2


@pytest.mark.parametrize(
    ("raw", "id", "says"),
    [
        (b"a: 1\nb: \xff\n", "input.not-text", ":2: "),
        (b"x" * (MAX_BYTES + 1), "input.too-large", "8 MiB"),
        (b"", "input.empty", "template"),
    ],
)
def test_unusable_bytes_are_refused(tmp_path: Path, raw: bytes, id: str, says: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read_documents(path)
    assert caught.value.findings[0].id == id
    assert says in str(caught.value)


def test_missing_file_suggests_the_nearest_name_beside_it(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").touch()
    with pytest.raises(InputError, match=r"did you mean 'topology.yaml'\?"):
        read_document(tmp_path / "topolgy.yaml")


def test_directory_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="directory"):
        read_document(tmp_path)


YAML_PIECES = st.sampled_from(
    [*"ab:-[]{},&*!|>%@`'\"#?~ \n\t\\0.<=", "- ", ": ", "\n  ", "&a ", "*a", "<<: ", "---\n", "!!int "]
)


def findings_of(read: Callable[[], list[Document]]) -> list[Finding]:
    """What reading gives: nothing, or the findings of an InputError; any other exception is a failure."""
    try:
        assert read()
    except InputError as error:
        return error.findings
    return []


@given(st.one_of(st.text(), st.lists(YAML_PIECES, max_size=40).map("".join)))
def test_arbitrary_text_is_data_or_an_input_error(text: str) -> None:
    assert all(f.id and f.message for f in findings_of(lambda: parse_documents(text, "f.yaml")))


@given(st.binary())
def test_arbitrary_bytes_are_data_or_an_input_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "arbitrary.yaml"
    path.write_bytes(raw)
    assert all(f.id and f.message for f in findings_of(lambda: read_documents(path)))


TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\x7f\u2028\u2029\ufeff\ufffe\uffff", exclude_categories=["Cc"])
)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**50), 10**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_json_is_read_as_json_reads_it(data: object) -> None:
    assert parse(json.dumps({"data": data}, ensure_ascii=False)).data == {"data": data}
