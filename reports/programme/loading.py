"""A programme file with what it names: its estate, and the scenarios that are to be exercised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reports.programme.model import Programme
from scenarios.loading import known_names, locate_scenario
from scenarios.models import Scenario
from timeline.findings import Finding, InputError, Severity
from topologies.estate import Estate
from topologies.loading.document import Document, read_document
from topologies.loading.estate import LoadedEstate, build, load_estate, locate_estate
from topologies.loading.gathering import Gathered
from topologies.loading.references import declared
from topologies.loading.validation import validate
from topologies.organisation import Organisation


@dataclass(frozen=True)
class LoadedProgramme:
    """A programme; `scenarios` are those that it names, by the name that their runs carry."""

    programme: Programme
    estate: LoadedEstate
    scenarios: Mapping[str, Scenario]


def load_programme(path: Path) -> LoadedProgramme:
    """A programme from its file.  Raises InputError with everything that is wrong in it, each with its place."""
    gathered = Gathered()
    document = read_document(path)
    name = document.text_at(["estate"])
    estate = None if name is None else gathered.attempt(partial(_estate_of, document, name, path.parent))
    known = {}
    if estate is not None:
        known = {
            **declared(estate.topology_document, Estate),
            **declared(estate.organisation_document, Organisation),
        }
    programme = build(document, Programme, known, gathered)
    scenarios = {} if programme is None else _scenarios_of(programme, document, path.parent, gathered)
    if programme is not None:
        gathered.add(_outside(programme, document))
    gathered.complete()
    assert programme is not None
    assert estate is not None
    return LoadedProgramme(programme, estate, scenarios)


def _estate_of(document: Document, name: str, folder: Path) -> LoadedEstate:
    try:
        found = locate_estate(name, folder)
    except InputError as error:
        raise _at(document, ["estate"], error) from None
    return load_estate(found, known=known_names())


def _scenarios_of(programme: Programme, document: Document, folder: Path, gathered: Gathered) -> dict[str, Scenario]:
    scenarios: dict[str, Scenario] = {}
    for id, exercise in programme.exercises.items():
        for number, name in enumerate(exercise.scenarios):
            where: list[str | int] = ["exercises", id, "scenarios", number]
            file = gathered.attempt(partial(_locate, document, where, name, folder))
            if file is None or file.stem in scenarios:
                continue
            written = gathered.attempt(partial(read_document, file))
            scenario = None if written is None else gathered.attempt(partial(validate, written, Scenario))
            if scenario is not None:
                scenarios[file.stem] = scenario
    return scenarios


def _locate(document: Document, where: list[str | int], name: str, folder: Path) -> Path:
    if (folder / name).is_file():
        return folder / name
    try:
        return locate_scenario(name)
    except InputError as error:
        raise _at(document, where, error) from None


def _at(document: Document, where: list[str | int], error: InputError) -> InputError:
    """The same findings at the place where the programme names what cannot be found."""
    place = document.place(where)
    return InputError([Finding(f.id, f.severity, place, f.message, f.hint) for f in error.findings])


def _outside(programme: Programme, document: Document) -> Iterator[Finding]:
    period = programme.period
    for id, exercise in programme.exercises.items():
        if exercise.when.first_day not in period or exercise.when.last_day not in period:
            yield Finding(
                "programme.outside-period",
                Severity.ERROR,
                document.place(["exercises", id, "when"]),
                f"{exercise.when} does not lie within {period.first_day} to {period.last_day}",
                "move the exercise, or change the period of the programme",
            )
