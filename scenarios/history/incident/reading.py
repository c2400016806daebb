"""A folder of records, read: the timeline of the incident, and what became of every row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from scenarios.history.importers.pseudonyms import Names
from scenarios.history.incident.assembling import assemble
from scenarios.history.incident.chat import chat_files, read_chat, read_users, users_file
from scenarios.history.incident.manifest import Manifest, SourceKind, read_manifest
from scenarios.history.incident.monitoring import read_monitoring
from scenarios.history.incident.pages import read_pages
from scenarios.history.incident.people import People
from scenarios.history.incident.rows import Fate, Row, Source, Told
from scenarios.history.incident.stating import stated_rows
from scenarios.history.incident.status_page import read_status_page
from scenarios.history.incident.tickets import read_tickets
from scenarios.models import Objective, TargetModel
from timeline.details import AlertDetail, ExerciseDetail, ObjectiveDetail, Target
from timeline.findings import Finding, Place, Severity
from timeline.instants import from_wall
from timeline.journal import Timeline
from timeline.references import SCENARIO, Reference, RefKind
from topologies.loading.document import Document

RECORD = "record"
"""The evidence class of what really happened, as its records show it."""
READERS: Mapping[SourceKind, Callable[[Source], None]] = {
    SourceKind.TICKETS: read_tickets,
    SourceKind.PAGES: read_pages,
    SourceKind.CHAT: read_chat,
    SourceKind.STATUS_PAGE: read_status_page,
    SourceKind.MONITORING: read_monitoring,
}
_WHOLE: Mapping[SourceKind, tuple[str, ...]] = {
    SourceKind.PAGES: ("page.sent", "page.delivered", "page.acknowledged", "page.exhausted"),
    SourceKind.MONITORING: ("alert.firing",),
    SourceKind.TICKETS: ("incident.opened", "incident.reassigned"),
}
"""Kinds of event that a source of this kind keeps every one of."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What became of the rows of one file: used, context and refused add up to all of them."""

    name: str
    kind: SourceKind
    rows: int
    used: int
    context: int
    refused: int


@dataclass(frozen=True)
class IncidentFolder:
    """A record that has been read."""

    name: str
    manifest: Manifest
    timeline: Timeline
    sources: tuple[SourceReport, ...]
    rows: tuple[tuple[Row, tuple[int, ...]], ...]
    """Every row with the numbers of the events that it told."""
    files: tuple[Path, ...]
    """What was read, `incident.yaml` first."""
    findings: tuple[Finding, ...]
    unknown_people: tuple[str, ...]
    hidden: bool
    """Whether names are pseudonyms."""

    @property
    def title(self) -> str:
        """The stated title, without names where these are hidden."""
        detail = self.timeline[0].detail
        assert isinstance(detail, ExerciseDetail), "a record begins with its description"
        return detail.title

    def refused(self) -> Iterator[tuple[Row, str]]:
        """Every reason for which a row, or a part of it, was not used."""
        return ((row, reason) for row, _ in self.rows for reason in row.reasons)

    def source_lines(self) -> str:
        """`sources.jsonl`: one row a line, with what became of it and the events that it told."""
        return "".join(json.dumps(_document(row, events), ensure_ascii=False) + "\n" for row, events in self.rows)


def read_incident(folder: Path, names: Names | None = None) -> IncidentFolder:
    """The record in a folder; with a key in `names`, people are pseudonyms everywhere.

    Raises InputError where the manifest or a file cannot be read.
    """
    names = names or Names()
    document, manifest = read_manifest(folder)
    people = People(manifest, names)
    sources = read_sources(folder, manifest, people)
    if people.hidden:
        # Names that the last file tells stand in texts of the first: once all are known, everything is read again.
        sources = read_sources(folder, manifest, people)
    stated = stated_rows(manifest, document, people)
    rows = [*stated, *(row for source in sources for row in source.rows())]
    told = [one for row in rows for one in row.told]
    timeline = Timeline()
    begins_ms = min([0, *(one.at_ms for one in told)])
    exercise = Reference(RefKind.EXERCISE, manifest.incident)
    detail = _describe(folder, manifest, people, told)
    timeline.emit(begins_ms, "exercise.started", exercise, SCENARIO, detail)
    tellers = assemble(timeline, told, manifest)
    end_ms = max([from_wall(manifest.ends, manifest.begins), *(one.at_ms for one in told)])
    timeline.emit(end_ms, "exercise.ended", exercise, SCENARIO)
    events: dict[int, list[int]] = {}
    for seq, ones in tellers.items():
        for one in ones:
            events.setdefault(id(one.row), []).append(seq)
    return IncidentFolder(
        name=folder.resolve().name,
        manifest=manifest,
        timeline=timeline,
        sources=tuple(_report(source) for source in sources),
        rows=tuple((row, tuple(sorted(set(events.get(id(row), ()))))) for row in rows),
        files=(Path(document.name), *_beside(folder, manifest), *(source.path for source in sources)),
        findings=(*(f for source in sources for f in source.intake.findings()), *_remarks(document, manifest, people)),
        unknown_people=tuple(sorted(people.unknown)),
        hidden=people.hidden,
    )


def read_sources(folder: Path, manifest: Manifest, people: People) -> list[Source]:
    """The files of a record, each read to its end.  Raises InputError where one cannot be."""
    sources = []
    for name, stated in sorted(manifest.files.items()):
        path = folder / name
        files = chat_files(path) if stated.kind is SourceKind.CHAT else [path]
        for file in files:
            shown = file.relative_to(folder).as_posix()
            source = Source(file, shown, stated, manifest, people)
            if stated.kind is SourceKind.CHAT:
                read_users(path, source)
            READERS[stated.kind](source)
            sources.append(source)
    return sources


def _beside(folder: Path, manifest: Manifest) -> Iterator[Path]:
    """What was read to understand the files: mappings of tables, users of a chat."""
    for name, stated in sorted(manifest.files.items()):
        if stated.mapping is not None:
            yield (folder / name).parent / stated.mapping
        if stated.kind is SourceKind.CHAT and (table := users_file(folder / name)).is_file():
            yield table


def _report(source: Source) -> SourceReport:
    fates = [row.fate for row in source.rows()]
    # Several rows of a ticket may be told as one: those that were taken are what is left.
    rows, refused, context = source.intake.rows, fates.count(Fate.REFUSED), fates.count(Fate.CONTEXT)
    return SourceReport(source.name, source.stated.kind, rows, rows - refused - context, context, refused)


def _describe(folder: Path, manifest: Manifest, people: People, told: list[Told]) -> ExerciseDetail:
    return ExerciseDetail(
        scenario=folder.resolve().name,
        title=people.text(manifest.title),
        estate=manifest.estate or "not stated",
        seed=0,
        epoch=manifest.begins.isoformat(),
        duration_ms=from_wall(manifest.ends, manifest.begins),
        evidence_class=RECORD,
        objectives=tuple(
            ObjectiveDetail(
                id=id,
                title=objective.title,
                weight=objective.weight,
                targets=tuple(Target(t.measure, t.at_most, t.at_least, t.subject) for t in objective.targets),
                practices=objective.practices,
            )
            for id, objective in objectives_of(manifest).items()
        ),
        functions=tuple(sorted(manifest.functions)),
        practices=manifest.practices,
        version=version("blackstart"),
        complete_kinds=_complete_kinds(manifest, told),
    )


def objectives_of(manifest: Manifest) -> dict[str, Objective]:
    """What the record is rated by: stated objectives, else one for each function with an RTO or an RPO."""
    if manifest.objectives:
        return dict(manifest.objectives)
    made = {}
    for id, hurt in sorted(manifest.functions.items()):
        wanted = (("rto_met", hurt.rto), ("rpo_met", hurt.rpo))
        targets = [
            TargetModel(measure=measure, subject=f"function:{id}", at_least=1.0)
            for measure, promise in wanted
            if promise is not None
        ]
        if targets:
            title = f"{id} comes back as the business needs it"
            made[f"recover-{id}"] = Objective(title=title, targets=tuple(targets), practices=("7.3",))
    return made


def _complete_kinds(manifest: Manifest, told: list[Told]) -> tuple[str, ...]:
    """Kinds of which every event is here, so that the absence of one is a fact."""
    kinds = {"exercise.started", *manifest.complete}
    for stated in manifest.files.values():
        kinds.update(_WHOLE.get(stated.kind, ()))
    firing = (one.detail for one in told if one.kind == "alert.firing")
    fired = {alert.name for alert in firing if isinstance(alert, AlertDetail) and not alert.is_deliberate}
    explained = {name for fault in manifest.faults.values() for name in fault.behind.alerts}
    if manifest.faults and fired <= explained | set(manifest.false_alerts):
        # Of every alert it is stated whether a fault lay behind it.
        kinds.add("fault.started")
    return tuple(sorted(kinds))


def _remarks(document: Document, manifest: Manifest, people: People) -> Iterator[Finding]:
    if people.unknown and not people.hidden:
        names = ", ".join(sorted(people.unknown)[:8]) + (", ..." if len(people.unknown) > 8 else "")
        message = f"{len(people.unknown)} names are nobody under `people`: {names}"
        hint = "add them, so that one person has one name, and people outside are known as such"
        yield Finding("incident.unknown-person", Severity.INFO, document.place(["people"]), message, hint)
    if not manifest.functions:
        hint = "state which business functions were hurt, from when to when: recovery times are read off that"
        message = "no business function is stated"
        yield Finding("incident.no-function", Severity.WARNING, Place(document.name), message, hint)
    if not manifest.faults:
        hint = "state under `faults` what was found, where and since when, if anybody knows"
        message = "no fault is stated: whatever is measured from a fault on is not known"
        yield Finding("incident.no-fault", Severity.INFO, Place(document.name), message, hint)


def _document(row: Row, events: tuple[int, ...]) -> dict[str, object]:
    return {
        "file": row.file,
        "line": row.line,
        "fate": row.fate,
        "at": None if row.at is None else row.at.isoformat(),
        "text": row.text,
        "events": events,
        **({"reasons": row.reasons} if row.reasons else {}),
    }
