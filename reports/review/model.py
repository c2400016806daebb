"""What a review consists of.  Evidence is numbers of events on the timeline of the run."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from topologies.fields import Model

FORMAT = "blackstart/review/1"


class Method(StrEnum):
    """How causes are looked for."""

    FIVE_WHYS = "five-whys"
    CAUSE_AND_EFFECT = "cause-and-effect"


NodeKind = Literal["effect", "cause", "condition", "action", "root"]
"""`condition`: a state that was there before and let the cause have its effect; `action`: what people did; `root`:
where the chain ends."""


class Node(Model):
    """A box of the chart."""

    id: str
    """`e17` of what event 17 tells."""
    kind: NodeKind
    text: str
    evidence: tuple[int, ...] = ()


class Link(Model):
    """`effect` happened because of `cause`; both are ids of nodes."""

    effect: str
    cause: str


class Chart(Model):
    """Effects with their causes: a graph without cycles."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    left_out: int = 0
    """Effects beyond those that are drawn."""


class Why(Model):
    """One question and its answer."""

    question: str
    answer: str
    evidence: tuple[int, ...] = ()
    is_cause: bool = False
    """Whether it asks why something happened, and not why it lasted."""


class Factor(Model):
    """Something that made it worse or longer; `id` is of a closed list (`reports.review.factors`)."""

    id: str
    title: str
    text: str
    evidence: tuple[int, ...] = ()


class ActionItem(Model):
    """What is to be done, by whom, until when; a later exercise shows by the measure whether it helped."""

    id: str
    title: str
    because: str
    """A factor, or the true cause."""
    owner: str | None = None
    due: str
    """A date."""
    measure: str | None = None
    subject: str | None = None
    evidence: tuple[int, ...] = ()


class Edit(Model):
    """A change to a file, as a unified diff."""

    file: str
    why: str
    diff: str
    evidence: tuple[int, ...] = ()


class Moment(Model):
    """A key moment, by the clock of the exercise and by that on the wall."""

    clock: str
    wall: str
    text: str
    evidence: tuple[int, ...] = ()


class Statement(Model):
    """A sentence, and what it rests on."""

    text: str
    evidence: tuple[int, ...] = ()


class Impact(Model):
    """What a business function suffered."""

    function: str
    duration_ms: int
    still_down: bool
    lowest_ratio: float
    rto_ms: int | None
    lost_ms: int | None
    """Data lost, as time; None where it is not known."""
    evidence: tuple[int, ...] = ()


class FailureMode(Model):
    """The class of the failure in the taxonomy that also sorts histories, and the rule that says so."""

    mode: str
    title: str
    rule: str
    family: str
    """Of the kind of fault in the catalogue."""


class Review(Model):
    """A review of one incident of one run."""

    format: Literal["blackstart/review/1"] = "blackstart/review/1"
    title: str
    scenario: str
    seed: int
    epoch: str
    incident: str
    method: Method
    by: str
    """The team that reviews."""
    summary: tuple[Statement, ...]
    impact: tuple[Impact, ...]
    moments: tuple[Moment, ...]
    detection: tuple[Statement, ...]
    response: tuple[Statement, ...]
    recovery: tuple[Statement, ...]
    failure_modes: tuple[FailureMode, ...]
    chart: Chart
    whys: tuple[Why, ...]
    factors: tuple[Factor, ...]
    went_well: tuple[Statement, ...]
    actions: tuple[ActionItem, ...]
    edits: tuple[Edit, ...]
