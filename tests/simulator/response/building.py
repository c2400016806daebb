"""An organisation at work on a scripted estate, in one line: the response is real, only what it looks at is played.

web -> api -> db, all owned by team `crew`; the function `shop` stands on web
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import networkx as nx
import simpy

from scenarios.experience import NOBODY_EXERCISED, PastExercises
from scenarios.faults import FAULTS
from scenarios.models import Playbook
from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.response import Response
from simulator.sides import Delivered, DeliveredAlert, Facts
from timeline.commands import Action, Command, Observation, Outcome, Verdict
from timeline.details import AlertDetail, CommandDetail, FaultDetail, MessageDetail, NotificationDetail
from timeline.events import Event
from timeline.instants import HOUR, MINUTE
from timeline.journal import Timeline
from timeline.references import MONITORING, SCENARIO, USERS, Reference, RefKind, function
from topologies.automations import Automation
from topologies.estate import BusinessFunction, ComponentKind
from topologies.organisation import Organisation
from topologies.parties import Vendor
from topologies.triage import Ticket

TUESDAY_TEN = datetime(2026, 3, 10, 10, 0, tzinfo=ZoneInfo("Europe/Vienna"))
WELL = Observation("up", None, ())
CHAIN = (("function:shop", "web"), ("web", "api"), ("api", "db"))
COMPONENTS = ("web", "api", "db", "printer")


def suffers(*others: str) -> Observation:
    return Observation("down", None, others)


def broken(fault: str) -> Observation:
    return Observation("down", fault, ())


def database_crash() -> dict[str, Observation]:
    """What looks show while the database is down."""
    return {
        "function:shop": suffers("web"),
        "web": suffers("api"),
        "api": suffers("db"),
        "db": broken("crash"),
    }


class ScriptedEstate:
    """Shows what it is told to show.  An action takes ten minutes; one that clears the fault makes everything well, or
    as `shows_after_repair` says."""

    def __init__(self, kernel: Kernel, shows: Mapping[str, Observation]) -> None:
        self.kernel = kernel
        self.shows = dict(shows)
        self.shows_after_repair: dict[str, Observation] = {}
        self.commands: list[Command] = []

    def start(self) -> None:
        """Nothing runs here by itself."""

    def submit(self, command: Command) -> simpy.Event:
        if command.action is Action.INSPECT:
            target = command.target
            node = str(target) if target.kind is RefKind.FUNCTION else target.id
            done = self.kernel.env.event()
            return done.succeed(Outcome(Verdict.COMPLETED, command.cause, observation=self.shows.get(node, WELL)))
        self.commands.append(command)
        return self.kernel.env.process(self._carry_out(command))

    def _carry_out(self, command: Command) -> Any:
        detail = CommandDetail(command.action, command.target.id, command.incident)
        submitted = self.kernel.emit("command.submitted", command.target, command.actor, detail, [command.cause])
        yield self.kernel.env.timeout(10 * MINUTE)
        fault = self.shows.get(command.target.id, WELL).own_fault
        if fault is not None and command.action in FAULTS[fault].cleared_by:
            self.shows = dict(self.shows_after_repair)
        ended = self.kernel.emit("command.completed", command.target, command.actor, detail, [submitted.seq])
        return Outcome(Verdict.COMPLETED, ended.seq)


class Channels:
    """Contact channels, of which those in `dead` do not work, and people, of whom those in `out` are out for so long
    (in ms; None: absent).  `logs` is what the log platform finds; without it there is none."""

    def __init__(
        self,
        dead: tuple[str, ...] = (),
        out: Mapping[str, int | None] | None = None,
        logs: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.dead = dead
        self.out = out or {}
        self.logs = logs

    def channel_works(self, channel: str) -> bool:
        return channel not in self.dead

    def out_for_ms(self, person: str) -> int | None:
        return self.out.get(person, 0)

    def log_signatures(self) -> Mapping[str, tuple[str, ...]] | None:
        return self.logs


def person(team: str | None = "crew", skill: float = 1.0, **fields: Any) -> dict[str, Any]:
    answer = {"day": "1m", "night": "1m", **fields.pop("answer", {})}
    data = {"title": "engineer", "timezone": "Europe/Vienna", "skills": {"*": skill}, "contact": ["push"]}
    return {**data, "answer": answer, "team": team, **fields}


def organisation(**sections: Any) -> dict[str, Any]:
    """Ann of the crew is on call; Max may manage incidents; a minute for everything."""
    return {
        "format": "blackstart/organisation/1",
        "title": "test",
        "people": {"ann": person(), "max": person(None)},
        "teams": {"crew": {"title": "Crew", "policy": "crew"}},
        "policies": {
            "crew": {"title": "crew", "steps": [{"people": ["ann"], "wait": "5m"}]},
            "managers": {"title": "managers", "steps": [{"people": ["max"], "wait": "5m"}]},
        },
        "receivers": {"crew-pager": "crew"},
        "channels": {"push": {"title": "push", "latency": "10s", "failure": 0.0}},
        "roles": {"incident-manager": {"title": "Incident manager", "policy": "managers"}},
        "authority": [{"action": action, "teams": ["crew"]} for action in ("restart", "roll-back", "repair")],
        "severities": [
            {"severity": "sev1", "title": "a function is down", "functions_disrupted": 1, "major": True},
            {"severity": "sev3", "title": "no function is down", "otherwise": True},
        ],
        "working": dict.fromkeys(
            ("triage", "validation", "check", "check_unskilled", "decision", "verification"), "1m"
        ),
        **sections,
    }


def playbook(starts: dict[str, Any] | None = None, **tasks: dict[str, Any]) -> Playbook:
    tasks = {id: {"title": id, "role": "incident-manager", "takes": "1m", **task} for id, task in tasks.items()}
    data = {"format": "blackstart/playbook/1", "title": "test", "tasks": tasks, "starts": starts or {}}
    return Playbook.model_validate(data)


def facts(edges: tuple[tuple[str, str], ...] = CHAIN, vendors_of: Mapping[str, str] | None = None) -> Facts:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(COMPONENTS)
    graph.add_edges_from(edges, type="hard")
    shop = {"title": "Shop", "owner": "crew", "supported_by": {"web": {"type": "hard"}}}
    vendor = Vendor.model_validate({"title": "a third party", "provides": "repairs", "response": "30m"})
    return Facts(
        graph=graph,
        owners=dict.fromkeys(COMPONENTS, "crew"),
        kinds=dict.fromkeys(COMPONENTS, ComponentKind.SERVICE),
        sites={},
        vendors_of=vendors_of or {},
        functions={"shop": BusinessFunction.model_validate(shop)},
        pairs={},
        vendors=dict.fromkeys((vendors_of or {}).values(), vendor),
        cleared_by={id: kind.cleared_by for id, kind in FAULTS.items()},
        possible=dict.fromkeys(COMPONENTS, frozenset(Action)),
        log_signatures={id: kind.log_signature for id, kind in FAULTS.items()},
        malicious=frozenset(id for id, kind in FAULTS.items() if kind.malicious),
    )


class Rig:
    """The response on a scripted estate: deliver things, `play`, then ask what happened."""

    def __init__(
        self,
        shows: Mapping[str, Observation] | None = None,
        org: Mapping[str, Any] | None = None,
        *,
        plan: Playbook | None = None,
        documentation: Facts | None = None,
        dead_channels: tuple[str, ...] = (),
        out: Mapping[str, int | None] | None = None,
        automations: Mapping[str, Any] | None = None,
        logs: Mapping[str, tuple[str, ...]] | None = None,
        past: PastExercises = NOBODY_EXERCISED,
        seed: int = 1,
        tickets: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.timeline = Timeline()
        self.labels: dict[str, str] = {}
        """Labels of every alert beside its name and component."""
        self.kernel = Kernel(self.timeline, Streams(seed), TUESDAY_TEN)
        self.kernel.emit("fault.started", Reference(RefKind.FAULT, "f"), SCENARIO, FaultDetail("crash", "db"))
        self.estate = ScriptedEstate(self.kernel, database_crash() if shows is None else shows)
        self.response = Response(
            self.kernel,
            Organisation.model_validate(org or organisation()),
            documentation or facts(),
            plan,
            self.estate,
            Channels(dead_channels, out, logs),
            TUESDAY_TEN,
            tickets={id: Ticket.model_validate(ticket) for id, ticket in (tickets or {}).items()},
            automations={id: Automation.model_validate(rule) for id, rule in (automations or {}).items()},
            past=past,
        )
        self.response.start()

    def alert(
        self,
        component: str,
        at_ms: int = MINUTE,
        receiver: str = "crew-pager",
        name: str = "Down",
        says: str = "",
        source: str = "",
    ) -> Rig:
        self.kernel.call_at(at_ms, lambda: self._notify(component, receiver, name, "firing", says, source))
        return self

    def resolved(self, component: str, at_ms: int, receiver: str = "crew-pager", name: str = "Down") -> Rig:
        self.kernel.call_at(at_ms, lambda: self._notify(component, receiver, name, "resolved"))
        return self

    def reports(self, count: int, at_ms: int = MINUTE) -> Rig:
        """Users report that the shop does not work."""

        def arrive() -> None:
            text = MessageDetail("service-desk", "users", "service-desk", "Shop does not work", count=count)
            self.response.report(self.kernel.emit("report.received", function("shop"), USERS, text, [0]), "shop")

        self.kernel.call_at(at_ms, arrive)
        return self

    def inject(self, role: str, at_ms: int) -> Rig:
        def arrive() -> None:
            words = MessageDetail("phone", "guard", role, "Something is wrong")
            subject = Reference(RefKind.INJECT, "call")
            self.response.inject(self.kernel.emit("inject.delivered", subject, SCENARIO, words, [0]), role)

        self.kernel.call_at(at_ms, arrive)
        return self

    def play(self, hours: float = 8) -> Rig:
        self.kernel.env.run(until=int(hours * HOUR))
        self.response.finish()
        return self

    def _notify(self, component: str, receiver: str, name: str, status: str, says: str = "", source: str = "") -> None:
        labels = {"alertname": name, "component": component, **self.labels, **({"source": source} if source else {})}
        annotations = {"summary": says} if says else {}
        alert = AlertDetail(name, tuple(labels.items()), tuple(annotations.items()), None, self.kernel.now(), name)
        event = self.kernel.emit(f"alert.{status}", Reference(RefKind.ALERT, name), MONITORING, alert, [0])
        group = f"{name}/{component}"
        sent = self.kernel.emit(
            "notification.sent",
            Reference(RefKind.RECEIVER, receiver),
            MONITORING,
            NotificationDetail(receiver, group, status, (name,)),
            [event.seq],
        )
        alerts = (DeliveredAlert(labels, annotations, status, event.seq),)
        self.response.notify(Delivered(sent.seq, receiver, status, group, alerts))

    # What happened

    def kinds(self, *families: str) -> list[str]:
        """Kinds of the events of these families, in order."""
        return [event.kind for event in self.timeline if event.family in families]

    def of(self, kind: str) -> list[Event]:
        return self.timeline.of_kind(kind)

    def minutes(self, kind: str) -> list[float]:
        return [event.at_ms / MINUTE for event in self.of(kind)]
