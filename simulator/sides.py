"""The three sides of an exercise as protocols, and the little that passes between them.

    estate  --signals-->  monitoring  --Delivered-->  response  --Command-->  estate
       \\--user reports------------------------------^

A side is modelled or real; the scenario does not change when one is swapped.  `Facts` is what everybody in the
organisation may know beforehand (documentation); `Reach` is how tools behave right now, asked by whoever uses one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import networkx as nx
import simpy

from timeline.commands import Action, Command
from timeline.events import Event
from topologies.estate import BusinessFunction, ComponentKind, StandbyPair
from topologies.parties import Vendor


@dataclass(frozen=True, slots=True)
class DeliveredAlert:
    """One alert in a notification, with the event in which it fired or was resolved."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    status: str
    event: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """A notification of the alert manager that reached its receiver."""

    event: int
    receiver: str
    status: str
    """`firing` or `resolved`."""
    group_key: str
    alerts: tuple[DeliveredAlert, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """The organisation's documentation of its estate: what may be known without looking."""

    graph: nx.DiGraph[str]
    """Edges from what depends to what it depends on.  Nodes are ids of components, pairs, groups, sites, and
    `function:<id>`; an edge carries `type`."""
    owners: Mapping[str, str]
    """Component (also pair, group) to team."""
    kinds: Mapping[str, ComponentKind]
    sites: Mapping[str, str]
    """Component to the site where it runs."""
    vendors_of: Mapping[str, str]
    """Component or site to the vendor that runs or repairs it."""
    functions: Mapping[str, BusinessFunction]
    pairs: Mapping[str, StandbyPair]
    vendors: Mapping[str, Vendor]
    cleared_by: Mapping[str, tuple[Action, ...]]
    """Kind of fault to the actions that end it: the runbook."""
    possible: Mapping[str, frozenset[Action]]
    """Actions that a component, pair, site or function allows at all."""
    malicious: frozenset[str] = frozenset()
    """Kinds of fault that are a successful malicious access to data."""
    log_signatures: Mapping[str, str] = field(default_factory=dict)
    """What a kind of fault leaves in logs, for whoever has found it."""
    workplaces: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Workplace to the functions whose people work there."""
    parties: Mapping[tuple[str, Action], str] = field(default_factory=dict)
    """Third parties that an action on a target needs, by its procedure."""
    timezone: str = "UTC"
    """Of the estate."""
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A fault in a component while it lasts, as its surroundings may notice it.  `event` is its `fault.started`."""

    id: str
    component: str
    log_signature: str
    event: int


class EstateSide(Protocol):
    """Takes commands and gives signals."""

    def start(self) -> None: ...

    def submit(self, command: Command) -> simpy.Event:
        """An event that fires with an `Outcome`.  An inspection is answered at once."""
        ...


class Reach(Protocol):
    """Whether a tool works for whoever uses it now.  Only asked at the moment of use."""

    def channel_works(self, channel: str) -> bool: ...

    def out_for_ms(self, person: str) -> int | None:
        """How long from now a person cannot attend to anything; None when nobody can say."""
        ...

    def log_signatures(self) -> Mapping[str, tuple[str, ...]] | None:
        """What the log platform finds that is unusual, by component; None while it does not work."""
        ...


class MonitoringSide(Protocol):
    """Watches the estate; hands what it notifies to the response."""

    def start(self) -> None: ...

    def signals_changed(self, at_ms: int) -> None:
        """Signals differ from `at_ms` on from what was expected before."""
        ...


class ResponseSide(Protocol):
    """Takes what is delivered and gives commands."""

    def start(self) -> None: ...

    def notify(self, notification: Delivered) -> None: ...

    def report(self, event: Event, function: str) -> None:
        """A user's report reached the service desk."""
        ...

    def place_lost(self, event: Event, site: str) -> None:
        """The people of a workplace have to leave it: `event` says so."""
        ...

    def learn(self, event: Event) -> None:
        """Somebody found out something that concerns whatever incident there is or was."""
        ...

    def inject(self, event: Event, role: str) -> None:
        """An item of the MSEL was delivered to whoever holds a role."""
        ...

    def finish(self) -> None:
        """ENDEX: what never began is put on record."""
        ...
