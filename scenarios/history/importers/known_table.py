"""Tables of tools whose columns are known: which of the names that a column may have is there decides the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Choices

from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.encodings import encoding_of
from scenarios.history.importers.intake import Imported, Intake
from scenarios.history.importers.mapping import FORMAT_LINE, Length, Mapping, Unit
from scenarios.history.importers.table import read_table


def known_mapping(
    names: Sequence[str],
    columns: Choices[str, Sequence[str]],
    seconds: Choices[str, str] | None = None,
    priorities: Choices[str, int] | None = None,
) -> Mapping | None:
    """The mapping of a table that has these columns: for each field the first of its names that is there.

    `seconds` are fields that stand in a column as seconds since the opening.  None where there is no id or no opening.
    """
    present = {name.casefold(): name for name in names}
    found = {
        field: present[choice]
        for field, choices in columns.items()
        if (choice := next((c.casefold() for c in choices if c.casefold() in present), None)) is not None
    }
    if not {"id", "opened_at"} <= found.keys():
        return None
    lengths = {
        field: Length(column=present[column.casefold()], unit=Unit.SECONDS)
        for field, column in (seconds or {}).items()
        if column.casefold() in present
    }
    return Mapping(format=FORMAT_LINE, columns=found, since_opening=lengths, priorities=dict(priorities or {}))


def read_known_csv(
    intake: Intake,
    source: str,
    columns: Choices[str, Sequence[str]],
    seconds: Choices[str, str] | None = None,
    priorities: Choices[str, int] | None = None,
) -> Iterator[Imported]:
    """The incidents of such a CSV file.  Raises InputError where a column that is needed has none of its names."""
    table = CsvFile(intake)
    for field in ("id", "opened_at"):
        table.require(*columns[field])
    mapping = known_mapping(table.header, columns, seconds, priorities)
    assert mapping is not None
    return read_table(intake, mapping, source)


def is_json(intake: Intake) -> bool:
    """Whether a file begins like JSON.  Raises InputError where it cannot be read."""
    with intake.path.open(encoding=encoding_of(intake.path, intake.encoding), errors="replace") as file:
        return file.read(4096).lstrip()[:1] in ("[", "{")
