"""CSV files by a mapping: tables of incidents, or logs of cases."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.history.importers.event_log import read_log
from scenarios.history.importers.intake import Imported, Intake
from scenarios.history.importers.mapping import Kind, Mapping
from scenarios.history.importers.table import read_table

FORMAT = "csv"


def read(intake: Intake, mapping: Mapping) -> Iterator[Imported]:
    """The incidents of a file.  Raises InputError where it cannot be read, or lacks a column of the mapping."""
    reader = read_log if mapping.kind is Kind.LOG else read_table
    return reader(intake, mapping, FORMAT)
