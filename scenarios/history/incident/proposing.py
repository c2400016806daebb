"""A first `incident.yaml` for a folder that has none: which file is what, when it happened, who is in it.

Files are looked at, not only named: what a file begins with decides.  What no file can say stands as a comment.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from scenarios.history.importers.pseudonyms import Names
from scenarios.history.incident.chat import chat_files, read_users
from scenarios.history.incident.manifest import FORMAT, MANIFEST, Manifest, SourceFile, SourceKind
from scenarios.history.incident.people import People
from scenarios.history.incident.reading import READERS
from scenarios.history.incident.rows import Row, Source
from timeline.findings import InputError
from topologies.loading.document import read_text

_LOOKED_AT = 64 * 1024
_ENDINGS = (".json", ".csv")
_MARKS: Sequence[tuple[SourceKind, str | None, tuple[str, ...]]] = (
    (SourceKind.STATUS_PAGE, None, ('"incident_updates"',)),
    (SourceKind.PAGES, None, ("_log_entry",)),
    (SourceKind.MONITORING, None, ('"alertname"',)),
    (SourceKind.TICKETS, "jsm", ('"changelog"', '"fields"')),
    (SourceKind.TICKETS, "servicenow", ('"opened_at"', '"number"')),
    (SourceKind.TICKETS, "servicenow-log", ("sys_mod_count", "incident_state")),
    (SourceKind.TICKETS, "servicenow", ("number", "opened_at")),
    (SourceKind.TICKETS, "jsm", ("Issue key", "Created")),
    (SourceKind.CHAT, None, ('"ts"', '"text"')),
)
"""What a file is where all of these stand at its beginning; the first that fits."""
_CSV_COLUMNS: Sequence[tuple[SourceKind, frozenset[str]]] = (
    (SourceKind.PAGES, frozenset({"at", "person", "event"})),
    (SourceKind.MONITORING, frozenset({"name", "from"})),
)


def propose_manifest(folder: Path) -> str:
    """The text of a manifest to look through.  Raises InputError where nothing in the folder is known."""
    files = dict(_files(folder))
    if not files:
        message = "no file here is known to be tickets, pages, chat, a status page or monitoring"
        raise InputError.single("incident.nothing", str(folder), message, f"write {MANIFEST} by hand: see the docs")
    rows, people = _look(folder, files)
    moments = sorted(row.at for row in rows if row.at is not None)
    if not moments:
        raise InputError.single("incident.nothing", str(folder), "no row of these files has a time that can be read")
    opened = next((row.told[0].subject.id for row in rows if row.told and row.told[0].kind == "incident.opened"), None)
    begins = moments[0].replace(second=0, microsecond=0)
    ends = moments[-1].replace(second=0, microsecond=0) + timedelta(minutes=1)
    lines = [
        "# Proposed by looking at the files.  Look through it: what stands after ??? nobody but you can know.",
        f"format: {FORMAT}",
        f"title: {json.dumps('??? ' + folder.resolve().name)}",
        f"incident: {json.dumps(opened or '???')}",
        f"begins: {begins.isoformat()}  # the first moment in any file; ??? earlier, where the trouble began earlier",
        f"ends: {ends.isoformat()}  # the last one",
        "timezone: UTC  # ??? for times that name no zone",
        "# estate: NAME  # the model of what was hurt, where there is one",
        "",
        "files:",
    ]
    for name, stated in sorted(files.items()):
        format = f", format: {stated.format}" if stated.format else ""
        lines.append(f"  {json.dumps(name)}: {{kind: {stated.kind}{format}}}  # offset: 37s, if its clock was ahead")
    lines += ["", "people:  # ??? who is the same person, who is of which team, who is outside"]
    lines += [f"  {id}: {{names: {json.dumps(names, ensure_ascii=False)}}}" for id, names in people] or ["  {}"]
    lines += [
        "",
        "# functions:  # ??? what the business lost, from when to when",
        "#   card-payments: {disrupted: TIME, restored: TIME, level: 0, rto: 2h, rpo: 1m, data_lost: 0s}",
        "# faults:  # ??? what was found",
        "#   ID: {fault: KIND, target: COMPONENT, at: TIME, behind: {functions: [], alerts: [], incidents: []}}",
    ]
    return "\n".join(lines) + "\n"


def _files(folder: Path) -> list[tuple[str, SourceFile]]:
    if not folder.is_dir():
        raise InputError.single("input.not-found", str(folder), "there is no such folder")
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and chat_files(entry):
            found.append((entry.name, SourceFile(kind=SourceKind.CHAT)))
        elif entry.suffix in _ENDINGS and (stated := _recognised(entry)) is not None:
            found.append((entry.name, stated))
    return found


def _recognised(file: Path) -> SourceFile | None:
    begin = read_text(file)[:_LOOKED_AT]
    for kind, format, marks in _MARKS if begin.lstrip()[:1] in ("{", "[") else _of_csv(begin):
        if all(mark in begin for mark in marks):
            return SourceFile(kind=kind, format=format)
    return None


def _of_csv(begin: str) -> Sequence[tuple[SourceKind, str | None, tuple[str, ...]]]:
    heading = begin.partition("\n")[0]
    columns = {name.strip().strip('"').casefold() for name in heading.replace(";", ",").split(",")}
    known = [(kind, None, ()) for kind, needed in _CSV_COLUMNS if needed <= columns]
    tables = [
        (kind, format, ())
        for kind, format, marks in _MARKS
        if kind is SourceKind.TICKETS and {mark.casefold() for mark in marks} <= columns
    ]
    chat = [(SourceKind.CHAT, None, ())] if columns & {"message", "content", "body", "text"} else []
    return [*known, *tables, *chat]


def _look(folder: Path, files: dict[str, SourceFile]) -> tuple[list[Row], list[tuple[str, list[str]]]]:
    """The rows of all files, and the people in them with the names that they go by."""
    always = {"begins": "1970-01-01T00:00:00+00:00", "ends": "2199-01-01T00:00:00+00:00"}
    manifest = Manifest.model_validate({"format": FORMAT, "title": "?", "incident": "?", "files": {}, **always})
    people = People(manifest, Names())
    rows: list[Row] = []
    for name, stated in files.items():
        path = folder / name
        for file in chat_files(path) if stated.kind is SourceKind.CHAT else [path]:
            source = Source(file, file.relative_to(folder).as_posix(), stated, manifest, people)
            if stated.kind is SourceKind.CHAT:
                read_users(path, source)
            READERS[stated.kind](source)
            rows += source.rows()
    return rows, people.found()
