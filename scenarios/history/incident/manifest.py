"""`incident.yaml`: what people state about an incident whose records lie in the same folder.

It says which file is what, how its clock stood, who is who, which business functions were hurt and when, and, where
somebody found out, which faults lay behind what.  Everything else comes out of the files.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from scenarios.history.importers.moments import DateOrder
from scenarios.models import Objective
from timeline.events import DETAIL_OF_KIND, DataClass
from timeline.findings import InputError, nearest
from topologies.fields import DurationMs, Id, Model, Ratio, TimeZone
from topologies.loading.document import Document, read_document
from topologies.loading.validation import validate

MANIFEST = "incident.yaml"
FORMAT = "blackstart/incident/1"
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A name as a tool writes it."""


class SourceKind(StrEnum):
    """What a file holds."""

    TICKETS = "tickets"
    PAGES = "pages"
    CHAT = "chat"
    STATUS_PAGE = "status-page"
    MONITORING = "monitoring"


class SourceFile(Model):
    """One file, or folder, of records."""

    kind: SourceKind
    format: str | None = None
    """Of tickets: an import format of `blackstart history import`.  Other kinds find theirs out."""
    mapping: str | None = None
    """Of tickets in `csv`: the file, in the same folder, that says what the columns mean."""
    timezone: TimeZone | None = None
    """For times that name no zone; that of the incident when left out."""
    order: DateOrder | None = None
    offset: DurationMs = 0
    """How far the clock of this source was ahead of the true one (negative: behind); it is taken off."""
    incident: Name | None = None
    """The incident that rows which name none are about; the main one when left out."""
    data_class: DataClass = DataClass.INTERNAL
    encoding: str = "utf-8"


class Somebody(Model):
    """A person, or a party outside, with the names that the files use."""

    names: tuple[Name, ...] = ()
    team: str | None = None
    role: str | None = None
    """The role of who joins a bridge, where the chat does not say it."""
    timezone: TimeZone | None = None
    outside: str | None = None
    """Who this is, where it is nobody of the organisation: `customer`, `supervisor`..."""
    vendor: Id | None = None
    """The third party that this is, or works for."""


class HurtFunction(Model):
    """A business function that was below its minimum level."""

    disrupted: AwareDatetime
    restored: AwareDatetime
    rto: DurationMs | None = None
    rpo: DurationMs | None = None
    mtpd: DurationMs | None = None
    level: Ratio
    """Share of normal service that was left; 0 where nothing worked."""
    minimum_level: Ratio | None = None
    data_lost: DurationMs | None = None
    """As time; `0s` says that nothing was lost, left out it is not known."""
    loss_per_hour: float | None = Field(default=None, ge=0)
    source: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> HurtFunction:
        if self.restored < self.disrupted:
            raise ValueError("restored lies before disrupted")
        return self


class Behind(Model):
    """What a fault is known to lie behind."""

    functions: tuple[Id, ...] = ()
    alerts: tuple[Name, ...] = ()
    """Names of alerts."""
    incidents: tuple[Name, ...] = ()


class KnownFault(Model):
    """A fault that somebody found: its kind stays open where only the place and the moment are known."""

    fault: Id = "unknown"
    """A kind of the catalogue (`blackstart list faults`)."""
    target: Id
    at: AwareDatetime
    ended: AwareDatetime | None = None
    ended_by: str | None = None
    description: str = ""
    behind: Behind = Behind()
    source: str = ""


class KnownIncident(Model):
    """What a review says about one ticket, besides what the ticket says."""

    aliases: tuple[Name, ...] = ()
    """What other tools call it."""
    opened_from: Literal["alert", "user-report", "person"] | None = None
    alerts: tuple[Name, ...] = ()
    """Names of the alerts that it was opened for."""
    declared: AwareDatetime | None = None
    severity: str | None = None
    mitigated: AwareDatetime | None = None


class Manifest(Model):
    """The whole of `incident.yaml`."""

    format: Literal["blackstart/incident/1"]
    title: str
    incident: Name
    """The main incident: what messages and pages that name none are about."""
    begins: AwareDatetime
    """Exercise time 0; what the files say of before is left out, but for what is stated here."""
    ends: AwareDatetime
    timezone: TimeZone = "UTC"
    estate: str | None = None
    data_class: DataClass = DataClass.INTERNAL
    """Of what is stated here."""
    files: dict[str, SourceFile]
    people: dict[Id, Somebody] = Field(default_factory=dict)
    functions: dict[Id, HurtFunction] = Field(default_factory=dict)
    faults: dict[Id, KnownFault] = Field(default_factory=dict)
    incidents: dict[Name, KnownIncident] = Field(default_factory=dict)
    false_alerts: tuple[Name, ...] = ()
    """Names of alerts that are known to have had no fault behind them."""
    complete: tuple[str, ...] = ()
    """Kinds of event of which somebody states that the files hold every one."""
    objectives: dict[Id, Objective] = Field(default_factory=dict)
    """Made of the stated RTOs and RPOs when left out."""
    practices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _spans(self) -> Manifest:
        if self.ends <= self.begins:
            raise ValueError("ends does not lie after begins")
        return self

    def canonical_incident(self, id: str | None) -> str:
        """What the record calls an incident that some tool calls `id`; the main one where it has no name."""
        if id is None:
            return self.incident
        return next((known for known, stated in self.incidents.items() if id in stated.aliases), id)


def read_manifest(folder: Path) -> tuple[Document, Manifest]:
    """The manifest of a folder.  Raises InputError where there is none, or with everything that is wrong in it."""
    path = folder / MANIFEST
    if not folder.is_dir():
        message = "there is no such folder" if not folder.exists() else "this is a file, not a folder of records"
        raise InputError.single("input.not-found", str(folder), message)
    if not path.is_file():
        hint = f"draft one: `blackstart score --record {folder} --propose > {path}`, and look through it"
        raise InputError.single("incident.no-manifest", str(folder), f"there is no {MANIFEST} here", hint)
    document = read_document(path)
    manifest = validate(document, Manifest)
    _check_names(document, manifest, folder)
    return document, manifest


def _check_names(document: Document, manifest: Manifest, folder: Path) -> None:
    """Raises InputError for a file that is not there, a function or a kind of event that does not exist."""
    for name in manifest.files:
        place = document.place(["files", name], key=True)
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise InputError.single("incident.outside", place, f"{name!r} does not lie in the folder of the record")
        if not (folder / name).exists():
            beside = [entry.name for entry in folder.iterdir()]
            raise InputError.single("input.not-found", place, f"there is no {name!r} here", nearest(name, beside))
    for id, fault in manifest.faults.items():
        for function in fault.behind.functions:
            if function not in manifest.functions:
                place = document.place(["faults", id, "behind", "functions"])
                hint = nearest(function, manifest.functions)
                message = f"{function!r} is not among the functions of this incident"
                raise InputError.single("reference.unknown", place, message, hint)
    for kind in manifest.complete:
        if kind not in DETAIL_OF_KIND:
            hint = nearest(kind, DETAIL_OF_KIND)
            message = f"{kind!r} is not a kind of event"
            raise InputError.single("model.not-one-of", document.place(["complete"]), message, hint)
