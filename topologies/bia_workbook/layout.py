"""The sheets of a BIA workbook: their columns, and where each value stands in a topology.

A *value column* belongs to one path below its row's entity.  The entity is named by the *key columns* of the sheet: of
the dependency sheet, function and component make `functions.<function>.supported_by.<component>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from topologies.bia import ImpactCategory, ImpactLevel


class Kind(Enum):
    """How a cell is to be read."""

    TEXT = "text"
    ID = "id"
    CHOICE = "choice"
    DURATION = "duration, like 30m, 4h or 2d"
    DISTRIBUTION = "duration, or a distribution like lognormal(median=20m, p90=1h)"
    RATIO = "share, like 70% or 0.7"
    NUMBER = "number"
    COUNT = "whole number"


@dataclass(frozen=True, slots=True)
class Column:
    """`path` leads from the entity of the row to the value; a key column has none."""

    header: str
    kind: Kind
    meaning: str
    path: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """`entity` is where a row's values stand, with a `{}` for each key column in turn.

    `repeated` columns say the same on each row of one entity, and may be left empty on all but the first.
    """

    name: str
    purpose: str
    entity: tuple[str, ...]
    keys: tuple[Column, ...]
    values: tuple[Column, ...]
    repeated: int = 0
    """So many value columns, from the first, belong to the entity without its last two steps."""

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.keys + self.values

    @property
    def file(self) -> str:
        """Its name as a CSV file."""
        return self.name.lower().replace(" ", "-") + ".csv"


_FUNCTION = Column("function", Kind.ID, "Id of the business function", required=True)

FUNCTIONS = Sheet(
    "Functions",
    "One row for each business function, with the targets of its impact analysis",
    ("functions", "{}"),
    (_FUNCTION,),
    (
        Column("title", Kind.TEXT, "As people call it", ("title",), required=True),
        Column("owner", Kind.ID, "Team that answers for it", ("owner",)),
        Column(
            "criticality",
            Kind.CHOICE,
            "Critical or important, as DORA means it, or neither",
            ("criticality",),
            ("critical", "important", "standard"),
        ),
        Column("RTO", Kind.DURATION, "Recovery time objective (ISO 22300)", ("rto",)),
        Column("RPO", Kind.DURATION, "Recovery point objective (ISO 22300)", ("rpo",)),
        Column("MTPD", Kind.DURATION, "Maximum tolerable period of disruption (ISO 22300)", ("mtpd",)),
        Column(
            "MBCO", Kind.RATIO, "Minimum business continuity objective: share of normal service", ("minimum_level",)
        ),
        Column("SLA restore", Kind.DURATION, "What the service level agreement promises", ("sla_restore",)),
        Column("loss per hour", Kind.NUMBER, "In the currency of the estate", ("loss_per_hour",)),
        Column("tolerated outage", Kind.DURATION, "Impact tolerance: length of a disruption", ("tolerance", "outage")),
        Column(
            "tolerated backlog",
            Kind.DURATION,
            "Impact tolerance: work left undone, in hours of normal work",
            ("tolerance", "backlog"),
        ),
        Column("work that waits", Kind.RATIO, "Share of missed work to be done later", ("backlog", "waits")),
        Column(
            "extra capacity",
            Kind.NUMBER,
            "To catch up, as a share of normal work at the peak",
            ("backlog", "extra_capacity"),
        ),
        Column("fallback", Kind.TEXT, "How it is carried on by hand", ("fallback", "title")),
        Column("fallback throughput", Kind.RATIO, "Share of normal work done by hand", ("fallback", "throughput")),
        Column("fallback set-up", Kind.DISTRIBUTION, "Until the first piece of work", ("fallback", "set_up")),
        Column("fallback lasts", Kind.DURATION, "How long it can be kept up", ("fallback", "lasts")),
        Column("peaks", Kind.TEXT, "When it is needed most", ("peaks",)),
    ),
)
IMPACT = Sheet(
    "Impact",
    "How bad a disruption of a given length is, by category: a level or an amount, one row for each point in time",
    ("functions", "{}", "impact", "{}", "points"),
    (
        _FUNCTION,
        Column("category", Kind.CHOICE, "What suffers", choices=tuple(ImpactCategory), required=True),
    ),
    (
        Column("after", Kind.DURATION, "Length of the disruption", ("after",), required=True),
        Column("level", Kind.CHOICE, "How much it suffers", ("level",), tuple(ImpactLevel)),
        Column("amount", Kind.NUMBER, "Instead of a level: in the currency of the estate", ("amount",)),
    ),
)
DEPENDENCIES = Sheet(
    "Dependencies",
    "What each function stands on: components, standby pairs or groups of the estate",
    ("functions", "{}", "supported_by", "{}"),
    (_FUNCTION, Column("component", Kind.ID, "Component, standby pair or group", required=True)),
    (
        Column(
            "type",
            Kind.CHOICE,
            "hard: not without it; soft: with less; asynchronous: work piles up",
            ("type",),
            ("hard", "soft", "asynchronous"),
            required=True,
        ),
        Column("degradation", Kind.RATIO, "Soft only: share of service lost without it", ("degradation",)),
        Column("after", Kind.DURATION, "How long the function goes on without it", ("after",)),
    ),
)
WORKFORCE = Sheet(
    "Workforce",
    "The people of each function: what is needed of a skill, and the groups that fill it, one row for each group",
    ("functions", "{}", "workforce", "{}", "groups", "{}"),
    (
        _FUNCTION,
        Column("skill", Kind.ID, "Kind of work", required=True),
        Column("group", Kind.ID, "Heads of this skill at one place", required=True),
    ),
    (
        Column("title", Kind.TEXT, "The skill as people call it", ("title",)),
        Column("needed", Kind.COUNT, "People for the whole of the work", ("needed",)),
        Column("minimum", Kind.COUNT, "People below which nothing of it is done", ("minimum",)),
        Column("after", Kind.DURATION, "How long it goes on as before when people are missing", ("after",)),
        Column("site", Kind.ID, "Where the group usually works", ("site",), required=True),
        Column("heads", Kind.COUNT, "Of the group, on duty at once", ("count",), required=True),
        Column("remote", Kind.RATIO, "Share of them whose work can be done remotely", ("remote",)),
    ),
    repeated=4,
)
FALLBACK_STAFF = Sheet(
    "Fallback staff",
    "People that the manual fallback takes, by skill of the function's workforce",
    ("functions", "{}", "fallback", "staff", "{}"),
    (_FUNCTION, Column("skill", Kind.ID, "Of the function's workforce", required=True)),
    (Column("people", Kind.COUNT, "With fewer, less is done", (), required=True),),
)
SOURCES = Sheet(
    "Sources",
    "Where a figure comes from, and how far it can be trusted",
    ("sources", "{}"),
    (Column("parameter", Kind.TEXT, "Its path, like functions.payments.rto", required=True),),
    (
        Column("basis", Kind.CHOICE, "How it was found", ("basis",), ("measured", "fitted", "expert", "assumed")),
        Column("source", Kind.TEXT, "Document, interview, study", ("source",)),
        Column("confidence", Kind.CHOICE, "How far it can be trusted", ("confidence",), ("high", "medium", "low")),
    ),
)

SHEETS = (FUNCTIONS, IMPACT, DEPENDENCIES, WORKFORCE, FALLBACK_STAFF, SOURCES)
