"""A whole scenario: its own file, its playbook, and the estate that it is played on.

    loaded = load_scenario("datacentre-loss", settings=["estate.functions.payments.rto=30m"])
    loaded.scenario, loaded.playbook, loaded.estate.topology, loaded.estate.organisation

Names lead from one file to another (a fault to its target, a task to its role), so all files are read first, their
ids are put together, and every file is checked against them: one InputError carries what is wrong anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from scenarios.faults import FAULTS
from scenarios.models import Playbook, Scenario
from scenarios.shipped import shipped_playbooks, shipped_scenarios
from scenarios.triage.fault_modes import CAUSES
from timeline.findings import Finding, InputError, Place, Severity, nearest
from timeline.references import RefKind
from topologies.fields import Source
from topologies.loading.document import Document, read_document
from topologies.loading.estate import (
    PROFILE_KIND,
    EstateFiles,
    LoadedEstate,
    build,
    build_estate,
    locate_estate,
    parse_settings,
    read_estate,
)
from topologies.loading.gathering import Gathered
from topologies.loading.nodes import MappingNode, Node, ScalarNode, SequenceNode, Step, plain
from topologies.loading.overlay import Given, Setting, overlay
from topologies.loading.references import Declarations, declared, union, unknown_references
from topologies.loading.shape import Shape
from topologies.loading.validation import disagreements
from topologies.risk_register import RiskRegister


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario with everything it names, and the documents they were read from."""

    name: str
    scenario: Scenario
    playbook: Playbook | None
    estate: LoadedEstate
    scenario_document: Document
    playbook_document: Document | None
    sources: Mapping[str, Source]
    """Where parameters come from, by the path that `--set` uses; those of the playbook begin with `playbook`."""

    def documents_by_role(self) -> Iterator[tuple[str, Document]]:
        """Everything that was read, each with what it is here: no two have the same role and file name."""
        yield "scenario", self.scenario_document
        if self.playbook_document is not None:
            yield "playbook", self.playbook_document
        yield "estate", self.estate.topology_document
        yield "estate", self.estate.organisation_document
        yield from _numbered("rules", self.estate.rules)
        yield from _numbered("slos", self.estate.slos)
        yield from (("profiles", document) for document in self.estate.profile_documents)
        yield from _numbered("tickets", self.estate.ticket_documents)
        yield from _numbered("automations", self.estate.automation_documents)
        if self.estate.alertmanager is not None:
            yield "alertmanager", self.estate.alertmanager
        if self.estate.expectations_document is not None:
            yield "expectations", self.estate.expectations_document


def _numbered(role: str, documents: Sequence[Document]) -> Iterator[tuple[str, Document]]:
    """The files of these documents, one document each; a file name that was there already gets a role with a number."""
    files = list({document.name: document for document in documents}.values())
    for index, document in enumerate(files):
        names = [Path(other.name).name for other in files[:index]]
        yield (role if Path(document.name).name not in names else f"{role}-{index}"), document


def load_scenario(
    source: str | Path,
    *,
    estate: str | Path | None = None,
    settings: Sequence[Given] = (),
    measures: Collection[str] | None = None,
    profiles: Collection[str] | None = None,
) -> LoadedScenario:
    """A scenario by the name of a shipped one or by its file, on its own estate or another one.

    `settings` are `path=value` as for `--set`; `measures` are the ids that targets may name (not checked when left
    out: measures belong to the reports), `profiles` the shipped telemetry profiles (likewise: they belong to the
    simulator).  Raises InputError with everything that is wrong in any of the files.
    """
    gathered = Gathered()
    made = parse_settings(settings, gathered)
    path = locate_scenario(source)
    document = gathered.attempt(partial(_read_scenario, path, made))
    if document is None:
        gathered.complete()
    assert document is not None, "what cannot be read has been reported"
    files = gathered.attempt(partial(_read_estate_of, document, path.parent, estate, made, gathered))
    playbook_document = gathered.attempt(partial(_read_playbook_of, document, path.parent))
    declarations = _declarations(document, playbook_document, files, measures)
    scenario = build(document, Scenario, declarations, gathered)
    playbook = build(playbook_document, Playbook, declarations, gathered)
    known = known_names(profiles)
    loaded_estate = build_estate(files, known, gathered) if files is not None else None
    gathered.add(_parameter_findings(document, declarations))
    for one in (document, playbook_document):
        if one is not None:
            gathered.add(_subject_findings(one, declarations))
    if scenario is not None and loaded_estate is not None and loaded_estate.register is not None:
        gathered.add(_risk_findings(scenario, document, loaded_estate.register))
    gathered.complete()
    assert scenario is not None
    assert loaded_estate is not None
    sources = {
        **loaded_estate.sources,
        **{f"scenario.{path}": source for path, source in scenario.sources.items()},
        **{f"playbook.{path}": source for path, source in (playbook.sources if playbook else {}).items()},
        **{setting.path: setting.source for setting in made if setting.source is not None},
    }
    return LoadedScenario(path.stem, scenario, playbook, loaded_estate, document, playbook_document, sources)


def locate_scenario(source: str | Path) -> Path:
    """The file that a name or path means.  Raises InputError naming the nearest shipped scenario."""
    shipped = shipped_scenarios()
    if str(source) in shipped:
        return shipped[str(source)]
    path = Path(source)
    if path.is_file():
        return path
    if path.is_dir():
        raise InputError.single("input.unreadable", str(source), "this is a directory, not a scenario file")
    hint = nearest(path.stem, shipped) or "`blackstart list scenarios` shows what is shipped"
    raise InputError.single("input.not-found", str(source), "there is no such scenario, shipped or as a file", hint)


def known_names(profiles: Collection[str] | None = None) -> dict[str, set[str]]:
    """The declarations that an estate needs of others: kinds of fault, failure modes, and shipped profiles if given."""
    shipped = {PROFILE_KIND: set(profiles)} if profiles is not None else {}
    return {"fault-kind": set(FAULTS), "failure-mode": set(CAUSES), **shipped}


def _read_scenario(path: Path, settings: Sequence[Setting]) -> Document:
    return overlay(read_document(path), Scenario, [s for s in settings if s.root == "scenario"])


def _read_estate_of(
    document: Document,
    folder: Path,
    other: str | Path | None,
    settings: Sequence[Setting],
    gathered: Gathered,
) -> EstateFiles | None:
    named = _text(document, "estate")
    if other is not None:
        return read_estate(locate_estate(other), settings, gathered)
    if named is None:
        return None  # validation says that it is missing, or no text
    try:
        topology = locate_estate(named, folder)
    except InputError as error:
        raise _at(document.place(["estate"]), error) from None
    return read_estate(topology, settings, gathered)


def _read_playbook_of(document: Document, folder: Path) -> Document | None:
    named = _text(document, "playbook")
    if named is None:
        return None
    if named.lower().endswith((".bpmn", ".bpmn2")):
        message = "a BPMN diagram is no playbook: it says nothing of durations, skills and authority"
        hint = "write the tasks as YAML; docs/playbooks.md says why diagrams are not imported"
        raise InputError.single("playbook.bpmn", document.place(["playbook"]), message, hint)
    shipped = shipped_playbooks()
    path = shipped[named] if named in shipped else folder / named
    if not path.is_file():
        message = f"there is no playbook {named!r}, shipped or as a file beside the scenario"
        raise InputError.single("input.not-found", document.place(["playbook"]), message, nearest(named, shipped))
    return read_document(path)


def _at(place: Place, error: InputError) -> InputError:
    """The findings of an error, at the place that led there."""
    return InputError([Finding(f.id, f.severity, place, f.message, f.hint) for f in error.findings])


def _text(document: Document, field: str) -> str | None:
    node = document.node([field])
    return node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else None


def _declarations(
    scenario: Document, playbook: Document | None, files: EstateFiles | None, measures: Collection[str] | None
) -> dict[str, set[str]]:
    """Every id that the files declare.  A playbook that could not be read declares nothing, so nothing is missed."""
    parts: list[Declarations] = [known_names(), declared(scenario, Scenario)]
    if playbook is not None:
        parts.append(declared(playbook, Playbook))
    elif _text(scenario, "playbook") is None:
        parts.append({"task": set()})
    if files is not None:
        parts.append(files.declarations())
    if measures is not None:
        parts.append({"measure": measures})
    return union(*parts)


def _parameter_findings(document: Document, declarations: Declarations) -> Iterator[Finding]:
    """Parameters of faults that are not those of their kind, and names in them that lead nowhere."""
    for id, fault in _entries(document.node(["faults"])):
        kind_node, parameters = document.node(["faults", id, "fault"]), document.node(["faults", id, "parameters"])
        if not isinstance(fault, MappingNode) or not isinstance(kind_node, ScalarNode):
            continue
        kind = FAULTS.get(kind_node.text)
        if kind is None or not (parameters is None or isinstance(parameters, MappingNode)):
            continue  # reported as an unknown reference, or by validation
        below: tuple[Step, ...] = ("faults", id, "parameters")
        if parameters is not None:
            yield from unknown_references(document, Shape.of(kind.parameters), declarations, parameters, below)
        try:
            kind.parameters.model_validate(plain(parameters) if parameters is not None else {})
        except ValidationError as error:
            yield from disagreements(error, document, Shape.of(kind.parameters), below)


def _risk_findings(scenario: Scenario, document: Document, register: RiskRegister) -> Iterator[Finding]:
    """Risks that the register of the organisation does not know."""
    for number, id in enumerate(scenario.risks):
        if id not in register.risks:
            place, hint = document.place(["risks", number]), nearest(id, register.risks)
            message = f"there is no risk {id!r} in {Path(register.name).name}"
            yield Finding("risks.unknown", Severity.ERROR, place, message, hint)


_SUBJECTS_OF_KIND = {
    RefKind.COMPONENT: "component",
    RefKind.DATA: "component",
    RefKind.SITE: "site",
    RefKind.FUNCTION: "function",
    RefKind.VENDOR: "vendor",
    RefKind.PERSON: "person",
    RefKind.TEAM: "team",
    RefKind.ROLE: "role",
    RefKind.TASK: "task",
    RefKind.AUDIENCE: "audience",
    RefKind.ALERT: "alert",
    RefKind.FAULT: "fault",
    RefKind.INJECT: "inject",
}
"""What is declared, by the kind of reference that names it.  Others (incidents) come into being in the exercise."""


def _subject_findings(document: Document, declarations: Declarations) -> Iterator[Finding]:
    """Subjects (`function:payments`, `component:core-*`) that name or match nothing.

    They stand in conditions and in targets, as `subject` beside a kind of event, a state or a measure.
    """
    for path, text in _subjects(document.root, ()):
        if text == "*":
            continue
        prefix, colon, id = text.partition(":")
        place = document.place(path)
        if not colon or prefix not in set(RefKind):
            hint = nearest(prefix, map(str, RefKind)) or "write kind:id, like component:core-db"
            yield Finding("reference.unknown", Severity.ERROR, place, f"{text!r} is not a reference", hint)
            continue
        ids = declarations.get(_SUBJECTS_OF_KIND.get(RefKind(prefix), ""))
        if ids is not None and not any(fnmatchcase(known, id) for known in ids):
            message = f"there is no {prefix} {id!r}"
            yield Finding("reference.unknown", Severity.ERROR, place, message, nearest(id, ids))


def _subjects(node: Node, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(node, MappingNode):
        sides = node.entries.keys() & {"kind", "state", "measure"}
        for name, entry in node.entries.items():
            is_subject = name == "subject" and sides
            if is_subject and isinstance(entry.value, ScalarNode) and isinstance(entry.value.value, str):
                yield (*path, name), entry.value.value
            yield from _subjects(entry.value, (*path, name))
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            yield from _subjects(item, (*path, index))


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, MappingNode):
        yield from ((name, entry.value) for name, entry in node.entries.items())
