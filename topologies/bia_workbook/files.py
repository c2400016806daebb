"""Workbooks on disk: an XLSX file with a sheet each, or a folder with a CSV file each.

In XLSX, headers are fixed at the top, choices drop down, and a first sheet explains every column.  CSV is written with
a byte-order mark, so that spreadsheets read it as UTF-8; when it is read, commas, semicolons and tabs will do.  Text
that begins like a formula is written as text; a cell that holds a formula is read by the value last computed.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from timeline.files import sync_folder, write_whole
from timeline.findings import Finding, InputError, Place, Severity, nearest
from topologies.bia_workbook.layout import SHEETS, Kind, Sheet
from topologies.bia_workbook.rows import Cells, RawRow, RawSheet
from topologies.loading.document import read_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

EXTRA = "bia.column-ignored"
_README = "Read me"
_SUFFIX = ".xlsx"
_DROP_DOWN_ROWS = 1000
_LIKE_A_FORMULA = ("=", "+", "-", "@")
_WIDEST = 60


def write_workbook(path: Path, title: str, sheets: Mapping[Sheet, Sequence[Cells]]) -> None:
    """Writes an XLSX file, or a folder of CSV files where the name does not end in `.xlsx`.

    Raises InputError when there is something there already: nobody's answers are written over.
    """
    if path.exists():
        message, hint = "there is something here already", "name another file: a workbook is never written over"
        raise InputError.single("output.not-empty", str(path), message, hint)
    if path.suffix.lower() == _SUFFIX:
        write_whole(path, _xlsx(title, sheets))
        return
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.mkdir(parents=True)
        for sheet, rows in sheets.items():
            write_whole(draft / sheet.file, _csv(sheet, rows))
        draft.replace(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync_folder(path.parent)


def read_workbook(path: Path) -> tuple[list[RawSheet], list[Finding]]:
    """The sheets that are there, and remarks on what is ignored.  Raises InputError when it cannot be read."""
    if path.is_dir():
        tables = [(sheet, _read_csv(path / sheet.file)) for sheet in SHEETS if (path / sheet.file).is_file()]
    else:
        tables = list(_read_xlsx(path))
    if not tables:
        known = ", ".join(sheet.name for sheet in SHEETS)
        hint = f"the sheets of a BIA workbook are {known}; `blackstart bia export` writes one"
        raise InputError.single("bia.no-sheets", str(path), "no sheet of a BIA workbook is here", hint)
    remarks: list[Finding] = []
    return [_sheet(sheet, place, rows, remarks) for sheet, (place, rows) in tables], remarks


_Table = tuple[Place, list[list[Any]]]
"""Where a table stands, and its rows, the headers first."""


def _sheet(sheet: Sheet, place: Place, rows: list[list[Any]], remarks: list[Finding]) -> RawSheet:
    headers = [str(cell).strip() if cell is not None else "" for cell in rows[0]] if rows else []
    known = {column.header.lower(): column.header for column in sheet.columns}
    missing = [c.header for c in sheet.columns if c.required and c.header.lower() not in {h.lower() for h in headers}]
    if missing:
        hint = nearest(missing[0], headers)
        raise InputError.single("bia.column-missing", place, f"the column {missing[0]!r} is missing", hint)
    for number, header in enumerate(headers, start=1):
        if header and header.lower() not in known:
            where = Place(place.file, 1, number)
            hint = nearest(header, [column.header for column in sheet.columns])
            remarks.append(Finding(EXTRA, Severity.INFO, where, f"the column {header!r} is ignored", hint))
    found = []
    for line, cells in enumerate(rows[1:], start=2):
        if any(cell is not None and str(cell).strip() for cell in cells):
            named = [(known[h.lower()], n) for n, h in enumerate(headers) if h.lower() in known]
            found.append(
                RawRow(
                    {header: cells[n] if n < len(cells) else None for header, n in named},
                    {header: Place(place.file, line, n + 1) for header, n in named},
                    Place(place.file, line, 1),
                )
            )
    return RawSheet(sheet, tuple(known[h.lower()] for h in headers if h.lower() in known), tuple(found), place)


# CSV


def _csv(sheet: Sheet, rows: Iterable[Cells]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.header for column in sheet.columns])
    for cells in rows:
        writer.writerow(["" if cell is None else _escaped(cell) for cell in cells])
    return "\ufeff" + text.getvalue()


def _escaped(cell: Any) -> Any:
    """Text that a spreadsheet would compute gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_LIKE_A_FORMULA) else cell


def _read_csv(path: Path) -> _Table:
    text = read_text(path).removeprefix("\ufeff")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [
        [_unescaped(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    ]
    return Place(str(path)), rows


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_LIKE_A_FORMULA) else cell


# XLSX


def _xlsx(title: str, sheets: Mapping[Sheet, Sequence[Cells]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    _explain(book.create_sheet(_README), title, sheets)
    for sheet, rows in sheets.items():
        _fill(book.create_sheet(sheet.name), sheet, rows)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _explain(page: Worksheet, title: str, sheets: Iterable[Sheet]) -> None:
    from openpyxl.styles import Alignment, Font

    lines: list[tuple[str, str, str]] = [
        (f"Business impact analysis: {title}", "", ""),
        ("An empty cell means: not known.  Unused sheets and columns may be removed: they then say nothing.", "", ""),
    ]
    for sheet in sheets:
        lines += [("", "", ""), (sheet.name, sheet.purpose, "")]
        lines += [
            (column.header, column.meaning, ", ".join(column.choices) or column.kind.value) for column in sheet.columns
        ]
    headings = {1, *(number for number, line in enumerate(lines, start=1) if line[0] in {s.name for s in sheets})}
    for number, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            cell = page.cell(number, column)
            cell.value = text or None
            cell.font = Font(bold=number in headings, size=14 if number == 1 else 11)
            cell.alignment = Alignment(wrap_text=number > 2, vertical="top")
    for letter, width in (("A", 24), ("B", 70), ("C", 60)):
        page.column_dimensions[letter].width = width


def _fill(page: Worksheet, sheet: Sheet, rows: Sequence[Cells]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    page.freeze_panes = f"{get_column_letter(len(sheet.keys) + 1)}2"
    for number, column in enumerate(sheet.columns, start=1):
        head = page.cell(1, number, column.header)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F1")
        head.comment = Comment(f"{column.meaning}\n({', '.join(column.choices) or column.kind.value})", "Blackstart")
        letter = get_column_letter(number)
        longest = max([len(column.header), *(len(str(row[number - 1] or "")) for row in rows)])
        page.column_dimensions[letter].width = min(longest + 3, _WIDEST)
        if column.choices:
            choices = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            choices.add(f"{letter}2:{letter}{_DROP_DOWN_ROWS}")
            page.add_data_validation(choices)
    for line, cells in enumerate(rows, start=2):
        for number, (column, value) in enumerate(zip(sheet.columns, cells, strict=True), start=1):
            cell = page.cell(line, number)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # also where it begins like a formula
            if column.kind is Kind.RATIO:
                cell.number_format = "0.##%"
            cell.alignment = Alignment(vertical="top", wrap_text=column.kind is Kind.TEXT)


def _read_xlsx(path: Path) -> Iterator[tuple[Sheet, _Table]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=False, data_only=True)
        formulas = load_workbook(path, read_only=False, data_only=False)
    except FileNotFoundError:
        raise InputError.single("input.not-found", str(path), "there is no such file") from None
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        hint = f"a BIA workbook is a {_SUFFIX} file or a folder of CSV files"
        raise InputError.single("bia.unreadable", str(path), f"this is no workbook: {error}", hint) from None
    by_name = {sheet.name.lower(): sheet for sheet in SHEETS}
    for page in book.worksheets:
        sheet = by_name.get(page.title.strip().lower())
        if sheet is not None:
            place = Place(f"{path}[{page.title}]")
            rows = [[cell.value for cell in row] for row in page.iter_rows()]
            for line, row in enumerate(formulas[page.title].iter_rows(), start=1):
                for number, cell in enumerate(row, start=1):
                    if cell.data_type == "f" and rows[line - 1][number - 1] is None:
                        message = f"the formula {cell.value} has no value in the file"
                        hint = "open and save it in a spreadsheet program, or write the value itself"
                        raise InputError.single("bia.formula", Place(place.file, line, number), message, hint)
            yield sheet, (place, rows)
