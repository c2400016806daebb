"""Exports of incidents, read as they are: one module a format, found by its name in `IMPORTERS`.

An importer takes an `Intake` (the file, and how to read it) and gives incidents as they come; `import_history` writes
them.  Common ground: `csv_rows` and `json_items` read files a row at a time, `grouping` brings rows of one incident
together without holding all, `moments` reads times, `table` and `event_log` read by a `mapping`, which `proposal`
makes.
"""

from __future__ import annotations

from scenarios.history.importers import (
    gcp,
    jsm,
    opsgenie,
    pagerduty,
    servicenow,
    servicenow_log,
    statuspage,
    upptime,
    xes,
)
from scenarios.history.importers.importing import Importer

IMPORTERS: dict[str, Importer] = {
    module.FORMAT: module.read
    for module in (servicenow, servicenow_log, pagerduty, opsgenie, jsm, statuspage, gcp, upptime, xes)
}
"""Importers by the name of their format; `csv` needs a mapping besides (`csv_file`)."""
