"""One exercise: three sides on one kernel, one timeline.

`run_exercise` composes the modelled estate, monitoring and response, plays the scenario and returns the timeline.  It
reads no file and asks no clock: what it needs is in the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from scenarios.experience import NOBODY_EXERCISED, PastExercises
from scenarios.faults import FAULTS
from scenarios.models import Playbook, Recorded, Scenario, ScenarioFault
from scenarios.triage.fault_modes import MODE_OF_FAULT
from simulator.aftermath import Aftermath
from simulator.estate import ModelledEstate, catalogued_graph, possible_actions
from simulator.impact import ImpactObserver
from simulator.injects import InjectDesk
from simulator.kernel import Kernel
from simulator.monitoring.rules.dependencies import furthest_back_ms
from simulator.monitoring.side import ModelledMonitoring, MonitoringFiles
from simulator.policies import clients_of, problem_rule, severity_rows, stage_triggers
from simulator.randomness import Streams
from simulator.response import Response
from simulator.sides import Delivered, Facts, MonitoringSide, ResponseSide
from simulator.signals import SignalBoard
from timeline.details import (
    ExerciseDetail,
    FaultMode,
    FunctionAnalysis,
    ImpactMark,
    ObjectiveDetail,
    ObjectiveOfService,
    PlaybookTask,
    RecordedMoment,
    Retention,
    RiskLink,
    Target,
)
from timeline.events import Event
from timeline.instants import HOUR, from_wall
from timeline.journal import Timeline
from timeline.references import SCENARIO, Reference, RefKind
from topologies.automations import Automation
from topologies.bia import Tolerance
from topologies.classification import Setting
from topologies.estate import BusinessFunction, Estate, SiteKind
from topologies.obligations import Obligation
from topologies.organisation import Organisation
from topologies.recovery import Procedures
from topologies.triage import Ticket

WARM_MS = 2 * HOUR
"""How long the estate has been well before the exercise, at least."""
MODELLED = "modelled"


@dataclass(frozen=True, slots=True)
class ExercisePlan:
    """Everything that one simulated exercise is made of.  `name` and `estate_name` are how the files are called."""

    name: str
    scenario: Scenario
    estate_name: str
    estate: Estate
    organisation: Organisation
    monitoring: MonitoringFiles
    playbook: Playbook | None
    slos: tuple[ObjectiveOfService, ...] = ()
    obligations: Mapping[str, Obligation] = field(default_factory=dict)
    """Reports to authorities that apply to the organisation."""
    tickets: Mapping[str, Ticket] = field(default_factory=dict)
    """Past tickets that the triage bot knows."""
    automations: Mapping[str, Automation] = field(default_factory=dict)
    """What its ITSM does by itself."""
    past: PastExercises = NOBODY_EXERCISED
    """What people have learned before."""
    risks: tuple[RiskLink, ...] = ()
    """What the organisation's register says of the risks that the scenario tries."""


def run_exercise(plan: ExercisePlan, seed: int, *, replication: int = 0, timeline: Timeline | None = None) -> Timeline:
    """Plays the scenario from its start to its end.  Events go to `timeline`, a new one when none is given."""
    exercise = Exercise(plan, seed, replication, Timeline() if timeline is None else timeline)
    exercise.run()
    return exercise.timeline


class Exercise:
    """The composed exercise: `run` plays it."""

    def __init__(self, plan: ExercisePlan, seed: int, replication: int, timeline: Timeline) -> None:
        self.plan = plan
        self.timeline = timeline
        self._seed = seed
        scenario, until_ms = plan.scenario, plan.scenario.duration
        self._silent = {id: fault for id, fault in scenario.faults.items() if _lies_hidden(fault)}
        """Faults from before STARTEX that show nothing: until then nobody finds them, and all is as usual."""
        self._lively = {id: fault for id, fault in scenario.faults.items() if id not in self._silent}
        start_ms = min([0, *(fault.at for fault in scenario.faults.values())])
        self._lively_from_ms = min([0, *(fault.at for fault in self._lively.values())])
        self.kernel = Kernel(timeline, Streams(seed, replication), scenario.epoch, start_ms=start_ms)
        board = SignalBoard(begins_ms=self._lively_from_ms - warm_ms(plan.monitoring))
        self.estate = ModelledEstate(
            self.kernel, plan.estate, board, self._signals_changed, self._report, self._place_lost, until_ms=until_ms
        )
        self.monitoring: MonitoringSide = ModelledMonitoring(
            self.kernel,
            plan.estate,
            plan.monitoring,
            board,
            self.estate,
            self._notify,
            until_ms=until_ms,
            from_ms=self._lively_from_ms,
        )
        self.response: ResponseSide = Response(
            self.kernel,
            plan.organisation,
            facts_of(plan.estate),
            plan.playbook,
            self.estate,
            _Reach(plan.organisation, self.estate),
            scenario.epoch,
            plan.obligations,
            plan.tickets,
            plan.automations,
            plan.past,
        )
        self._observer = (
            ImpactObserver(self.kernel, plan.obligations, _settings(plan), self.response.learn)
            if plan.obligations
            else None
        )

    def run(self) -> None:
        started = self.kernel.emit(
            "exercise.started",
            Reference(RefKind.EXERCISE, self.plan.name),
            SCENARIO,
            describe(self.plan, self._seed),
        )
        if self._observer is not None:
            self._observer.start()
        self.estate.schedule(self._silent)
        if self.kernel.now() < self._lively_from_ms:
            self.kernel.env.run(until=self._lively_from_ms)
        self.estate.start()
        self.monitoring.start()
        self.response.start()
        self.estate.schedule(self._lively)
        InjectDesk(self.kernel, self.plan.scenario.injects, self.response.inject, started.seq).start()
        self.kernel.env.run(until=self.plan.scenario.duration + 1)
        self.response.finish()
        self.kernel.emit("exercise.ended", Reference(RefKind.EXERCISE, self.plan.name), SCENARIO, causes=[started.seq])
        self._play_aftermath()

    def _play_aftermath(self) -> None:
        organisation, policy = self.plan.organisation, self.plan.organisation.after_incident
        if policy is None:
            return
        kernel = Kernel(self.timeline, self.kernel.streams, self.kernel.epoch, start_ms=self.kernel.now())
        owners = facts_of(self.plan.estate).owners
        Aftermath(kernel, organisation, policy, owners, self.plan.risks).run()

    def _signals_changed(self) -> None:
        self.monitoring.signals_changed(self.kernel.now())

    def _notify(self, notification: Delivered) -> None:
        self.response.notify(notification)

    def _report(self, event: Event, function: str) -> None:
        self.response.report(event, function)

    def _place_lost(self, event: Event, site: str) -> None:
        self.response.place_lost(event, site)


def _lies_hidden(fault: ScenarioFault) -> bool:
    return fault.at < 0 and FAULTS[fault.fault].effect_of(fault.parameters).silent


class _Reach:
    """Contact channels and people as they are now: channels need components of the estate, people sit at sites."""

    def __init__(self, organisation: Organisation, estate: ModelledEstate) -> None:
        self._organisation = organisation
        self._estate = estate

    def channel_works(self, channel: str) -> bool:
        return all(self._estate.serving(id) for id in self._organisation.channels[channel].needs)

    def out_for_ms(self, person: str) -> int | None:
        return self._estate.workplaces.out_for_ms(person, self._organisation.people[person])

    def log_signatures(self) -> Mapping[str, tuple[str, ...]] | None:
        platform = self._estate.model.platform.logs
        if platform is None or not self._estate.serving(platform):
            return None
        found: dict[str, tuple[str, ...]] = {}
        for trouble in self._estate.disturbances():
            found[trouble.component] = (*found.get(trouble.component, ()), trouble.log_signature)
        return found


def _settings(plan: ExercisePlan) -> dict[str, Setting]:
    """What each obligation classifies against."""
    estate, epoch = plan.estate, plan.scenario.epoch
    zone, duties = ZoneInfo(estate.timezone), plan.organisation.obligations
    return {
        id: Setting(estate.functions, epoch, zone, estate.currency, duties[id].complaints) for id in plan.obligations
    }


def warm_ms(files: MonitoringFiles) -> int:
    """How long the estate has been well before the exercise: as far as any rule looks back, so that a window over six
    hours does not take ten bad minutes for half of what there is."""
    return max(WARM_MS, furthest_back_ms(rule for group in files.groups for rule in group.rules))


def facts_of(estate: Estate) -> Facts:
    """What documentation says about an estate."""
    owners = [(id, node.owner) for id, node in estate.components.items()]
    owners += [(id, node.owner) for id, node in estate.standby_pairs.items()]
    owners += [(id, node.owner) for id, node in estate.groups.items()]
    vendors = [(id, component.vendor) for id, component in estate.components.items()]
    vendors += [(id, place.vendor) for id, place in estate.sites.items()]
    return Facts(
        graph=catalogued_graph(estate),
        owners={id: owner for id, owner in owners if owner is not None},
        kinds={id: component.kind for id, component in estate.components.items()},
        sites={id: component.site for id, component in estate.components.items() if component.site is not None},
        workplaces=_workplaces(estate),
        vendors_of={id: vendor for id, vendor in vendors if vendor is not None},
        functions=estate.functions,
        pairs=estate.standby_pairs,
        vendors=estate.vendors,
        cleared_by={id: kind.cleared_by for id, kind in FAULTS.items()},
        possible=possible_actions(estate),
        malicious=frozenset(id for id, kind in FAULTS.items() if kind.malicious),
        log_signatures={id: kind.log_signature for id, kind in FAULTS.items()},
        parties={
            (id, action): procedure.party
            for id, procedures in _procedures(estate)
            for action, procedure in procedures.items()
            if procedure.party is not None
        },
        timezone=estate.timezone,
        currency=estate.currency,
    )


def _workplaces(estate: Estate) -> dict[str, frozenset[str]]:
    places: dict[str, set[str]] = {id: set() for id, site in estate.sites.items() if site.kind is SiteKind.WORKPLACE}
    for id, function in estate.functions.items():
        for need in (function.workforce or {}).values():
            for group in need.groups.values():
                places.setdefault(group.site, set()).add(id)
    return {id: frozenset(functions) for id, functions in places.items()}


def _analysis(id: str, function: BusinessFunction) -> FunctionAnalysis:
    tolerance = function.tolerance or Tolerance.model_construct()
    return FunctionAnalysis(
        function=id,
        impact=tuple(
            ImpactMark(category, point.after, point.level, point.amount)
            for category, curve in function.impact.items()
            for point in curve.points
        ),
        tolerated_outage_ms=tolerance.outage,
        tolerated_backlog_ms=tolerance.backlog,
    )


def _procedures(estate: Estate) -> Iterator[tuple[str, Procedures]]:
    yield from ((id, component.procedures) for id, component in estate.components.items())
    yield from ((id, pair.procedures) for id, pair in estate.standby_pairs.items())


def describe(plan: ExercisePlan, seed: int) -> ExerciseDetail:
    """What the scorer must know, for `exercise.started`."""
    scenario = plan.scenario
    return ExerciseDetail(
        scenario=plan.name,
        title=scenario.title,
        estate=plan.estate_name,
        seed=seed,
        epoch=scenario.epoch.isoformat(),
        duration_ms=scenario.duration,
        evidence_class=MODELLED,
        objectives=tuple(
            ObjectiveDetail(
                id=id,
                title=objective.title,
                weight=objective.weight,
                targets=tuple(Target(t.measure, t.at_most, t.at_least, t.subject) for t in objective.targets),
                critical_tasks=objective.critical_tasks,
                practices=objective.practices,
            )
            for id, objective in scenario.objectives.items()
        ),
        tasks=tuple(
            PlaybookTask(id, task.title, task.critical, task.expected)
            for id, task in (plan.playbook.tasks.items() if plan.playbook else ())
        ),
        functions=tuple(plan.estate.functions),
        practices=scenario.practices,
        recorded=tuple(_recorded(name, moment, scenario.epoch) for name, moment in scenario.recorded.items()),
        version=version("blackstart"),
        slos=plan.slos,
        analyses=tuple(
            _analysis(id, function)
            for id, function in plan.estate.functions.items()
            if function.impact or function.tolerance is not None
        ),
        failure_modes=tuple(
            FaultMode(kind, MODE_OF_FAULT[kind]) for kind in sorted({fault.fault for fault in scenario.faults.values()})
        )
        if plan.organisation.triage_bot is not None
        else (),
        severities=severity_rows(plan.organisation),
        clients=clients_of(plan.estate, plan.organisation),
        stage_triggers=stage_triggers(plan.organisation),
        problem_rule=problem_rule(plan.organisation, scenario.epoch),
        risks=plan.risks,
        retention=tuple(Retention(data_class, years) for data_class, years in plan.organisation.retention.items()),
    )


def _recorded(milestone: str, moment: Recorded, epoch: datetime) -> RecordedMoment:
    at_ms, beside = from_wall(moment.at, epoch), moment.shown_by
    kind, subject = ("", "") if beside is None else (beside.kind, beside.subject)
    return RecordedMoment(milestone, at_ms, moment.source, moment.fitted, kind, subject)
