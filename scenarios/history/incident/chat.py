"""Chat transcripts: who joined the bridge, what was logged with a marker, what people outside said.

Two forms are read:

- a Slack export: the folder of one or more channels (`users.json` and `<channel>/<day>.json`), one day of a channel, or
  the answer of `conversations.history` (`{"messages": [...]}`);
- a CSV file as exports of Microsoft Teams give it: a column for the time (`at`, `Timestamp`, `CreatedDateTime`...), one
  for who wrote (`person`, `From`, `Sender`...), one for the text (`text`, `Message`, `Content`...), and where there is
  one `event` with `joined`.

A message is interpreted by its markers alone (`markers`).  What somebody outside the organisation wrote reached those
who read it: it is told as a message to the channel.  Everything else is context.
"""

from __future__ import annotations

import html
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.intake import moment_texts, present
from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.known_table import is_json
from scenarios.history.importers.values import needed_moment, text
from scenarios.history.incident.markers import Marked, Marker, markers_in
from scenarios.history.incident.people import Person
from scenarios.history.incident.rows import Row, Source
from timeline.details import DecisionDetail, DiagnosisDetail, IncidentDetail, MessageDetail, RoleDetail
from timeline.findings import InputError
from timeline.references import Reference, RefKind, function, incident
from topologies.loading.document import read_text

USERS = "users.json"
NOT_MESSAGES = frozenset({USERS, "channels.json", "groups.json", "dms.json", "mpims.json", "integration_logs.json"})
"""Files of an export that hold no messages."""
_JOINS = ("channel_join", "group_join")
_AT = ("at", "timestamp", "createddatetime", "created", "date", "time", "datetime", "sent")
AUTHORS = ("person", "from", "sender", "user", "author", "displayname", "name")
TEXTS = ("text", "message", "content", "body")
_TAG = re.compile(r"<[^<>]+>")
_BREAK = re.compile(r"<(?:br|/p|/div)\s*/?>", re.IGNORECASE)


def chat_files(path: Path) -> list[Path]:
    """The files with messages of an export: the file itself, or all of a folder, by name."""
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*.json") if file.name not in NOT_MESSAGES)


def users_file(path: Path) -> Path:
    """Where the table of users of an export lies."""
    return (path if path.is_dir() else path.parent) / USERS


def read_users(path: Path, source: Source) -> None:
    """Tells who is behind the ids of a Slack export, where its table of users is there."""
    table = users_file(path)
    if not table.is_file():
        return
    try:
        users = json.loads(read_text(table))
    except ValueError as error:
        raise InputError.single("input.json", str(table), f"this is no JSON: {error}") from None
    for user in users if isinstance(users, list) else []:
        if isinstance(user, dict) and (id := text(user, "id")):
            shown = text(user, "profile", "real_name") or text(user, "real_name")
            source.people.same(id, shown, text(user, "profile", "display_name"), text(user, "name"))


def read_chat(source: Source) -> None:
    """Tells the messages of a file.  Raises InputError where it cannot be read, or lacks a column."""
    if is_json(source.intake):
        _read_slack(source)
    else:
        _read_csv(source)


def _read_slack(source: Source) -> None:
    channel = source.path.parent.name if "/" in source.name else source.path.stem
    for item in read_items(source.intake, ("messages",)):
        said = text(item.data, "text") or ""
        row = source.row(item.line, said)
        try:
            moment = needed_moment(item.data, "ts", source.intake)
        except ValueError as error:
            row.reasons.append(str(error))
            continue
        joined = text(item.data, "subtype") in _JOINS
        _tell_message(source, row, moment, _author(item.data), said, channel, joined=joined)


def _author(data: dict[str, Any]) -> str | None:
    return text(data, "user") or text(data, "username") or text(data, "bot_id")


def _read_csv(source: Source) -> None:
    table = CsvFile(source.intake)
    at, person, said = table.require(*_AT), table.require(*AUTHORS), table.require(*TEXTS)
    event = table.column(["event"])
    source.intake.settle_order(moment_texts(table.sample(), [at]))
    for line, cells in table.rows():
        words = _plain(cells[said])
        row = source.row(line, words)
        try:
            moment = source.intake.moments.read(cells[at])
        except ValueError as error:
            row.reasons.append(str(error))
            continue
        joined = event is not None and cells[event].strip().lower() == "joined"
        _tell_message(source, row, moment, present(cells[person]), words, source.path.stem, joined=joined)


def _plain(body: str) -> str:
    """The text of a message that was kept as HTML."""
    if not body.lstrip().startswith("<"):
        return body
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", body))).strip()


def _tell_message(
    source: Source, row: Row, moment: datetime, author: str | None, said: str, channel: str, *, joined: bool
) -> None:
    row.at = source.true_time(moment)
    if author is None:
        row.reasons.append("the message does not say who wrote it")
        return
    who, id = source.people.find(author), source.incident()
    if joined:
        role = who.stated.role or ""
        source.tell(row, moment, "bridge.joined", incident(id), who.reference, RoleDetail(id, role, who.reference.id))
        return
    marked = list(markers_in(said))
    for marker in marked:
        _tell_marker(source, row, moment, who, id, marker)
    if who.is_outside and not marked:
        sender = who.stated.outside or who.reference.id
        detail = MessageDetail("chat", sender, channel, source.people.text(said), id)
        source.tell(row, moment, "inject.delivered", Reference(RefKind.INCIDENT, id), who.reference, detail)


def _tell_marker(source: Source, row: Row, moment: datetime, who: Person, id: str, marker: Marker) -> None:
    words, actor, subject = source.people.text(marker.text), who.reference, incident(id)
    if marker.what is Marked.DECISION:
        told = {name: source.people.text(said) for name, said in marker.fields.items()}
        options = tuple(option.strip() for option in told.get("options", "").split(";") if option.strip())
        detail: object = DecisionDetail(id, told.get("question", ""), options, words, actor.id, told.get("because", ""))
        source.tell(row, moment, "decision.made", subject, actor, detail)
    elif marker.what is Marked.DECLARED:
        source.tell(row, moment, "incident.declared", subject, actor, IncidentDetail("declared", words or None))
    elif marker.what is Marked.MITIGATED:
        source.tell(row, moment, "incident.mitigated", subject, actor, IncidentDetail("mitigated", title=words))
    elif marker.what is Marked.ROLE:
        named = source.people.find(_called(marker.text)) if marker.text else who
        detail = RoleDetail(id, marker.of.lower(), named.reference.id)
        source.tell(row, moment, "role.assigned", subject, actor, detail)
    elif marker.what is Marked.CAUSE:
        # The search is over: the named cause is the one candidate that is left.
        detail = DiagnosisDetail(id, actor.id, candidates_left=1, finding=words)
        source.tell(row, moment, "diagnosis.concluded", subject, actor, detail)
    elif marker.what is Marked.UPDATE:
        audience = Reference(RefKind.AUDIENCE, marker.of)
        detail = MessageDetail("chat", actor.id, marker.of, words, id)
        source.tell(row, moment, "update.sent", audience, actor, detail)
    else:
        detail = MessageDetail("chat", "users", "service-desk", words, id)
        source.tell(row, moment, "report.received", function(marker.of), Reference(RefKind.USERS, "users"), detail)


def _called(written: str) -> str:
    """The name in a mention: `<@U01>`, `@ada`."""
    return written.strip().removeprefix("<").removesuffix(">").removeprefix("@").partition("|")[0]
