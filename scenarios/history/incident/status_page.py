"""What customers were told: the incidents of a Statuspage (`/api/v2/incidents.json`), each update a message to them.

Scheduled maintenance stands in the same list; it is refused, as no incident.  Of several copies of an incident all
updates count, each once.
"""

from __future__ import annotations

from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.values import items, moment, needed_moment, text
from scenarios.history.incident.rows import Source
from timeline.details import MessageDetail
from timeline.references import Reference, RefKind

AUDIENCE = "customers"
CHANNEL = "status-page"
_PAGE = Reference(RefKind.SYSTEM, CHANNEL)


def read_status_page(source: Source) -> None:
    """Tells the updates of a page.  Raises InputError where the file is no such answer."""
    for item in read_items(source.intake, ("incidents",)):
        name = text(item.data, "name") or ""
        row = source.row(item.line, name)
        if item.data.get("scheduled_for") or text(item.data, "impact") == "maintenance":
            row.reasons.append("scheduled maintenance, no incident")
            continue
        for update in items(item.data, "incident_updates"):
            try:
                shown = moment(update, "display_at", source.intake) or needed_moment(
                    update, "created_at", source.intake
                )
            except ValueError as error:
                row.reasons.append(f"an update: {error}")
                continue
            row.at = min(filter(None, (row.at, source.true_time(shown))))
            words = ": ".join(filter(None, (text(update, "status"), text(update, "body"))))
            detail = MessageDetail(CHANNEL, CHANNEL, AUDIENCE, source.people.text(words), source.incident())
            source.tell(row, shown, "update.sent", Reference(RefKind.AUDIENCE, AUDIENCE), _PAGE, detail)
