"""A whole estate from its folder: what runs, who is there, how it is watched, what is expected of the alerts.

    meridian-bank/
        topology.yaml            what runs; names the rule files and the Alertmanager configuration
        organisation.yaml        who is there; names the files of its automations, where there are any
        profiles/                telemetry profiles of its own, where the topology names some
        alerts/                  native Prometheus rules and Alertmanager configuration
        alerts/expectations.yaml what people want of the alerts; may be left out

Rule files, Alertmanager configuration and SLOs stay documents here: the monitoring side reads them with models of its
own.  Reading (files to documents, settings made) and building (documents to models, references resolved) are two
steps, so that a scenario can put its own files between them and still report all errors at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from timeline.findings import Finding, InputError, Severity, nearest
from topologies.automations import Automation, Automations
from topologies.estate import Estate, VendorFeed
from topologies.expectations import Expectations
from topologies.fields import Source
from topologies.loading.document import Document, read_document, read_documents
from topologies.loading.gathering import Gathered
from topologies.loading.nodes import MappingNode, ScalarNode, SequenceNode, Step
from topologies.loading.overlay import ALERTMANAGER, Given, Setting, alert_names, overlay, overlay_rules, parse_setting
from topologies.loading.references import Declarations, declared, union, unknown_references
from topologies.loading.shape import Shape
from topologies.loading.validation import validate
from topologies.obligations import Obligation
from topologies.organisation import Organisation
from topologies.risk_register import RiskRegister, load_register
from topologies.shipped import TOPOLOGY, shipped_estates, shipped_obligations
from topologies.telemetry import TelemetryProfile
from topologies.triage import Ticket, TicketFile

M = TypeVar("M", bound=BaseModel)

ORGANISATION = "organisation.yaml"
EXPECTATIONS = "alerts/expectations.yaml"
PROFILE_KIND = "telemetry-profile"
"""What profiles are declared as; whoever knows the shipped ones declares them when an estate is loaded."""


@dataclass(frozen=True)
class LoadedEstate:
    """An estate with its organisation and its monitoring, and the documents they were read from."""

    name: str
    topology: Estate
    organisation: Organisation
    expectations: Expectations | None
    topology_document: Document
    organisation_document: Document
    expectations_document: Document | None
    rules: tuple[Document, ...]
    """Native Prometheus rule files."""
    alertmanager: Document | None
    """Native Alertmanager configuration."""
    profiles: Mapping[str, TelemetryProfile]
    """Telemetry profiles of its own, by name."""
    profile_documents: tuple[Document, ...]
    sources: Mapping[str, Source]
    """Where parameters come from, by the path that `--set` uses."""
    slos: tuple[Document, ...] = ()
    """OpenSLO objects: a file may hold several, one document each."""
    obligations: Mapping[str, Obligation] = field(default_factory=dict)
    """The obligations that apply to the organisation, by name."""
    obligation_documents: tuple[Document, ...] = ()
    tickets: Mapping[str, Ticket] = field(default_factory=dict)
    """Past tickets that the triage bot knows, by id."""
    ticket_documents: tuple[Document, ...] = ()
    automations: Mapping[str, Automation] = field(default_factory=dict)
    """What its ITSM does by itself, from all files of automations."""
    automation_documents: tuple[Document, ...] = ()
    register: RiskRegister | None = None
    """The risk register of the organisation."""

    @property
    def documents(self) -> tuple[Document, ...]:
        """Everything that was read."""
        optional = (self.alertmanager, self.expectations_document)
        return (
            self.topology_document,
            self.organisation_document,
            *self.rules,
            *self.profile_documents,
            *self.slos,
            *self.obligation_documents,
            *self.ticket_documents,
            *self.automation_documents,
            *(document for document in optional if document is not None),
        )


@dataclass(frozen=True)
class EstateFiles:
    """The documents of an estate, with settings made; None where one could not be read or does not exist."""

    name: str
    topology: Document | None
    organisation: Document | None
    rules: tuple[Document, ...]
    alertmanager: Document | None
    expectations: Document | None
    profiles: tuple[Document, ...]
    """Telemetry profiles of its own."""
    alerts_written: frozenset[str]
    """Alerts by name, before settings: an expectation may name a rule that a setting takes away."""
    slos: tuple[Document, ...] = ()
    obligations: tuple[Document, ...] = ()
    """Those that apply to the organisation."""
    tickets: tuple[Document, ...] = ()
    automations: tuple[Document, ...] = ()

    def declarations(self) -> dict[str, set[str]]:
        """Every id that the estate declares, by kind."""
        models = ((self.topology, Estate), (self.organisation, Organisation))
        ids = union(*(declared(document, model) for document, model in models if document is not None))
        if self.rules:
            ids["alert"] = set(self.alerts_written)
        ids["obligation"] = {named_as_file(document) for document in self.obligations} | set(shipped_obligations())
        return ids


def load_estate(
    source: str | Path, *, settings: Sequence[Given] = (), known: Declarations | None = None
) -> LoadedEstate:
    """An estate from its folder, its topology file, or the name of a shipped one.

    `settings` are `path=value` as for `--set`; `known` declares ids that other packages own (kinds of fault).
    Raises InputError with everything that is wrong in any of its files.
    """
    gathered = Gathered()
    parsed = parse_settings(settings, gathered)
    files = gathered.attempt(lambda: read_estate(locate_estate(source), parsed, gathered))
    loaded = build_estate(files, known or {}, gathered) if files is not None else None
    gathered.complete()
    assert loaded is not None, "what cannot be built has been reported"
    return loaded


def load_topology(source: str | Path) -> Estate:
    """An estate without its organisation: from its folder, its topology file, or the name of a shipped one.

    Names that lead into the organisation (teams) are not judged.  Raises InputError as `load_estate` does.
    """
    gathered = Gathered()
    document = _read(locate_estate(source), Estate, (), gathered)
    known = declared(document, Estate) if document is not None else {}
    topology = build(document, Estate, known, gathered)
    gathered.complete()
    assert topology is not None, "what cannot be built has been reported"
    return topology


def parse_settings(settings: Sequence[Given], gathered: Gathered) -> list[Setting]:
    """The settings that can be read; the others are noted."""
    parsed = [
        given if isinstance(given, Setting) else gathered.attempt(partial(parse_setting, given)) for given in settings
    ]
    return [setting for setting in parsed if setting is not None]


def locate_estate(source: str | Path, beside: Path | None = None) -> Path:
    """The topology file that a name or path means.  A relative path is also looked for in the folder `beside`.

    Raises InputError naming the nearest shipped estate.
    """
    shipped = shipped_estates()
    if str(source) in shipped:
        return Path(shipped[str(source)]) / TOPOLOGY
    candidates = [Path(source)] if beside is None else [beside / source, Path(source)]
    for path in candidates:
        if (path / TOPOLOGY).is_file():
            return path / TOPOLOGY
        if path.is_file():
            return path
        if path.is_dir():
            message = f"there is no {TOPOLOGY} in this folder"
            raise InputError.single("input.not-found", str(path), message, "is this the folder of an estate?")
    hint = nearest(Path(source).name, shipped) or "`blackstart list estates` shows what is shipped"
    raise InputError.single("input.not-found", str(source), "there is no such estate, shipped or as a path", hint)


def read_estate(topology_file: Path, settings: Sequence[Setting], gathered: Gathered) -> EstateFiles:
    """The documents of an estate with the settings made; what cannot be read is noted and left out."""
    folder = topology_file.parent
    topology = _read(topology_file, Estate, _of(settings, "estate"), gathered)
    organisation = _read(folder / ORGANISATION, Organisation, _of(settings, "organisation"), gathered)
    expectations = folder / EXPECTATIONS
    alerts = _of(settings, "alerts")
    to_config = [s for s in alerts if s.rest.startswith(f"{ALERTMANAGER}.")]
    to_rules = [s for s in alerts if s not in to_config]
    rules = _read_listed(topology, ["monitoring", "rules"], folder, gathered)
    configuration = _read_listed(topology, ["monitoring", "alertmanager"], folder, gathered)
    return EstateFiles(
        folder.resolve().name,
        topology,
        organisation,
        tuple(gathered.attempt(lambda: overlay_rules(rules, to_rules)) or rules),
        _overlay_configuration(configuration, to_config, gathered),
        _read(expectations, Expectations, (), gathered) if expectations.is_file() else None,
        tuple(_read_listed(topology, ["monitoring", "profiles"], folder, gathered)),
        frozenset([*(name for document in rules for name in alert_names(document)), *_source_alerts(topology)]),
        tuple(_read_listed(topology, ["monitoring", "slos"], folder, gathered)),
        tuple(_read_obligations(organisation, folder, gathered)),
        tuple(_read_listed(organisation, ["triage_bot", "tickets"], folder, gathered)),
        tuple(_read_listed(organisation, ["automation_files"], folder, gathered)),
    )


def _read_obligations(organisation: Document | None, folder: Path, gathered: Gathered) -> Iterator[Document]:
    """The organisation's own obligations, and those of the shipped ones that apply to it."""
    own = _read_listed(organisation, ["obligation_files"], folder, gathered)
    yield from own
    applying = organisation.node(["obligations"]) if organisation is not None else None
    written = {named_as_file(document) for document in own}
    for name, path in shipped_obligations().items():
        if name not in written and isinstance(applying, MappingNode) and name in applying.entries:
            yield read_document(path)


def _source_alerts(topology: Document | None) -> Iterator[str]:
    """Alerts of log rules and vendors' feeds, as far as the topology can be read."""
    for kind, usual in (("log_rules", None), ("vendor_feeds", VendorFeed.model_fields["alert"].default)):
        sources = topology.node(["monitoring", kind]) if topology is not None else None
        for id in sources.entries if isinstance(sources, MappingNode) else ():
            assert topology is not None
            name = topology.text_at(["monitoring", kind, id, "alert"]) or usual
            if name is not None:
                yield name


def build_estate(files: EstateFiles, known: Declarations, gathered: Gathered) -> LoadedEstate | None:
    """The models of an estate, all references resolved; None when something is wrong, which is then noted."""
    declarations = union(files.declarations(), known)
    profiles = _build_profiles(files.profiles, declarations, gathered)
    topology = build(files.topology, Estate, declarations, gathered)
    organisation = build(files.organisation, Organisation, declarations, gathered)
    expectations = build(files.expectations, Expectations, declarations, gathered)
    if topology is None or organisation is None or files.topology is None or files.organisation is None:
        return None
    return LoadedEstate(
        files.name,
        topology,
        organisation,
        expectations,
        files.topology,
        files.organisation,
        files.expectations,
        files.rules,
        files.alertmanager,
        profiles,
        files.profiles,
        {
            **{f"estate.{path}": source for path, source in topology.sources.items()},
            **{f"organisation.{path}": source for path, source in organisation.sources.items()},
        },
        files.slos,
        _build_obligations(files.obligations, files.organisation, organisation, gathered),
        files.obligations,
        _build_tickets(files.tickets, declarations, gathered),
        files.tickets,
        _build_automations(files.automations, declarations, gathered),
        files.automations,
        _read_register(files.organisation, organisation, gathered),
    )


def _build_tickets(documents: Sequence[Document], declarations: Declarations, gathered: Gathered) -> dict[str, Ticket]:
    """Tickets of all files; of two with one id that of the later file."""
    files = [build(document, TicketFile, declarations, gathered) for document in documents]
    return {id: ticket for file in files if file is not None for id, ticket in file.tickets.items()}


def _read_register(written: Document, organisation: Organisation, gathered: Gathered) -> RiskRegister | None:
    link = organisation.risk_register
    if link is None:
        return None
    path = Path(written.name).parent / link.file
    return gathered.attempt(lambda: load_register(path, link.columns))


def named_as_file(document: Document) -> str:
    """What a telemetry profile or an obligation is called: as its file."""
    return Path(document.name).stem


def _build_obligations(
    documents: Sequence[Document], written: Document, organisation: Organisation, gathered: Gathered
) -> dict[str, Obligation]:
    """The obligations that apply, each with a duty for reports that it has."""
    built: dict[str, Obligation] = {}
    for document in documents:
        obligation = build(document, Obligation, {}, gathered)
        duty = organisation.obligations.get(named_as_file(document))
        if obligation is None or duty is None:
            continue
        built[named_as_file(document)] = obligation
        if obligation.owed_when == "severity" and duty.from_severity is None:
            place = written.place(["obligations", named_as_file(document)], key=True)
            message = f"{obligation.regime} goes by severity, and it is not said from which one"
            hint = "add from_severity: the least severity that counts"
            gathered.add([Finding("model.missing", Severity.ERROR, place, message, hint)])
        for report in duty.reports:
            if report not in obligation.reports:
                place = written.place(["obligations", named_as_file(document), "reports", report], key=True)
                message = f"{obligation.regime} wants no report {report!r}"
                hint = nearest(report, obligation.reports)
                gathered.add([Finding("reference.unknown", Severity.ERROR, place, message, hint)])
    return built


def _build_automations(
    documents: Sequence[Document], declarations: Declarations, gathered: Gathered
) -> dict[str, Automation]:
    """The automations of all files; two of one name would be one on the timeline."""
    built: dict[str, Automation] = {}
    for document in documents:
        file = build(document, Automations, declarations, gathered)
        for id, rule in file.automations.items() if file is not None else ():
            if id in built:
                place = document.place(["automations", id], key=True)
                message = f"there is already an automation {id!r}"
                hint = "automations of all files are told apart by their names"
                gathered.add([Finding("automation.name-taken", Severity.ERROR, place, message, hint)])
            built[id] = rule
    return built


def _build_profiles(
    documents: Sequence[Document], declarations: dict[str, set[str]], gathered: Gathered
) -> dict[str, TelemetryProfile]:
    """The estate's own profiles.  Their names join those declared, where the shipped ones are known."""
    shipped = declarations.get(PROFILE_KIND, set())
    built: dict[str, TelemetryProfile] = {}
    for document in documents:
        name = named_as_file(document)
        if name in shipped or name in built:
            message = f"there is already a telemetry profile {name!r}"
            hint = "a profile is named as its file: give the file another name"
            gathered.add([Finding("profile.name-taken", Severity.ERROR, document.place([]), message, hint)])
        profile = build(document, TelemetryProfile, declarations, gathered)
        if profile is not None:
            built[name] = profile
    if PROFILE_KIND in declarations:
        declarations[PROFILE_KIND] = shipped | {named_as_file(document) for document in documents}
    return built


def build(document: Document | None, model: type[M], declarations: Declarations, gathered: Gathered) -> M | None:
    """A document as its model, with its references resolved; what is wrong is noted."""
    if document is None:
        return None
    built = gathered.attempt(lambda: validate(document, model))
    gathered.add(unknown_references(document, Shape.of(model), declarations))
    return built


def _of(settings: Sequence[Setting], root: str) -> list[Setting]:
    return [setting for setting in settings if setting.root == root]


def _read(path: Path, model: type[BaseModel], settings: Sequence[Setting], gathered: Gathered) -> Document | None:
    document = gathered.attempt(lambda: read_document(path))
    if document is None:
        return None
    return gathered.attempt(lambda: overlay(document, model, settings)) or document


def _read_listed(topology: Document | None, path: list[Step], folder: Path, gathered: Gathered) -> list[Document]:
    """The documents of the files that a field of the topology names, each relative to its folder."""
    node = topology.node(path) if topology is not None else None
    items = node.items if isinstance(node, SequenceNode) else [node] if node is not None else []
    documents = []
    for item in items:
        if not isinstance(item, ScalarNode) or not isinstance(item.value, str):
            continue  # validation of the topology says what is wrong with it
        documents += gathered.attempt(partial(_read_named, folder, item, several=path[-1] == "slos")) or []
    return documents


def _read_named(folder: Path, name: ScalarNode, *, several: bool) -> list[Document]:
    """The documents of one file; only OpenSLO files hold several."""
    path = folder / name.text
    if path.is_file():
        return read_documents(path) if several else [read_document(path)]
    beside = [str(p.relative_to(folder)) for p in path.parent.iterdir()] if path.parent.is_dir() else []
    message = f"there is no file {name.text!r} beside the topology"
    raise InputError.single("input.not-found", name.mark.place(), message, nearest(name.text, beside))


def _overlay_configuration(
    configuration: Sequence[Document], settings: Sequence[Setting], gathered: Gathered
) -> Document | None:
    if not configuration:
        if settings:
            message = "the estate has no Alertmanager configuration"
            gathered.add([Finding("overlay.unknown-path", Severity.ERROR, settings[0].place, message)])
        return None
    document = configuration[0]
    inner = [replace(setting, rest=setting.rest.removeprefix(f"{ALERTMANAGER}.")) for setting in settings]
    return gathered.attempt(lambda: overlay(document, None, inner)) or document
