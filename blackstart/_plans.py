"""From files to the plan of an exercise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reports.measures import MEASURES
from scenarios.loading import LoadedScenario, load_scenario
from simulator.exercise import ExercisePlan
from simulator.monitoring.alertmanager import load_config
from simulator.monitoring.rules import groups_of
from simulator.monitoring.side import MonitoringFiles
from simulator.monitoring.slo import objectives_of, objectives_of_services
from simulator.monitoring.telemetry import PROFILES
from timeline.details import RiskLink
from topologies.canonical import canonical
from topologies.loading.overlay import Given


def load(scenario: str | Path, *, estate: str | Path | None = None, settings: Sequence[Given] = ()) -> LoadedScenario:
    """A scenario, by the name of a shipped one or a path, with its estate, organisation and playbook.

    `estate` puts another estate in place of the scenario's own; `settings` are `path=value` as for `--set`, or
    those of an overlay file.
    Raises InputError with everything that is wrong in any of the files.
    """
    return load_scenario(scenario, estate=estate, settings=settings, measures=set(MEASURES), profiles=set(PROFILES))


def plan_of(loaded: LoadedScenario) -> ExercisePlan:
    """What the simulator plays.  Raises InputError when rules, SLOs or Alertmanager configuration cannot be read.

    Rule groups keep only the name of their file: it decides when they are evaluated, and the folder must not matter.
    """
    estate = loaded.estate
    groups = [replace(group, file=Path(group.file).name) for group in groups_of(estate.rules)]
    config = load_config(estate.alertmanager) if estate.alertmanager is not None else None
    return ExercisePlan(
        name=loaded.name,
        scenario=canonical(loaded.scenario),
        estate_name=estate.name,
        estate=canonical(estate.topology),
        organisation=canonical(estate.organisation),
        monitoring=MonitoringFiles(groups, config, estate.profiles),
        playbook=canonical(loaded.playbook) if loaded.playbook is not None else None,
        slos=objectives_of_services(objectives_of(estate.slos), estate.topology),
        obligations={id: estate.obligations[id] for id in sorted(estate.obligations)},
        tickets={id: estate.tickets[id] for id in sorted(estate.tickets)},
        automations={id: canonical(estate.automations[id]) for id in sorted(estate.automations)},
        risks=risks_of(loaded),
    )


def risks_of(loaded: LoadedScenario) -> tuple[RiskLink, ...]:
    """What the register says of the risks that a scenario tries; nothing where nobody would look at it."""
    register = loaded.estate.register
    if register is None and loaded.estate.organisation.after_incident is None:
        return ()
    known = {} if register is None else register.risks
    return tuple(
        RiskLink(id, known[id].title, known[id].owner) if id in known else RiskLink(id) for id in loaded.scenario.risks
    )
