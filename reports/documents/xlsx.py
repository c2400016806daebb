"""Sheets as an XLSX workbook: a first page that explains them, headers that stay, filters, text that is no formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from reports.documents.archives import dated
from reports.documents.model import printable
from reports.documents.workbook import Sheet

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_ABOUT = "About"


def xlsx_workbook(title: str, marking: str, moment: datetime, sheets: Sequence[Sheet]) -> bytes:
    """The bytes of the file; the same sheets give the same ones."""
    from openpyxl import Workbook
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    book.properties.title, book.properties.creator = title, "Blackstart"
    book.properties.description = marking
    about = book.worksheets[0]
    about.title = _ABOUT
    _explain(about, title, marking, sheets)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    for page in book.worksheets:
        header = page.HeaderFooter.oddHeader
        assert header is not None, "openpyxl makes one for each sheet"
        header.center.text = marking.replace("&", "&&")
        page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    target = io.BytesIO()
    book.save(target)
    return dated(target.getvalue(), moment)


def _explain(page: Worksheet, title: str, marking: str, sheets: Sequence[Sheet]) -> None:
    from openpyxl.styles import Alignment, Font

    lines = [(title, ""), (marking, "")]
    for sheet in sheets:
        lines += [("", ""), (sheet.name, sheet.purpose), *((c.name, c.meaning) for c in sheet.columns)]
    names = {title, marking, *(sheet.name for sheet in sheets)}
    for number, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            cell = page.cell(number, column)
            cell.value = printable(text) or None
            if cell.value is not None:
                cell.data_type = "s"
            cell.font = Font(bold=line[0] in names, size=14 if number == 1 else 11)
            cell.alignment = Alignment(vertical="top")
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 24, 90


def _fill(page: Worksheet, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(sheet.columns, start=1):
        head = page.cell(1, number, column.name)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F1")
        page.column_dimensions[get_column_letter(number)].width = column.width
    for line, values in enumerate(sheet.rows, start=2):
        for number, value in enumerate(values, start=1):
            cell = page.cell(line, number)
            cell.value = printable(value) if isinstance(value, str) else value
            if isinstance(value, str) and value:
                cell.data_type = "s"  # also where it begins like a formula
            cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
