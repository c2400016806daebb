"""A first `incident.yaml` for a folder that has none: which file is what, when it happened, who is in it.

Files are looked at, not only named: what a file begins with decides.  What no file can say stands as a comment.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from scenarios.history.importers.pseudonyms import Names
from scenarios.history.incident.chat import AUTHORS, TEXTS, chat_files
from scenarios.history.incident.manifest import FORMAT, MANIFEST, Manifest, SourceFile, SourceKind
from scenarios.history.incident.people import People
from scenarios.history.incident.reading import read_sources
from scenarios.history.incident.rows import Row
from timeline.findings import InputError
from topologies.loading.document import read_text

_LOOKED_AT = 64 * 1024
_ENDINGS = (".json", ".csv")
Guess = tuple[SourceKind, str | None, tuple[str, ...]]
"""A kind and a format, where all of these stand in the beginning of a file."""
_JSON: Sequence[Guess] = (
    (SourceKind.STATUS_PAGE, None, ('"incident_updates"',)),
    (SourceKind.PAGES, None, ("_log_entry",)),
    (SourceKind.MONITORING, None, ('"alertname"',)),
    (SourceKind.TICKETS, "jsm", ('"fields"', '"created"')),
    (SourceKind.TICKETS, "servicenow", ('"opened_at"', '"number"')),
    (SourceKind.CHAT, None, ('"ts"', '"text"')),
)
_TABLES: Sequence[Guess] = (
    (SourceKind.PAGES, None, ("at", "person", "event")),
    (SourceKind.MONITORING, None, ("name", "from")),
    (SourceKind.TICKETS, "servicenow-log", ("sys_mod_count", "incident_state")),
    (SourceKind.TICKETS, "servicenow", ("number", "opened_at")),
    (SourceKind.TICKETS, "jsm", ("issue key", "created")),
    *((SourceKind.CHAT, None, (who, said)) for who in AUTHORS for said in TEXTS),
)
"""Of tables the columns, in small letters.  Of several guesses that fit, the first counts."""


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
    opened = [one for row in rows for one in row.told if one.kind == "incident.opened"]
    first = min(opened, key=lambda one: one.at_ms).subject.id if opened else "???"
    begins = moments[0].replace(second=0, microsecond=0)
    ends = moments[-1].replace(second=0, microsecond=0) + timedelta(minutes=1)
    lines = [
        "# Proposed by looking at the files.  Look through it: what stands after ??? nobody but you can know.",
        f"format: {FORMAT}",
        f"title: {json.dumps('??? ' + folder.resolve().name)}",
        f"incident: {json.dumps(first)}",
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
    if begin.lstrip()[:1] in ("{", "["):
        fitting = (guess for guess in _JSON if all(mark in begin for mark in guess[2]))
    else:
        heading = begin.partition("\n")[0].replace(";", ",")
        columns = {name.strip().strip('"').casefold() for name in heading.split(",")}
        fitting = (guess for guess in _TABLES if columns.issuperset(guess[2]))
    guess = next(fitting, None)
    return None if guess is None else SourceFile(kind=guess[0], format=guess[1])


def _look(folder: Path, files: dict[str, SourceFile]) -> tuple[list[Row], list[tuple[str, list[str]]]]:
    """The rows of all files, and the people in them with the names that they go by."""
    always = {"begins": "1970-01-01T00:00:00+00:00", "ends": "2199-01-01T00:00:00+00:00"}
    manifest = Manifest.model_validate({"format": FORMAT, "title": "?", "incident": "?", "files": files, **always})
    people = People(manifest, Names())
    rows = [row for source in read_sources(folder, manifest, people) for row in source.rows()]
    return rows, people.found()
