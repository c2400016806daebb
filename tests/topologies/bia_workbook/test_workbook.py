"""The BIA workbook: what an estate knows goes out and comes back; what people write in it is understood or refused."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from console.main import main
from timeline.findings import InputError
from timeline.instants import MINUTE, format_duration
from topologies.bia_workbook import Merged, merge, read_workbook, sheets_of, write_workbook
from topologies.bia_workbook.layout import SHEETS, Column, Kind
from topologies.bia_workbook.values import read_cell
from topologies.loading.document import parse_document
from topologies.loading.estate import load_topology
from topologies.shipped import shipped_estates
from topologies.writing import to_yaml

ESTATE = """\
# A shop, with remarks that must not get lost.
format: blackstart/estate/1
title: Shop
timezone: Europe/Vienna
currency: EUR
sites:
  office: {title: Office, kind: workplace, timezone: Europe/Vienna, seats: 20}
components:
  web: {title: Web, kind: service}
  db: {title: Data, kind: database}

functions:
  # What it is all for.
  orders:
    title: Orders   # taken in the web
    criticality: important
    supported_by:
      web: {type: hard}
      db: {type: soft, degradation: 0.3}   # reads only
    rto: 2h   # as promised
    mtpd: 120m
    minimum_level: 0.7
    loss_per_hour: 1200
    impact:
      financial:
        points:
          - {after: 1h, amount: 1200}
          - {after: 1d, amount: 50000}
    workforce:
      clerks:
        title: Clerks
        needed: 4
        minimum: 2
        groups:
          office: {site: office, count: 5, remote: 0.4}
          night: {site: office, count: 1}
    fallback:
      title: By telephone
      throughput: 0.4
      set_up: lognormal(median=20m, p90=1h)
      staff: {clerks: 3}

  # Nobody misses it for a day.
  news:
    title: News
    supported_by:
      web: {type: hard}

sources:
  functions.orders.rto: {basis: expert, source: Interview of March, confidence: medium}
  components.web.capacity_rps: {basis: measured, source: Load test}
"""


def exported(tmp_path: Path, form: str, text: str = ESTATE) -> Path:
    data = parse_document(text, "topology.yaml").data
    assert isinstance(data, dict)
    path = tmp_path / ("bia.xlsx" if form == "xlsx" else "bia")
    write_workbook(path, "Shop", sheets_of(data))
    return path


def merged(path: Path, text: str = ESTATE) -> Merged:
    data = parse_document(text, "topology.yaml").data
    assert isinstance(data, dict)
    sheets, _ = read_workbook(path)
    return merge(text, data, sheets)


def changes(found: Merged) -> dict[str, tuple[str | None, str | None]]:
    return {change.path: (change.before, change.after) for change in found.changes}


def edit(path: Path, sheet: str, row: int, header: str, value: Any) -> None:
    """Writes one cell, as somebody with a spreadsheet would."""
    book = load_workbook(path)
    page = book[sheet]
    column = [cell.value for cell in page[1]].index(header) + 1
    page.cell(row, column).value = value
    book.save(path)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_goes_out_comes_back_and_changes_nothing(tmp_path: Path, form: str) -> None:
    found = merged(exported(tmp_path, form))
    assert found.changes == ()
    assert found.kept == ()
    assert found.text == ESTATE


def test_every_row_of_the_estate_is_in_the_workbook(tmp_path: Path) -> None:
    path = exported(tmp_path, "csv")
    with (path / "workforce.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["function"], row["skill"], row["group"], row["heads"], row["remote"]) for row in rows] == [
        ("orders", "clerks", "office", "5", "0.4"),
        ("orders", "clerks", "night", "1", ""),
    ]
    with (path / "sources.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["parameter"] for row in csv.DictReader(file)] == ["functions.orders.rto"]


def test_a_changed_cell_changes_one_value_and_no_other_byte(tmp_path: Path) -> None:
    path = exported(tmp_path, "xlsx")
    edit(path, "Functions", 2, "RTO", "90 minutes")
    found = merged(path)
    assert changes(found) == {"functions.orders.rto": ("2h", "1h30m")}
    assert found.text == ESTATE.replace("rto: 2h   # as promised", "rto: 1h30m # as promised")


def test_an_emptied_cell_is_not_known_any_more(tmp_path: Path) -> None:
    path = exported(tmp_path, "xlsx")
    edit(path, "Functions", 2, "MBCO", None)
    found = merged(path)
    assert changes(found) == {"functions.orders.minimum_level": ("0.7", None)}
    assert "minimum_level" not in found.text
    assert "# as promised" in found.text


def test_rows_that_are_taken_out_take_what_they_said_with_them(tmp_path: Path) -> None:
    path = exported(tmp_path, "xlsx")
    book = load_workbook(path)
    book["Impact"].delete_rows(2, 2)
    book["Workforce"].delete_rows(3)
    book["Fallback staff"].delete_rows(2)
    book.save(path)
    data = parse_document(merged(path).text, "t").data
    orders = data["functions"]["orders"]  # type: ignore[index,call-overload]
    assert "impact" not in orders
    assert list(orders["workforce"]["clerks"]["groups"]) == ["office"]
    assert "staff" not in orders["fallback"]
    assert orders["fallback"]["throughput"] == 0.4


def test_rows_that_are_added_are_added(tmp_path: Path) -> None:
    path = exported(tmp_path, "xlsx")
    book = load_workbook(path)
    book["Functions"].append(["returns", "Returns", None, "standard", "1d"])
    book["Dependencies"].append(["returns", "db", "hard"])
    book["Impact"].append(["news", "reputation", "1d", "minor"])
    book["Sources"].append(["functions.returns.rto", "expert", "Workshop", "low"])
    book.save(path)
    found = merged(path)
    (tmp_path / "estate").mkdir()
    file = tmp_path / "estate" / "topology.yaml"
    file.write_text(found.text)
    estate = load_topology(file)
    assert estate.functions["returns"].supported_by["db"].type == "hard"
    assert estate.functions["returns"].rto == 86_400_000
    assert estate.functions["news"].impact
    assert estate.sources["functions.returns.rto"].source == "Workshop"
    for line in ESTATE.splitlines():
        assert line in found.text.splitlines()


def test_a_function_that_is_not_in_the_workbook_stays_and_is_told(tmp_path: Path) -> None:
    path = exported(tmp_path, "xlsx")
    book = load_workbook(path)
    for sheet in ("Functions", "Dependencies"):
        rows = [row[0].row for row in book[sheet].iter_rows() if row[0].value == "news"]
        book[sheet].delete_rows(rows[0])
    book.save(path)
    found = merged(path)
    assert found.kept == ("news",)
    assert found.changes == ()


def test_sheets_and_columns_that_are_not_there_say_nothing(tmp_path: Path) -> None:
    path = exported(tmp_path, "xlsx")
    book = load_workbook(path)
    for sheet in ("Impact", "Workforce", "Fallback staff", "Sources", "Dependencies"):
        del book[sheet]
    book["Functions"].delete_cols([cell.value for cell in book["Functions"][1]].index("MTPD") + 1)
    book.save(path)
    assert merged(path).changes == ()


def test_order_of_columns_and_case_of_headers_do_not_matter_and_other_columns_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "bia"
    folder.mkdir()
    (folder / "functions.csv").write_text("rto;TITLE;Remark;Function\n3h;Orders;ask again;orders\n", encoding="utf-8")
    sheets, remarks = read_workbook(folder)
    assert [remark.message for remark in remarks] == ["the column 'Remark' is ignored"]
    data = parse_document(ESTATE, "t").data
    assert changes(merge(ESTATE, data, sheets)) == {"functions.orders.rto": ("2h", "3h")}  # type: ignore[arg-type]


def column(kind: Kind, *choices: str) -> Column:
    return Column("x", kind, "", choices=choices)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2h", "2h"), ("120m", "2h"), ("2 hours", "2h"), ("1 Hour, 30 min", "1h30m"), ("1 day and 2 hrs", "1d2h"),
        ("1:30", "1h30m"), ("0:00:30", "30s"), (time(2, 15), "2h15m"), (timedelta(hours=50), "2d2h"),
        ("1,5 h", "1h30m"), ("", None), ("  ", None), (None, None),
    ],
)  # fmt: skip
def test_durations_as_people_write_them(written: Any, meant: str | None) -> None:
    assert read_cell(column(Kind.DURATION), written) == meant


@pytest.mark.parametrize("written", ["soon", "4", 4, 4.5, "2 fortnights", "h", "1h x", "1:75", "-"])
def test_durations_that_nobody_can_be_sure_of_are_refused(written: Any) -> None:
    with pytest.raises(ValueError, match="duration"):
        read_cell(column(Kind.DURATION), written)


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        (Kind.RATIO, "70%", 0.7), (Kind.RATIO, "70 %", 0.7), (Kind.RATIO, 0.7, 0.7), (Kind.RATIO, "1", 1.0),
        (Kind.NUMBER, "180 000", 180000), (Kind.NUMBER, 1.5, 1.5), (Kind.COUNT, 3.0, 3), (Kind.COUNT, "12", 12),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(kind: Kind, written: Any, meant: float) -> None:
    assert read_cell(column(kind), written) == meant


@pytest.mark.parametrize(
    ("kind", "written"),
    [(Kind.RATIO, 70), (Kind.RATIO, "170%"), (Kind.RATIO, -0.1), (Kind.NUMBER, "many"), (Kind.NUMBER, "nan"),
     (Kind.COUNT, 2.5), (Kind.COUNT, -1), (Kind.COUNT, True), (Kind.ID, "Two Words"), (Kind.CHOICE, "urgent")],
)  # fmt: skip
def test_what_is_no_such_thing_is_refused(kind: Kind, written: Any) -> None:
    with pytest.raises(ValueError, match=r"not"):
        read_cell(column(kind, "critical", "important"), written)


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (lambda b: b["Functions"].__setitem__("E2", "soon"), "bia.xlsx[Functions]:2:5", "RTO: 'soon'"),
        (lambda b: b["Functions"].__setitem__("B3", None), "bia.xlsx[Functions]:3:2", "title is empty"),
        (lambda b: b["Dependencies"].__setitem__("C2", "hrad"), "bia.xlsx[Dependencies]:2:3", "did you mean 'hard'"),
        (lambda b: b["Dependencies"].append(["orders", "web", "soft", 0.5]), "bia.xlsx[Dependencies]:5:1", "second"),
        (lambda b: b["Workforce"].__setitem__("E3", 5), "bia.xlsx[Workforce]:3:5", "needed is 5 here"),
        (lambda b: b["Impact"].append(["oders", "legal", "1h", "minor"]), "bia.xlsx[Impact]:4:1", "no function"),
        (lambda b: b["Functions"].__setitem__("E2", "=1/24"), "bia.xlsx[Functions]:2:5", "has no value"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_cell(
    tmp_path: Path, change: Callable[[Any], object], place: str, words: str
) -> None:
    path = exported(tmp_path, "xlsx")
    book = load_workbook(path)
    change(book)
    book.save(path)
    with pytest.raises(InputError) as error:
        merged(path)
    assert f"{place}: error: " in str(error.value)
    assert words in str(error.value)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = exported(tmp_path, "xlsx")
    edit(path, "Functions", 2, "RTO", "soon")
    edit(path, "Functions", 3, "MTPD", "later")
    with pytest.raises(InputError) as error:
        merged(path)
    assert len(error.value.findings) == 2


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    text = ESTATE.replace("title: News", 'title: "=SUM(A1:A9)"')
    for form in ("xlsx", "csv"):
        path = exported(tmp_path, form, text)
        assert merged(path, text).changes == ()
    assert load_workbook(tmp_path / "bia.xlsx")["Functions"]["B3"].data_type == "s"
    assert "'=SUM" in (tmp_path / "bia" / "functions.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(shipped_estates()))
def test_shipped_estates_survive_the_way_out_and_in(tmp_path: Path, name: str) -> None:
    text = (shipped_estates()[name] / "topology.yaml").read_text(encoding="utf-8")
    for form in ("xlsx", "csv"):
        assert merged(exported(tmp_path, form, text), text).changes == ()


ids = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)
durations = st.integers(1, 5000).map(lambda minutes: format_duration(minutes * MINUTE))
words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
ratios = st.integers(0, 100).map(lambda percent: percent / 100)


@st.composite
def topologies(draw: st.DrawFn) -> dict[str, Any]:
    """Functions with whatever they may have; not necessarily sound, which is not the workbook's business."""
    functions = {}
    for id in draw(st.lists(ids, min_size=1, max_size=3, unique=True)):
        function: dict[str, Any] = {"title": draw(words)}
        for name, value in (("rto", durations), ("minimum_level", ratios), ("owner", ids)):
            if draw(st.booleans()):
                function[name] = draw(value)
        targets = draw(st.lists(ids, max_size=3, unique=True))
        if targets:
            function["supported_by"] = {to: {"type": "soft", "degradation": draw(ratios)} for to in targets}
        if draw(st.booleans()):
            points = [{"after": draw(durations), "level": "minor"}, {"after": draw(durations), "level": "major"}]
            function["impact"] = {"legal": {"points": points[: draw(st.integers(1, 2))]}}
        if draw(st.booleans()):
            groups = {
                group: {"site": "s", "count": draw(st.integers(1, 9))} for group in draw(st.sets(ids, min_size=1))
            }
            need = {"title": draw(words), "needed": 3, "minimum": 1, "groups": groups}
            function["workforce"] = {draw(ids): need}
        functions[id] = function
    return {"functions": functions, "title": "T"}


@given(one=topologies(), other=topologies(), form=st.sampled_from(["xlsx", "csv"]))
@settings(max_examples=25)
def test_a_workbook_brings_one_estate_to_what_another_knows(
    tmp_path_factory: pytest.TempPathFactory, one: dict[str, Any], other: dict[str, Any], form: str
) -> None:
    """After the merge the functions of the workbook are as in the estate it came from, the others as they were."""
    folder = tmp_path_factory.mktemp("bia")
    path = exported(folder, form, to_yaml(other))
    text = to_yaml(one)
    found = parse_document(merged(path, text).text, "t").data
    expected = copy.deepcopy(one["functions"]) | other["functions"]
    assert found["functions"] == expected  # type: ignore[index,call-overload]
    again = parse_document(merged(path, merged(path, text).text).text, "t").data
    assert again == found


def status(*arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, out = tmp_path / "bia.xlsx", tmp_path / "next"
    assert status("bia", "export", "meridian-bank", "-o", book) == 0
    assert status("bia", "export", "meridian-bank", "-o", book) == 2
    edit(book, "Functions", 2, "RTO", "3h")
    capsys.readouterr()
    assert status("bia", "import", book, "--estate", "meridian-bank", "-o", out, "--json") == 0
    assert json.loads(capsys.readouterr().out)["changes"] == [
        {"path": "functions.payments.rto", "before": "2h", "after": "3h"}
    ]
    assert load_topology(out).functions["payments"].rto == 3 * 3_600_000
    assert {path.name for path in out.iterdir()} == {p.name for p in shipped_estates()["meridian-bank"].iterdir()}


def test_an_estate_that_would_not_be_sound_is_not_written(tmp_path: Path) -> None:
    book, out = tmp_path / "bia.xlsx", tmp_path / "next"
    assert status("bia", "export", "meridian-bank", "-o", book, "--quiet") == 0
    edit(book, "Dependencies", 2, "component", "no-such-thing")
    assert status("bia", "import", book, "--estate", "meridian-bank", "-o", out) == 2
    assert list(tmp_path.iterdir()) == [book]
    (tmp_path / "text.xlsx").write_text("no workbook")
    assert status("bia", "import", tmp_path / "text.xlsx", "--estate", "meridian-bank") == 2
    assert status("bia", "import", tmp_path / "none.xlsx", "--estate", "meridian-bank") == 2


def test_the_workbook_explains_each_of_its_columns(tmp_path: Path) -> None:
    book = load_workbook(exported(tmp_path, "xlsx"))
    assert book.sheetnames == ["Read me", *(sheet.name for sheet in SHEETS)]
    told = {(row[0].value, row[1].value) for row in book["Read me"].iter_rows()}
    for sheet in SHEETS:
        for column in sheet.columns:
            assert (column.header, column.meaning) in told
