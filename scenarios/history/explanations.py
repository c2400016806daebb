"""What the findings about histories mean, by their id, for `blackstart explain`."""

from __future__ import annotations

HISTORY_FINDINGS: dict[str, str] = {
    "history.file": """A file is no incident history that this Blackstart can read.

Histories are Parquet files that `blackstart history import` writes; the version of their form is in them.""",
    "history.format": """A file is no export of the format that was named.

Formats are named after the tool that exports; `blackstart history import --help` lists them.""",
    "history.columns": """A CSV file lacks a column that is needed, or names none.

The message lists the columns that are there.  Files of unknown tools are read as `csv`, by a mapping of columns.""",
    "history.mode": """A correction names a failure mode that does not exist, or corrects one incident in two ways.""",
    "history.no-zone": """Times of an export name no time zone, and none was stated.

They are taken as UTC.  Lengths of time come out right but for changes of the clocks; hours of the day do not.""",
    "history.date-order": """Dates could be day-first or month-first, and no date in the file tells which.

They are taken as day-first.  A wrong guess moves incidents by months and makes some end before they start.""",
    "history.mixed-dates": """Some dates of a file can only be day-first, others only month-first.

The more frequent order is taken: rows of the other order are refused where they cannot be read, else misread.""",
    "history.clock-change": """Times without zone fall into an hour that occurs twice, or never, when the clocks change.

Of two possible moments the first is taken; moments that never were are moved on by the change.""",
    "history.contradiction": """Rows of one incident state different openings.

The first row counts: it was written when the incident was opened.""",
    "history.ends-before-start": """An incident ends before it starts.

The moments stay as they are written; no time to restore is made of them.""",
    "history.after-the-fact": """A record was made after the incident had ended.

That is usual for status pages.  The time to restore is that of the stated impact, not that since the record.""",
    "history.assumed-end": """Nothing in the source says when incidents were resolved.

The last event or change is taken, so that incidents which were still open when the source was taken look resolved.""",
    "history.update-without-time": """An update within an incident has no time that can be read.

It counts as an update, and is no step.""",
    "history.empty-case": """A case of an event log has no events, and so no time: it is no incident.""",
    "input.json": """A file breaks off, or is no JSON, at the place that is named.""",
    "input.xml": """A file is no XML, or declares entities, which are not read.""",
}
