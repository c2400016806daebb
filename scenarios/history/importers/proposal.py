"""A mapping proposed by looking at a CSV file: at the names of its columns, and at what stands in them.

A name alone proves nothing (`status` may be a state or a share): each field is given to the first column whose name
suggests it *and* whose values fit.  The proposal is a file to review: it says why each column was taken, and which were
left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.intake import Intake, present
from scenarios.history.importers.mapping import FORMAT_LINE, Activities, Kind, Length, Mapping, Times, Unit
from scenarios.history.importers.moments import MomentReader, weigh
from scenarios.history.record import TimeBasis
from timeline.findings import InputError, Place

_SAMPLE_ROWS = 2_000
_MOSTLY = 0.9
_LARGEST_RELATIVE = 1e9
"""Larger numbers are seconds since 1970."""
_GROUP = r"(assignment_?|assigned_?|support_?|owner_?|resolver_?)?(group|team|queue)|org_group"
_NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        r"case|ticket|incident|case_concept_name",
        r"(case|incident|ticket|issue)?_?(number|num|no|nr|key|ref|reference|id)",
    ),
    "activity": (
        r"activity(_?(id|name|code))?|concept_name|event(_?(name|type))?|action|task",
        r"(incident_?|ticket_?|case_?)?(state|status)",
    ),
    "at": (
        r"(complete_?|event_?|time_?)?(timestamp|time|date|datetime)(_?(at|utc))?|time_timestamp|at|when",
        r"(sys_?)?(updated|changed|modified)(_?(at|on))?",
    ),
    "opened_at": (
        r"(date_?)?(opened|created|creation|open|start|started|begin|began|reported|raised|submitted|onset)",
    ),
    "detected_at": (r"(date_?)?(detected|detection|alerted|noticed)",),
    "acknowledged_at": (r"(date_?)?(acknowledged|acknowledgement|ack|accepted|responded|first_?response)",),
    "mitigated_at": (r"(date_?)?(mitigated|mitigation|contained|workaround)",),
    "resolved_at": (
        r"(date_?)?(resolved|resolution|fixed|solved|restored|recovered)",
        r"(date_?)?(end|ended|finish|finished|completed)",
    ),
    "closed_at": (r"(date_?)?(closed|closure|close)",),
    "impact_from": (r"(impact|outage)_?(start|from|begin)(_?date)?",),
    "impact_to": (r"(impact|outage)_?(end|to|stop)(_?date)?",),
    "impact_ratio": (r"(impact_?|affected_?|outage_?)?(ratio|share|status|severity|fraction)|availability_loss",),
    "priority": ("priority|prio", "severity|sev", "urgency|criticality", "impact"),
    "team": (_GROUP,),
    "group": (_GROUP,),
    "actor": (r"(org_)?resource|user|actor|agent|operator", r"(sys_?)?updated_?by"),
    "service": (
        r"(business_?|affected_?)?service(_?name)?",
        r"product|application|system|app",
        r"category",
    ),
    "component": (r"component|(cmdb_?)?ci|configuration_?item", r"host|hostname|server|device|asset", r"subcategory"),
    "title": (r"title|summary|short_?description|subject|headline", r"name|description|message"),
    "cause": (r"(root_?)?cause(_?code)?", r"clos(e|ed|ure)_?code|resolution_?code|reason"),
    "reassignments": (r"reassign(ment|ed)?s?(_?count)?",),
    "reopenings": (r"reopen(ed|ing)?s?(_?count)?",),
    "transactions_affected": (r"(failed_?|lost_?|affected_?)?transactions(_?(affected|lost|failed))?",),
    "data_lost": (r"data_?loss|data_?lost|lost_?data",),
    "parent": (r"parent(_?(id|incident|ticket))?", r"problem(_?id)?"),
}
"""What columns are called, in plain words; the first pattern that one has is preferred."""
_MOMENT_END = r"(_?(at|on|time|date|datetime|timestamp|utc))*"
_LENGTH = re.compile(
    r"(?P<unit>ms|milliseconds|seconds|secs?|minutes|mins?|hours|hrs?)_to_(first_)?"
    r"(?P<what>ack|acknowledge|acknowledgement|resolve|resolution|close|mitigate|detect)"
)
_PLAIN = re.compile(r"[A-Za-z_][\w ./()-]*(?<! )")
_YAML_WORDS = ("yes", "no", "on", "off", "true", "false", "null", "y", "n")
_UNITS = {"m": Unit.MINUTES, "s": Unit.SECONDS, "h": Unit.HOURS}
_LENGTH_OF = {
    "ack": "acknowledged_at",
    "res": "resolved_at",
    "clo": "closed_at",
    "mit": "mitigated_at",
    "det": "detected_at",
}
_ACTIVITIES = {
    "opened": r"new|open|opened|created|registered|reported",
    "acknowledged": r"ack|acknowledged|accepted|in progress|active|work in progress|assigned",
    "resolved": r"resolved?|solved|fixed|restored|recovered|done|completed",
    "reopened": r"re-?opened",
    "closed": r"closed?",
}
_TABLE_ORDER = (
    "id",
    "opened_at",
    "detected_at",
    "acknowledged_at",
    "mitigated_at",
    "resolved_at",
    "closed_at",
    "impact_from",
    "impact_to",
    "impact_ratio",
    "priority",
    "team",
    "service",
    "component",
    "title",
    "cause",
    "reassignments",
    "reopenings",
    "transactions_affected",
    "data_lost",
    "parent",
)
_LOG_ORDER = ("id", "activity", "at", "group", "actor", "title", "service", "component", "priority", "cause")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, why each of its columns was taken, and the columns that were left."""

    mapping: Mapping
    reasons: dict[str, str]
    left: tuple[str, ...]

    def to_yaml(self) -> str:
        """The mapping as a file to review."""
        mapping = self.mapping
        lines = [f"format: {FORMAT_LINE}", f"kind: {mapping.kind}", "columns:"]
        lines += _aligned(
            (f"  {name}: {_scalar(column)}", self.reasons[name]) for name, column in mapping.columns.items()
        )
        if mapping.since_opening:
            lines.append("since_opening:")
            for name, length in mapping.since_opening.items():
                lines.append(f"  {name}: {{column: {_scalar(length.column)}, unit: {length.unit}}}")
        times = mapping.time.model_dump(mode="json", exclude_defaults=True)
        if times:
            lines += ["time:", *(f"  {name}: {value}" for name, value in times.items())]
        known = mapping.activities.model_dump(exclude_defaults=True)
        if known:
            lines.append("activities:")
            lines += [f"  {name}: [{', '.join(map(_scalar, words))}]" for name, words in known.items()]
        elif mapping.kind is Kind.LOG:
            lines.append("# activities: {acknowledged: [...], resolved: [...], reopened: [...], closed: [...]}")
        if self.left:
            lines.append(f"# left out: {', '.join(self.left)}")
        return "\n".join(lines) + "\n"


def _aligned(pairs: Iterator[tuple[str, str]]) -> list[str]:
    written = list(pairs)
    width = max(len(line) for line, _ in written)
    return [f"{line:<{width}}  # {reason}" for line, reason in written]


def _scalar(text: str) -> str:
    """A text as YAML: quoted where it could be taken for something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the file: its name, the same in plain words, and what stands in it (in the first rows)."""

    name: str
    plain: str
    values: tuple[str, ...]
    rows: int

    def share(self, fits: Callable[[str], bool]) -> float:
        """The share of values that fit; 0 where there are none."""
        return sum(map(fits, self.values)) / len(self.values) if self.values else 0.0


def propose(intake: Intake) -> Proposal:
    """A mapping for a CSV file.  Raises InputError where it cannot be read, or no column tells the opening."""
    table = CsvFile(intake)
    rows = [row for _, row in islice(table.sample(), _SAMPLE_ROWS)]
    columns = [_column(name, [row[number] for row in rows]) for number, name in enumerate(table.header)]
    order = weigh(value for column in columns for value in column.values if _is_moment(value)).order
    kind = _kind(columns)
    taken = dict(_taken(columns, _LOG_ORDER if kind is Kind.LOG else _TABLE_ORDER))
    relative = _is_relative(taken, kind)
    if {"impact_ratio", "opened_at", "resolved_at"} <= taken.keys() and "impact_from" not in taken:
        taken |= {"impact_from": taken["opened_at"], "impact_to": taken["resolved_at"]}
    if kind is Kind.TABLE and "opened_at" not in taken:
        message = f"no column tells when incidents were opened; the columns are {', '.join(table.header)}"
        hint = "write a mapping file; docs/history.md shows one"
        raise InputError.single("history.columns", Place(str(intake.path), 1), message, hint)
    lengths = dict(_lengths(columns, taken)) if kind is Kind.TABLE else {}
    mapping = Mapping(
        format=FORMAT_LINE,
        kind=kind,
        columns={field: column.name for field, column in taken.items()},
        since_opening=lengths,
        activities=_activities(taken["activity"]) if kind is Kind.LOG else Activities(),
        time=Times(basis=TimeBasis.RELATIVE if relative else TimeBasis.CALENDAR, order=order),
    )
    used = {*mapping.columns.values(), *(length.column for length in lengths.values())}
    reasons = {field: _reason(field, column, relative) for field, column in taken.items()}
    return Proposal(mapping, reasons, tuple(name for name in table.header if name not in used))


def _column(name: str, texts: Sequence[str]) -> _Column:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    values = tuple(value for text in texts if (value := present(text)) is not None)
    return _Column(name, plain, values, len(texts))


def _kind(columns: Sequence[_Column]) -> Kind:
    """A log where a column names activities and cases come back; else a table."""
    found = dict(_taken(columns, ("id", "activity", "at")))
    if len(found) < 3:
        return Kind.TABLE
    ids = found["id"].values
    return Kind.LOG if len(ids) > len(set(ids)) else Kind.TABLE


def _taken(columns: Sequence[_Column], order: Sequence[str]) -> Iterator[tuple[str, _Column]]:
    free = list(columns)
    for field in order:
        named = (column for pattern in _patterns(field) for column in free if re.fullmatch(pattern, column.plain))
        found = next((column for column in named if _fits(column, field)), None)
        if found is not None:
            free.remove(found)
            yield field, found


def _patterns(field: str) -> Iterator[str]:
    end = _MOMENT_END if field.endswith("_at") else ""
    return (f"(?:{pattern}){end}" for pattern in _NAMES[field])


def _fits(column: _Column, field: str) -> bool:
    """Whether what stands in a column can be this field."""
    if not column.values:
        return False
    if field in ("at", "impact_from", "impact_to") or field.endswith("_at"):
        return column.share(lambda value: _is_moment(value) or _is_number(value)) >= _MOSTLY
    if field == "impact_ratio":
        return column.share(lambda value: _is_number(value) and 0 <= float(value) <= 1) >= _MOSTLY
    if field in ("reassignments", "reopenings", "transactions_affected"):
        return column.share(_is_number) >= _MOSTLY
    if field == "id":
        return len(column.values) >= _MOSTLY * column.rows
    return field != "title" or len(set(column.values)) > 1


def _is_moment(value: str) -> bool:
    """Whether a text is a moment, in whatever order of day and month."""
    if weigh([value]) != weigh([]):
        return True
    try:
        MomentReader(ZoneInfo("UTC")).read(value)
    except ValueError:
        return False
    return True


def _is_number(value: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d*)?([eE][+-]?\d+)?", value) is not None


def _is_relative(taken: dict[str, _Column], kind: Kind) -> bool:
    column = taken.get("at" if kind is Kind.LOG else "opened_at")
    return (
        column is not None
        and column.share(lambda value: _is_number(value) and float(value) < _LARGEST_RELATIVE and not _is_moment(value))
        >= _MOSTLY
    )


def _activities(column: _Column) -> Activities:
    """What activities mean whose names say it."""
    names = sorted(set(column.values))
    return Activities(
        **{
            field: tuple(name for name in names if re.fullmatch(pattern, name.strip().lower()))
            for field, pattern in _ACTIVITIES.items()
        }
    )


def _lengths(columns: Sequence[_Column], taken: dict[str, _Column]) -> Iterator[tuple[str, Length]]:
    for column in columns:
        match = _LENGTH.fullmatch(column.plain)
        if match is None or not column.values or column.share(_is_number) < _MOSTLY:
            continue
        field = _LENGTH_OF[match["what"][:3]]
        unit = Unit.MILLISECONDS if match["unit"].startswith(("ms", "mil")) else _UNITS[match["unit"][0]]
        if field not in taken:
            yield field, Length(column=column.name, unit=unit)


def _reason(field: str, column: _Column, relative: bool) -> str:
    empty = column.rows - len(column.values)
    filled = f", {empty} of {column.rows} empty" if empty else ""
    if field == "at" or field.endswith(("_at", "_from", "_to")):
        return f"{'numbers from the start of the trace' if relative else 'moments'}{filled}"
    distinct = len(set(column.values))
    return f"{distinct} different {'value' if distinct == 1 else 'values'}{filled}"
