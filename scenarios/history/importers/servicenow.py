"""ServiceNow: the `incident` table, as CSV (list export) or JSON (Table API, or the older JSON processor).

One row an incident, with its last state.  What has to be known:

- Priority, category and group are the last ones; the first group that had it is not in the table.
- The Table API gives times in UTC; CSV exports, and JSON with `sysparm_display_value=true`, give them in the zone and
  order of the user who exported: state both.
- References are a text, or an object with `value`, `display_value` or `link`: shown is what people see, moments are
  taken from `value`.
- There is no acknowledgement in this table.  The log of changes has one (`servicenow-log`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.history.importers.intake import Imported, Intake, present
from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.known_table import is_json, read_known_csv
from scenarios.history.importers.mapping import FORMAT_LINE, MOMENT_FIELDS
from scenarios.history.importers.mapping import Mapping as ColumnMapping
from scenarios.history.importers.table import Cells, records

FORMAT = "servicenow"
_COLUMNS = {
    "id": ("number", "Number"),
    "title": ("short_description", "Short description"),
    "service": ("business_service", "Service", "service_offering", "category", "Category"),
    "component": ("cmdb_ci", "Configuration item", "subcategory", "Subcategory"),
    "team": ("assignment_group", "Assignment group"),
    "priority": ("priority", "Priority"),
    "cause": ("close_code", "Resolution code", "Close code"),
    "opened_at": ("opened_at", "Opened"),
    "resolved_at": ("resolved_at", "Resolved"),
    "closed_at": ("closed_at", "Closed"),
    "reassignments": ("reassignment_count", "Reassignment count"),
    "reopenings": ("reopen_count", "Reopen count"),
    "updates": ("sys_mod_count", "Updates"),
    "parent": ("parent_incident", "Parent Incident", "problem_id", "Problem"),
}


def read(intake: Intake) -> Iterator[Imported]:
    """The incidents of a table.  Raises InputError where the file cannot be read, or has no numbers or openings."""
    if not is_json(intake):
        return read_known_csv(intake, FORMAT, _COLUMNS)
    mapping = ColumnMapping(format=FORMAT_LINE, columns={field: names[0] for field, names in _COLUMNS.items()})
    return records(_rows(intake), intake, mapping, FORMAT)


def _rows(intake: Intake) -> Iterator[tuple[int, Cells]]:
    for item in read_items(intake, ("result", "records")):
        # The answer about one record is an object where that about a table is a list.
        alone = item.data.get("result")
        data = alone if isinstance(alone, Mapping) else item.data
        yield item.line, {field: _cell(data, names, field in MOMENT_FIELDS) for field, names in _COLUMNS.items()}


def _cell(data: Mapping[str, Any], names: tuple[str, ...], is_moment: bool) -> str | None:
    """The first of these fields that says something."""
    for name in names:
        value = data.get(name)
        if isinstance(value, Mapping):
            shown, raw = value.get("display_value"), value.get("value")
            # The API states moments in UTC without saying so; what it displays is in the zone of a user.
            value = f"{raw}Z" if is_moment and raw else shown or raw
        if (text := present(None if value is None else str(value))) is not None:
            return text
    return None
