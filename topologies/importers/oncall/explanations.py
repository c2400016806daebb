"""What the remarks of an import mean, by their id, for `blackstart explain`."""

from __future__ import annotations

from topologies.importers.oncall.draft import DIFFERENT, UNKNOWN

IMPORT_REMARKS: dict[str, str] = {
    UNKNOWN: """An export of an on-call tool does not say something that matters.

Nothing is made up for it: users who were deleted, teams whose members are elsewhere, overrides that were not asked for
stay unknown.  The hint says what to export as well.""",
    DIFFERENT: """An export says something that has no equal here.

The remark says what is done instead, so that the difference can be judged.""",
    "oncall.format": """A file is no export of an on-call tool that is known here.

`--format` takes it for one of them; the formats are pagerduty, opsgenie, goalert, grafana-oncall and ics.""",
    "oncall.impossible": """An export says something that cannot be, like a span that ends before it starts.

The place is the schedule, shift or policy in which it stands.""",
    "oncall.calendar": """A file begins like an iCalendar file and cannot be read as one.""",
}
