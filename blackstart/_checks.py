"""Whether files can be loaded, and where they are weak, without running anything.

What a path holds is told by its `format` line, by the version line of OpenSLO, or by the sections that native files of
Prometheus and Alertmanager begin with.  A folder with a `topology.yaml` is an estate; of any other folder every YAML
file is checked.  Schedules that pagers export are told by their content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from reports.measures import MEASURES
from scenarios.checks import check_scenario
from scenarios.history.incident import read_incident
from scenarios.history.incident.manifest import FORMAT as INCIDENT
from scenarios.history.incident.manifest import MANIFEST, Manifest
from scenarios.loading import known_names, load_scenario
from scenarios.models import FORMAT as SCENARIO
from scenarios.models import PLAYBOOK_FORMAT as PLAYBOOK
from scenarios.models import Playbook
from scenarios.shipped import shipped_scenarios
from simulator.agreements import Agreed, check_agreements
from simulator.monitoring.alertmanager import (
    AlertmanagerConfig,
    config_findings,
    load_config,
    read_config,
    rule_findings,
)
from simulator.monitoring.rules import AlertingRule, RuleGroup, groups_of, load_rule_file
from simulator.monitoring.rules.versions import version_findings
from simulator.monitoring.slo import Objective, check_objectives, is_openslo, objectives_of, objectives_of_services
from simulator.monitoring.telemetry import PROFILES
from simulator.response.oncall.findings import Duty, check_duty
from timeline.findings import Finding, InputError, Place, nearest
from topologies.automations import FORMAT as AUTOMATIONS
from topologies.automations import Automations
from topologies.checks import check_estate
from topologies.estate import FORMAT as TOPOLOGY
from topologies.expectations import FORMAT as EXPECTATIONS
from topologies.expectations import Expectations
from topologies.importers.oncall import Window, import_roster, is_native
from topologies.loading.document import Document, read_document, read_documents
from topologies.loading.estate import ORGANISATION as ORGANISATION_FILE
from topologies.loading.estate import LoadedEstate, build, load_estate
from topologies.loading.gathering import Gathered
from topologies.loading.nodes import Step
from topologies.loading.references import declared
from topologies.loading.validation import validate
from topologies.obligations import FORMAT as OBLIGATIONS
from topologies.obligations import Obligation
from topologies.organisation import FORMAT as ORGANISATION
from topologies.organisation import Organisation
from topologies.shipped import TOPOLOGY as TOPOLOGY_FILE
from topologies.shipped import shipped_estates
from topologies.telemetry import FORMAT as PROFILE
from topologies.telemetry import TelemetryProfile
from topologies.triage import FORMAT as TICKETS
from topologies.triage import TicketFile

_YAML = (".yaml", ".yml")


def check(path: str | Path) -> list[Finding]:
    """Findings on an estate, a scenario, or any file of theirs, by the name of a shipped one or by path.

    A scenario brings its estate with it.  Raises InputError with everything that cannot be read.
    """
    name = str(path)
    if name in shipped_estates():
        return _estate(name)
    if name in shipped_scenarios():
        return _scenario(name)
    place = Path(path)
    if not place.is_dir():
        return _file(place)
    if (place / TOPOLOGY_FILE).is_file():
        return _estate(place)
    return _folder(place)


def _folder(folder: Path) -> list[Finding]:
    gathered, found = Gathered(), list[Finding]()
    within = [*folder.rglob(TOPOLOGY_FILE)]
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix in _YAML and not any(file.is_relative_to(estate.parent) for estate in within)
    ]
    if not files and not within:
        hint = "give an estate, a scenario, or a folder that holds some"
        raise InputError.single("input.not-found", str(folder), "there are no YAML files in this folder", hint)
    for estate in sorted(within):
        found += gathered.attempt(partial(_estate, estate)) or []
    for file in files:
        found += gathered.attempt(partial(_file, file)) or []
    gathered.complete()
    found += _together(files)
    return list(dict.fromkeys(found))


def _file(path: Path) -> list[Finding]:
    if not path.exists():
        shipped = [*shipped_estates(), *shipped_scenarios()]
        hint = nearest(path.stem, shipped) or "`blackstart list estates` and `list scenarios` show what is shipped"
        raise InputError.single("input.not-found", str(path), "there is no such file, estate or scenario", hint)
    if is_native(path):
        return _export(path)
    document = read_documents(path)[0]
    data = document.data if isinstance(document.data, dict) else {}
    by_format: dict[object, Callable[[], list[Finding]]] = {
        TOPOLOGY: lambda: _estate(path),
        SCENARIO: lambda: _scenario(path),
        ORGANISATION: lambda: _organisation(path),
        PLAYBOOK: lambda: _only_valid(path, Playbook),
        EXPECTATIONS: lambda: _only_valid(path, Expectations),
        OBLIGATIONS: lambda: _only_valid(path, Obligation),
        TICKETS: lambda: _only_valid(path, TicketFile),
        AUTOMATIONS: lambda: _only_valid(path, Automations),
        PROFILE: lambda: _only_valid(path, TelemetryProfile),
        INCIDENT: lambda: _record(path),
    }
    kind = data.get("format")
    if isinstance(kind, str) and kind in by_format:
        return by_format[kind]()
    if is_openslo(document):
        objectives_of(read_documents(path))
        return []
    if "groups" in data or str(data.get("kind", "")).startswith(("PrometheusRule", "List")):
        return version_findings(load_rule_file(path))
    if "route" in data or "receivers" in data:
        return config_findings(load_config(read_document(path)))
    if data.get("kind") in ("Alertmanager", "AlertmanagerConfig", "AlertmanagerConfigList"):
        read_config([path])
        return []
    raise _unknown_kind(document, kind, [str(known) for known in by_format])


def _estate(source: str | Path) -> list[Finding]:
    return _loaded_estate(load_estate(source, known=known_names(PROFILES)))


def _loaded_estate(estate: LoadedEstate) -> list[Finding]:
    native = _read_native(estate)
    monitoring = estate.topology.monitoring
    versions = version_findings(native.groups, monitoring.scrape_interval)
    routing = _routing(native.config, native.groups, monitoring.external_labels)
    slos = check_objectives(native.objectives, native.groups)
    agreements = check_agreements(Agreed(estate, _now()))
    return [*check_estate(estate), *versions, *routing, *slos, *_duty(estate), *agreements]


def _routing(
    config: AlertmanagerConfig | None, groups: Sequence[RuleGroup], external_labels: Mapping[str, str]
) -> list[Finding]:
    """What is weak in a configuration, by itself and for these rules."""
    if config is None:
        return []
    return [*config_findings(config), *rule_findings(config, _alerts(groups), external_labels)]


def _duty(estate: LoadedEstate) -> list[Finding]:
    """On-call duty from now on."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for component in estate.topology.components.values():
        if component.owner is not None:
            kinds[component.owner].add(component.kind)
    owned = {team: frozenset(found) for team, found in kinds.items()}
    return check_duty(Duty(estate.organisation, _placed_in(estate.organisation_document), _now(), owned))


def _now() -> datetime:
    """Schedules are looked at by the minute."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _placed_in(document: Document) -> Callable[[Sequence[Step]], Place]:
    return lambda path: document.place(path, key=True)


def _export(path: Path) -> list[Finding]:
    """A schedule that a pager exported: what it leaves open, and its duty from now on."""
    now = _now()
    imported = import_roster(path, Window.around(now))
    duty = Duty(imported.roster, lambda _: Place(str(path)), now, rendered=imported.rendered)
    return [*imported.remarks, *check_duty(duty)]


def _scenario(source: str | Path) -> list[Finding]:
    loaded = load_scenario(source, measures=set(MEASURES), profiles=set(PROFILES))
    return [*check_scenario(loaded), *_loaded_estate(loaded.estate)]


def _organisation(path: Path) -> list[Finding]:
    """An organisation is checked with its estate where it stands beside one."""
    if path.name == ORGANISATION_FILE and (path.parent / TOPOLOGY_FILE).is_file():
        return _estate(path.parent)
    document, gathered = read_document(path), Gathered()
    organisation = build(document, Organisation, declared(document, Organisation), gathered)
    gathered.complete()
    assert organisation is not None, "what cannot be built has been reported"
    return check_duty(Duty(organisation, _placed_in(document), _now()))


def _only_valid(
    path: Path,
    model: type[Playbook | Expectations | Obligation | TicketFile | Automations | TelemetryProfile | Manifest],
) -> list[Finding]:
    """Names in such a file lead into others, which only an estate or a scenario brings together."""
    validate(read_document(path), model)
    return []


def _record(path: Path) -> list[Finding]:
    """A record of an incident is checked with its files, where the manifest lies among them under its own name."""
    if path.name == MANIFEST:
        return list(read_incident(path.parent).findings)
    return _only_valid(path, Manifest)


@dataclass(frozen=True, slots=True)
class _Native:
    """The native files of an estate, by the models of the side that runs them."""

    groups: list[RuleGroup]
    objectives: list[Objective]
    config: AlertmanagerConfig | None


def _read_native(estate: LoadedEstate) -> _Native:
    gathered = Gathered()
    groups = gathered.attempt(lambda: groups_of(estate.rules))
    objectives = gathered.attempt(lambda: objectives_of(estate.slos))
    gathered.attempt(lambda: objectives_of_services(objectives or [], estate.topology))
    config = None
    if estate.alertmanager is not None:
        config = gathered.attempt(partial(load_config, estate.alertmanager))
    gathered.complete()
    return _Native(groups or [], objectives or [], config)


def _together(files: Sequence[Path]) -> list[Finding]:
    """The rule files of a folder seen with its Alertmanager configuration, if it has one."""
    configs: list[AlertmanagerConfig] = []
    groups: list[RuleGroup] = []
    for file in files:
        documents = read_documents(file)
        data = documents[0].data if isinstance(documents[0].data, dict) else {}
        if "route" in data and "receivers" in data:
            configs.append(load_config(documents[0]))
        elif "groups" in data and "format" not in data:
            groups += groups_of(documents)
    return rule_findings(configs[0], _alerts(groups)) if len(configs) == 1 else []


def _alerts(groups: Iterable[RuleGroup]) -> list[AlertingRule]:
    return [rule for group in groups for rule in group.rules if isinstance(rule, AlertingRule)]


def _unknown_kind(document: Document, kind: object, known: list[str]) -> InputError:
    if not isinstance(document.data, dict):
        return InputError.single("model.wrong-type", document.place([]), "expected a map of `key: value` lines")
    if kind is None:
        message = "this file does not say what it is"
        hint = f"begin it with a format line: {', '.join(known)}"
        return InputError.single("model.format", document.place([]), message, hint)
    hint = nearest(str(kind), known)
    return InputError.single("model.format", document.place(["format"]), f"there is no format {kind!r}", hint)
