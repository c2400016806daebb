"""Typed references: what an event is about and who acted, written `kind:id` as in `component:core-db`."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class RefKind(StrEnum):
    """What a reference can name."""

    EXERCISE = "exercise"
    SCENARIO = "scenario"
    FAULT = "fault"
    INJECT = "inject"
    SITE = "site"
    COMPONENT = "component"
    FUNCTION = "function"
    VENDOR = "vendor"
    ALERT = "alert"
    RECEIVER = "receiver"
    INCIDENT = "incident"
    PERSON = "person"
    TEAM = "team"
    ROLE = "role"
    TASK = "task"
    AUDIENCE = "audience"
    CALLOUT = "callout"
    CHANNEL = "channel"
    OBLIGATION = "obligation"
    SLA = "sla"
    ACTION = "action"
    RISK = "risk"
    USERS = "users"
    SYSTEM = "system"
    DATA = "data"
    PROBLEM = "problem"
    AUTOMATION = "automation"
    FIELD = "field"
    STAGE = "stage"


class Reference(NamedTuple):
    """A named thing.  Groups and standby pairs are components: whoever depends on them need not know the difference."""

    kind: RefKind
    id: str

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Raises ValueError when the text is not `kind:id` with a known kind."""
        kind, colon, id = text.partition(":")
        if not colon or not id:
            raise ValueError(f"{text!r} is not a reference; write kind:id, like component:core-db")
        try:
            return cls(RefKind(kind), id)
        except ValueError:
            raise ValueError(f"{kind!r} is not a kind of reference; known: {', '.join(RefKind)}") from None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def component(id: str) -> Reference:
    return Reference(RefKind.COMPONENT, id)


def function(id: str) -> Reference:
    return Reference(RefKind.FUNCTION, id)


def site(id: str) -> Reference:
    return Reference(RefKind.SITE, id)


def person(id: str) -> Reference:
    return Reference(RefKind.PERSON, id)


def incident(id: str) -> Reference:
    return Reference(RefKind.INCIDENT, id)


def task(id: str) -> Reference:
    return Reference(RefKind.TASK, id)


def data_set(id: str) -> Reference:
    """What a component or pair holds."""
    return Reference(RefKind.DATA, id)


def problem(id: str) -> Reference:
    return Reference(RefKind.PROBLEM, id)


def automation(id: str) -> Reference:
    return Reference(RefKind.AUTOMATION, id)


def incident_field(id: str) -> Reference:
    """A field of the record of an incident."""
    return Reference(RefKind.FIELD, id)


def fault(id: str) -> Reference:
    return Reference(RefKind.FAULT, id)


SCENARIO = Reference(RefKind.SCENARIO, "scenario")
"""The actor of everything that the scenario itself makes happen."""
ESTATE = Reference(RefKind.SYSTEM, "estate")
MONITORING = Reference(RefKind.SYSTEM, "monitoring")
ITSM = Reference(RefKind.SYSTEM, "itsm")
"""The tool in which incidents are kept, where it acts by itself."""
USERS = Reference(RefKind.USERS, "users")
