"""Operational status written back to a CMDB: planned from the account of an import, sent only when asked to.

A change names a component of an imported estate; the account knows the `sys_id` it came from.  Each change is one PATCH
of `operational_status`, and counts as done when the instance answers with the new value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from timeline.findings import Finding, InputError, Place, Severity, nearest
from topologies.importers.estate.files import documents
from topologies.importers.estate.servicenow.table_api import Instance
from topologies.importers.estate.writing import ACCOUNT
from topologies.importers.foreign import Foreign

TABLE = "cmdb_ci"


class OperationalStatus(StrEnum):
    """The choices of `operational_status`, in the order of their numbers from 1."""

    OPERATIONAL = "operational"
    NON_OPERATIONAL = "non-operational"
    REPAIR = "repair-in-progress"
    STANDBY = "dr-standby"
    READY = "ready"
    RETIRED = "retired"

    @property
    def stored(self) -> str:
        return str(list(OperationalStatus).index(self) + 1)


@dataclass(frozen=True, slots=True)
class Change:
    """One CI and the status it shall have."""

    component: str
    name: str
    sys_id: str
    status: OperationalStatus


class _Thing(Foreign):
    name: str
    key: str


class _Account(Foreign):
    format: str
    things: dict[str, _Thing]


def plan(estate: Path, wanted: Sequence[str]) -> list[Change]:
    """Changes from `component=status`, for an estate imported from a CMDB.

    Raises InputError with all that is wrong.
    """
    things = _things(estate)
    findings, changes = [], []
    for text in wanted:
        id, _, status = text.partition("=")
        hint = ""
        if id not in things:
            message, hint = f"there is no {id!r} in this import", nearest(id, things)
        elif status not in set(OperationalStatus):
            message, hint = f"{status!r} is no operational status", nearest(status, map(str, OperationalStatus))
        else:
            changes.append(Change(id, things[id].name, things[id].key, OperationalStatus(status)))
            continue
        findings.append(Finding("input.option", Severity.ERROR, Place(text), message, hint))
    if findings:
        raise InputError(findings)
    return changes


def send(instance: Instance, changes: Sequence[Change]) -> Iterator[Change]:
    """Sends one change after the other, and gives each that the instance has confirmed.

    Raises InputError at the first that it refuses; those given before it are done.
    """
    for change in changes:
        answer = instance.patch(TABLE, change.sys_id, {"operational_status": change.status.stored})
        if answer["operationalstatus"].stored != change.status.stored:
            message = f"the instance did not take the status of {change.name!r}"
            hint = "a business rule or an access rule of the instance may hold it back"
            raise InputError.single("estate.fetch", answer.place, message, hint)
        yield change


def _things(estate: Path) -> Mapping[str, _Thing]:
    file = estate / ACCOUNT if estate.is_dir() else estate
    document = documents(file)[0]
    try:
        account = _Account.model_validate(document.data)
    except ValidationError:
        message = "this is not the account of an import"
        raise InputError.single("estate.foreign", str(file), message, f"name the folder with {ACCOUNT}") from None
    if account.format != "servicenow":
        message = f"this estate was imported from {account.format}, whose things have no sys_id"
        raise InputError.single("estate.foreign", str(file), message, "import it from the CMDB")
    return account.things
