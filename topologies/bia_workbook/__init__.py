"""The business impact analysis as a workbook, out and in: what BCP teams fill in, and what the estate knows of it.

A workbook (XLSX, or a folder of CSV files) has a sheet for the functions with their targets, and sheets for impact over
time, dependencies, workforce, staff of the manual fallback, and sources.  A cell that is empty is *not known*: reading
it removes the value.  A column or a sheet that is not there says nothing: what the estate has stays.

    layout      which sheets and columns there are, and where each value stands in topology.yaml
    values      how one cell is written and read
    rows        between the functions of a topology and rows
    files       XLSX and CSV
    merging     a workbook into the text of a topology, comments and all the rest kept as they are
"""

from topologies.bia_workbook.files import read_workbook, write_workbook
from topologies.bia_workbook.merging import Change, Merged, merge
from topologies.bia_workbook.rows import sheets_of

__all__ = ["Change", "Merged", "merge", "read_workbook", "sheets_of", "write_workbook"]
