"""Pages: who was called, whether it reached a device, who answered.

Two forms are read:

- log entries of PagerDuty (`GET /log_entries`, or within incidents): `notify_log_entry` is a page sent, and delivered
  where the notification's status is `success`; `acknowledge_log_entry` answers it; `escalate_log_entry` says that
  nobody answered, `exhaust_escalation_path_log_entry` that nobody was left;
- a CSV file with the columns `at`, `person`, `event` (`sent`, `delivered`, `failed`, `acknowledged`, `escalated`,
  `exhausted`), and where they are known `incident`, `channel`, `policy`, `step`, `purpose`, `alert`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.intake import moment_texts, present
from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.known_table import is_json
from scenarios.history.importers.values import items, needed_moment, number, text
from scenarios.history.incident.rows import Row, Source
from timeline.details import PageDetail
from timeline.references import Reference, RefKind, incident

_PAGING = Reference(RefKind.SYSTEM, "paging")
_EVENTS = {
    "sent": "page.sent",
    "delivered": "page.delivered",
    "failed": "page.failed",
    "acknowledged": "page.acknowledged",
    "escalated": "page.unanswered",
    "exhausted": "page.exhausted",
}
_ENTRIES = {
    "notify_log_entry": "page.sent",
    "acknowledge_log_entry": "page.acknowledged",
    "escalate_log_entry": "page.unanswered",
    "exhaust_escalation_path_log_entry": "page.exhausted",
}
_OF_POLICY = ("page.unanswered", "page.exhausted")
"""About a policy, not about one person."""
_OPTIONAL = ("incident", "channel", "policy", "step", "purpose", "alert")


@dataclass(frozen=True, slots=True)
class _Call:
    """What a row says of a page; `moment` is on the clock of the source."""

    moment: datetime
    person: str | None
    incident: str | None
    channel: str | None
    policy: str | None
    step: int
    purpose: str | None = None
    alert: str | None = None


def read_pages(source: Source) -> None:
    """Tells the pages of a file.  Raises InputError where it cannot be read, or lacks a column."""
    if is_json(source.intake):
        _read_entries(source)
    else:
        _read_csv(source)


def _read_csv(source: Source) -> None:
    table = CsvFile(source.intake)
    at, person, event = (table.require(name) for name in ("at", "person", "event"))
    optional = {name: table.column([name]) for name in _OPTIONAL}
    source.intake.settle_order(moment_texts(table.sample(), [at]))
    for line, cells in table.rows():
        row = source.row(line, " ".join(cell for cell in cells if cell))
        said = {name: None if column is None else present(cells[column]) for name, column in optional.items()}
        try:
            kind = _EVENTS.get(cells[event].strip().lower())
            if kind is None:
                raise ValueError(f"event: {cells[event]!r} is not one of {', '.join(_EVENTS)}")
            _tell(source, row, kind, _call(source.intake.moments.read(cells[at]), present(cells[person]), said))
        except ValueError as error:
            row.reasons.append(str(error))


def _call(moment: datetime, person: str | None, said: Mapping[str, str | None]) -> _Call:
    """Raises ValueError where the step is no number."""
    step = said["step"] or "0"
    if not step.isdecimal():
        raise ValueError(f"step: {step!r} is not a number")
    return _Call(
        moment, person, said["incident"], said["channel"], said["policy"], int(step), said["purpose"], said["alert"]
    )


def _read_entries(source: Source) -> None:
    for item in read_items(source.intake, ("log_entries", "incidents")):
        if (text(item.data, "type") or "").endswith("_log_entry"):
            row = source.row(item.line, text(item.data, "summary") or "")
            _tell_entry(source, row, item.data, text(item.data, "incident", "id"))
        else:
            row = source.row(item.line, text(item.data, "title") or "")
            for entry in items(item.data, "log_entries"):
                _tell_entry(source, row, entry, text(item.data, "id"))


def _tell_entry(source: Source, row: Row, entry: Mapping[str, Any], id: str | None) -> None:
    """An entry of a kind that is no page tells nothing."""
    type = text(entry, "type") or ""
    try:
        moment = needed_moment(entry, "created_at", source.intake)
        kind = _ENTRIES.get(type)
        if kind is None:
            row.at = row.at or source.true_time(moment)
            return
        called = text(entry, "user" if kind == "page.sent" else "agent", "summary")
        channel, policy = text(entry, "channel", "notification", "type"), text(entry, "escalation_policy", "summary")
        call = _Call(moment, called, id, channel, policy, number(entry, "escalation_level") or 0)
        _tell(source, row, kind, call)
        if kind == "page.sent" and text(entry, "channel", "notification", "status") == "success":
            _tell(source, row, "page.delivered", call)
    except ValueError as error:
        row.reasons.append(str(error))


def _tell(source: Source, row: Row, kind: str, call: _Call) -> None:
    """Raises ValueError where somebody has to be named and nobody is."""
    row.at = row.at or source.true_time(call.moment)
    of_policy = kind in _OF_POLICY
    if call.person is None and not of_policy:
        raise ValueError(f"{kind} names nobody")
    who = None if call.person is None or of_policy else source.people.find(call.person)
    id = source.incident(call.incident)
    detail = PageDetail(
        incident=id,
        person="" if who is None else who.reference.id,
        channel=call.channel or "",
        policy=call.policy or "",
        step=call.step,
        purpose=source.people.text(call.purpose or ""),
        sleep_hours=None if who is None or who.is_outside else who.sleeps_at(source.true_time(call.moment)),
    )
    subject = incident(id) if who is None else who.reference
    actor = who.reference if who is not None and kind == "page.acknowledged" else _PAGING
    source.tell(row, call.moment, kind, subject, actor, detail, alerts=(call.alert or "",))
