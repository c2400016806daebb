"""Tables of nodes and edges: encodings, delimiters, headers, and a mapping that a person edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topologies.importers.estate.importing import adds_up, edges, estate_of, imported, kinds, left_out
from timeline.findings import InputError
from topologies.importers.estate import import_estate, propose_mapping

NODES = """\
CI;Name;Class;Support group;Location;Instances;Criticality
1;Web shop;Web server;Shop;Vienna;3;
2;orders-db;Oracle Instance;Data;Linz;;
3;Café;Application;;;many;
4;Selling;Business service;Shop;;;1
5;Vienna;Datacenter;;;;
6;;;;;;
;;;;;;
;;Application;;;;
"""
EDGES = """\
From;To;Relation;Calls
1;orders-db;Depends on;2.5
web shop;3;sends to;
Selling;1;Uses;
2;1;used by;
1;1;calls;
1;;calls;
3;2;documents;
3;mailer;optional;
"""
KEPT = {("web-shop", "orders-db"), ("web-shop", "cafe"), ("selling", "web-shop"), ("cafe", "mailer")}


def test_rows_become_an_estate_and_every_row_is_accounted_for(tmp_path: Path) -> None:
    result = imported(tmp_path, "csv", {"nodes.csv": NODES, "edges.csv": EDGES})
    assert edges(result) == KEPT
    assert left_out(result) == [
        "'documents' is no dependency",
        "a dependency of a thing on itself",
        "it has neither id nor name",
        "it has no target",
    ]
    assert adds_up(result)
    assert (result.edge_counts.read, result.edge_counts.merged) == (8, 1)
    assert [(remark.place.line, remark.message.partition(",")[0]) for remark in result.remarks] == [
        (4, "'many' cannot be read as replicas; it stays unknown"),
        (9, "'mailer' is named by an edge"),
        (9, "Café -> mailer is soft"),
    ]
    estate = estate_of(result, tmp_path / "out")
    shop = estate.components["web-shop"]
    assert (shop.replicas.count, shop.site, shop.owner) == (3, "vienna", "shop")
    assert (shop.depends_on["orders-db"].calls, shop.depends_on["cafe"].type) == (2.5, "asynchronous")
    assert (estate.functions["selling"].criticality, estate.components["6"].title) == ("critical", "6")
    assert set(estate.sites) == {"vienna", "linz"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_make_no_difference(tmp_path: Path, encoding: str, delimiter: str) -> None:
    for name, text in (("nodes.csv", NODES), ("edges.csv", EDGES)):
        (tmp_path / name).write_bytes(text.replace(";", delimiter).replace("\n", "\r\n").encode(encoding))
    result = import_estate("csv", [str(tmp_path)])
    assert edges(result) == KEPT
    assert result.nodes["cafe"].title == "Café"
    assert any("Windows-1252" in remark.message for remark in result.remarks) == (encoding == "cp1252")


def test_edges_alone_are_enough_with_or_without_header(tmp_path: Path) -> None:
    with_header = imported(tmp_path / "a", "csv", {"e.csv": "source,target\nweb,db\nweb,redis\n"})
    without = imported(tmp_path / "b", "csv", {"e.csv": "web,db\nweb,redis\n"})
    assert edges(with_header) == edges(without) == {("web", "db"), ("web", "redis")}
    assert kinds(with_header) == {"web": "service", "db": "database", "redis": "cache"}
    assert with_header.node_counts.mentioned == 3
    assert not with_header.remarks


def test_cells_with_delimiters_quotes_and_line_breaks_keep_their_line(tmp_path: Path) -> None:
    text = 'source,target,type\n"a, b","c\nd",calls\nx,,calls\n'
    result = imported(tmp_path, "csv", {"e.csv": text})
    assert edges(result) == {("a-b", "c-d")}
    assert [record.place.line for record in result.left_out] == [4]


def test_an_edited_proposal_decides(tmp_path: Path) -> None:
    imported(tmp_path, "csv", {"nodes.csv": NODES, "edges.csv": EDGES})
    files = [str(tmp_path / "nodes.csv"), str(tmp_path / "edges.csv")]
    proposed = propose_mapping("csv", files)
    assert "Oracle Instance: database" in proposed
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(proposed)
    assert edges(import_estate("csv", files, mapping)) == KEPT
    edited = proposed.replace("documents: left-out", "documents: hard-reversed")
    mapping.write_text(edited.replace("Application: service", "Application: batch"))
    result = import_estate("csv", files, mapping)
    assert edges(result) == KEPT | {("orders-db", "cafe")}
    assert kinds(result)["cafe"] == "batch"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("kind: Class", "kind: Clas", "did you mean 'Class'"),
        ("holds: edges", "holds: nodes", "has no 'source'"),
        ("target: To", "calls: Calls", "given twice"),
        ("documents: left-out", "documents: lef-out", "left-out"),
        ("  edges.csv:", "  edgs.csv:", "did you mean 'edgs.csv'"),
        ("estate-mapping/1", "estate-mapping/2", "version 1"),
    ],
)
def test_a_wrong_mapping_is_an_error_that_says_what_was_meant(tmp_path: Path, old: str, new: str, says: str) -> None:
    imported(tmp_path, "csv", {"nodes.csv": NODES, "edges.csv": EDGES})
    files = [str(tmp_path / "nodes.csv"), str(tmp_path / "edges.csv")]
    proposed = propose_mapping("csv", files)
    assert old in proposed
    (tmp_path / "mapping.yaml").write_text(proposed.replace(old, new))
    with pytest.raises(InputError) as error:
        import_estate("csv", files, tmp_path / "mapping.yaml")
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n  \n", "empty"),
        (b"a,b\x00\n", "not text"),
        (b"colour,shape,size,weight\nred,round,1,2\n", "neither of nodes nor of edges"),
        (b'source,target\n"a,b\n' + b"x" * 200_000, "not CSV"),
    ],
)
def test_a_table_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(InputError, match=says):
        import_estate("csv", [str(tmp_path / "t.csv")])
