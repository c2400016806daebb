"""From files to a study of alerting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scenarios.loading import known_names
from simulator.monitoring.alertmanager import load_config
from simulator.monitoring.rules import RuleGroup, groups_of, load_rules
from simulator.monitoring.side import MonitoringFiles
from simulator.monitoring.telemetry import PROFILES
from studies.coverage import Places, Subject
from topologies.canonical import canonical
from topologies.loading.document import Document
from topologies.loading.estate import load_estate
from topologies.loading.overlay import Given


@dataclass(frozen=True, slots=True)
class CoverageInput:
    """Whose alerting is examined, and where its files are."""

    subject: Subject
    places: Places
    documents: tuple[Document, ...]
    """Everything that was read, with the settings made."""


def coverage_input(estate: str | Path, *, rules: Sequence[Path] = (), settings: Sequence[Given] = ()) -> CoverageInput:
    """An estate, by the name of a shipped one or a path; `rules` take the place of its own.

    Raises InputError with everything that is wrong in any of the files.  Rule groups keep only the name of their file:
    it decides when they are evaluated, and the folder must not matter.
    """
    loaded = load_estate(estate, settings=settings, known=known_names(PROFILES))
    groups = load_rules(rules) if rules else groups_of(loaded.rules)
    config = load_config(loaded.alertmanager) if loaded.alertmanager is not None else None
    subject = Subject(
        loaded.name,
        canonical(loaded.topology),
        canonical(loaded.organisation),
        dict(sorted(loaded.expectations.expectations.items())) if loaded.expectations is not None else {},
        MonitoringFiles(
            sorted((_nameless(group) for group in groups), key=lambda g: (g.file, g.name)), config, loaded.profiles
        ),
    )
    return CoverageInput(subject, Places(loaded), loaded.documents)


def _nameless(group: RuleGroup) -> RuleGroup:
    return replace(group, file=Path(group.file).name)
