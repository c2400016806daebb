"""What the findings on a BIA workbook mean, by their id, for `blackstart explain`."""

from __future__ import annotations

from topologies.bia_workbook.files import EXTRA

WORKBOOK_FINDINGS: dict[str, str] = {
    "bia.cell": """A cell of a BIA workbook cannot be read.

The place is file, sheet, row and column.  An empty cell means that a value is not known; the first sheet of a workbook
that `blackstart bia export` writes says of each column what it takes.""",
    "bia.no-sheets": """A file holds no sheet of a BIA workbook.

The sheets are known by their names, the CSV files by theirs (functions.csv and so on).""",
    "bia.column-missing": """A sheet lacks a column without which its rows mean nothing.

Other columns may be left out: what the estate has there stays.""",
    EXTRA: """A column has a name that is not one of the workbook's, and is ignored.""",
    "bia.unreadable": """A file is no workbook: neither XLSX nor a folder of CSV files.""",
    "bia.formula": """A cell holds a formula, and the file does not hold its value.

Programs that write workbooks without computing them leave it out; a spreadsheet program that saves the file puts it
in.""",
}
