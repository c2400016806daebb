"""The mapping: which component a service of the history is, and which kind of fault a failure mode.

    format: blackstart/replay-mapping/1
    services:
      Checkout API: {component: api, rule: title}
    failure_modes:
      upgrade: [bad-deploy, crash]       # the first that the component can have, and that somebody can end
    otherwise: [crash, vendor-outage, network-outage]

Blackstart proposes one from names, and says with each line which rule matched (`Rule`).  People correct it and hand it
in again.  A record names its place by its component, else by its service; what the mapping does not know, and what has
no fault that fits, is counted with its reason and not replayed (`Unmapped`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field

from scenarios.faults import FAULTS, FaultKind
from scenarios.history.record import IncidentRecord
from simulator.estate.recovery import possible_actions
from studies.replay.incidents import Incident, Pair, in_order, incident_of
from timeline.commands import Action
from timeline.findings import Finding, InputError, Place, Severity, nearest
from topologies.estate import Component, Estate, Site
from topologies.fields import Model
from topologies.loading.document import Document, read_document
from topologies.loading.validation import validate

FORMAT: Literal["blackstart/replay-mapping/1"] = "blackstart/replay-mapping/1"
UNNAMED = "(not said)"
_ALIKE = 0.85
"""Share of equal characters from which two names count as one, misspelt."""
_SHARED_WORDS = 0.5
"""Share of the words of both names that must be in both."""
_WORD = re.compile(r"[a-z0-9]+")
_EMPTY_WORDS = frozenset({"the", "of", "and", "for", "a", "service", "system", "component", "platform"})


class Rule(StrEnum):
    """Why a name was taken for a component, from the surest to the weakest."""

    ID = "id"
    """It is written as the id is."""
    TITLE = "title"
    WORDS = "words"
    """At least half of the words of name and title are in both, more than with any other."""
    SPELLING = "spelling"
    """Nearly the same letters."""
    DEALT = "dealt"
    """No name matched; the busiest of what was left went to the next component, in turn."""
    STATED = "stated"
    """A person wrote it."""


FAULTS_OF_MODE: dict[str, tuple[str, ...]] = {
    "upgrade": ("bad-deploy", "crash-loop", "crash"),
    "network": ("network-outage", "dns-failure", "packet-loss", "hang", "crash"),
    "bug": ("crash-loop", "memory-leak", "crash"),
    "configuration": ("bad-configuration", "certificate-expiry", "crash"),
    "load": ("connection-exhaustion", "cpu-starvation", "slow", "crash"),
    "dependency": ("vendor-outage", "slow", "hang", "crash"),
    "power": ("power-loss", "node-not-ready", "crash"),
    "security": ("hang", "crash"),
    "human": ("bad-configuration", "crash"),
    "storage": ("disk-full", "read-only", "slow-disk", "crash"),
    "server": ("crash", "node-not-ready"),
    "natural-disaster": ("site-loss", "power-loss", "crash"),
    "hardware": ("node-not-ready", "slow-disk", "crash"),
    "halt": ("crash", "hang"),
    "late": ("slow", "slow-disk", "consumer-lag", "hang"),
    "content": ("bad-configuration", "bad-deploy", "read-only", "crash"),
    "erratic": ("crash-loop", "slow", "packet-loss", "crash"),
}
"""Failure modes (`scenarios/history/failure_modes.yaml`) to kinds of fault, the most fitting first.  A judgement: the
causes that were found in outages do not say by which mechanism they came."""
OTHERWISE = ("crash", "vendor-outage", "network-outage", "power-loss", "site-loss")
"""Kinds of fault of what nobody classified."""


class Assignment(Model):
    """One line: a name of the history is this component."""

    component: str
    rule: Rule = Rule.STATED


class ReplayMapping(Model):
    """A mapping file."""

    format: Literal["blackstart/replay-mapping/1"]
    services: dict[str, Assignment]
    failure_modes: dict[str, tuple[str, ...]] = Field(default_factory=lambda: dict(FAULTS_OF_MODE))
    otherwise: tuple[str, ...] = OTHERWISE


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Records that are not replayed, by what they say and why not."""

    name: str
    mode: str | None
    reason: str
    records: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A history on an estate: every record is in `incidents` or counted in `unmapped`."""

    incidents: tuple[Incident, ...]
    unmapped: tuple[Unmapped, ...]
    mapping: ReplayMapping

    @property
    def left_out(self) -> int:
        return sum(one.records for one in self.unmapped)


def name_of(record: IncidentRecord) -> str:
    """What a record calls its place."""
    return record.component or record.service or UNNAMED


def propose(records: Sequence[IncidentRecord], estate: Estate, *, deal: bool = False) -> ReplayMapping:
    """A mapping from names.  With `deal` what no rule matches is dealt over the components, the busiest first: so a
    history of another organisation can serve as load."""
    counts = Counter(name_of(record) for record in records)
    things = _things(estate)
    names = _Names(things)
    found: dict[str, Assignment] = {}
    for name in sorted(counts):
        if name != UNNAMED and (match := names.match(name)) is not None:
            found[name] = match
    if deal:
        left = sorted((name for name in counts if name not in found), key=lambda name: (-counts[name], name))
        possible = possible_actions(estate)
        hands = [id for id in things if any(_fits(kind, things[id], possible[id]) for kind in FAULTS.values())]
        found |= {
            name: Assignment(component=hands[n % len(hands)], rule=Rule.DEALT) for n, name in enumerate(left) if hands
        }
    return ReplayMapping(format=FORMAT, services=dict(sorted(found.items())))


def read_mapping(path: Path, estate: Estate) -> ReplayMapping:
    """A mapping file.  Raises InputError with all that it names and that is not there."""
    document = read_document(path)
    mapping = validate(document, ReplayMapping)
    findings = [*_unknown_components(document, mapping, estate), *_unknown_kinds(document, mapping)]
    if findings:
        raise InputError(findings)
    return mapping


def place(records: Iterable[IncidentRecord], mapping: ReplayMapping, estate: Estate) -> Placed:
    """Every record on the estate, or counted with the reason why not."""
    things, possible = _things(estate), possible_actions(estate)
    incidents: list[Incident] = []
    left_out: Counter[tuple[str, str | None, str]] = Counter()
    fault_of: dict[tuple[str, str | None], str | None] = {}
    for record in records:
        name = name_of(record)
        assigned = mapping.services.get(name)
        if assigned is None:
            left_out[name, None, "no component stands for it"] += 1
            continue
        key = (assigned.component, record.failure_mode)
        if key not in fault_of:
            target = assigned.component
            fault_of[key] = _fault(mapping, record.failure_mode, things[target], possible[target])
        fault = fault_of[key]
        if fault is None:
            left_out[name, record.failure_mode, f"no fault of this mode fits {assigned.component}"] += 1
            continue
        incidents.append(incident_of(record, name, Pair(assigned.component, fault)))
    unmapped = [Unmapped(name, mode, reason, count) for (name, mode, reason), count in left_out.items()]
    unmapped.sort(key=lambda one: (-one.records, one.name, one.mode or ""))
    return Placed(in_order(incidents), tuple(unmapped), mapping)


Thing = Component | Site


def _things(estate: Estate) -> dict[str, Thing]:
    return {**estate.components, **estate.sites}


def _fault(mapping: ReplayMapping, mode: str | None, thing: Thing, possible: Collection[Action]) -> str | None:
    """The first kind that a thing can have and that somebody can end there; a mode without one falls to the rest."""
    kinds = (*mapping.failure_modes.get(mode or "", ()), *mapping.otherwise)
    return next((kind for kind in kinds if _fits(FAULTS[kind], thing, possible)), None)


def _fits(kind: FaultKind, thing: Thing, possible: Collection[Action]) -> bool:
    return kind.applies_to(thing) and any(action in possible for action in kind.cleared_by)


class _Names:
    """The names of an estate's components and sites, ready to be looked up."""

    def __init__(self, things: Mapping[str, Thing]) -> None:
        self._exact: dict[Rule, dict[str, str]] = {Rule.ID: {}, Rule.TITLE: {}}
        for id, thing in things.items():
            self._exact[Rule.ID].setdefault(_plain(id), id)
            self._exact[Rule.TITLE].setdefault(_plain(thing.title), id)
        self._words = {id: _words(f"{thing.title} {id}") for id, thing in things.items()}

    def match(self, name: str) -> Assignment | None:
        """The component that a name means, by the first rule that tells one."""
        plain = _plain(name)
        for rule, known in self._exact.items():
            if plain in known:
                return Assignment(component=known[plain], rule=rule)
        words = _words(name)
        shares = {id: _shared(words, others) for id, others in self._words.items()}
        best = max(shares.values(), default=0.0)
        if best >= _SHARED_WORDS and list(shares.values()).count(best) == 1:
            return Assignment(component=max(shares, key=shares.__getitem__), rule=Rule.WORDS)
        spellings = [(id, spelt) for known in self._exact.values() for spelt, id in known.items()]
        alike: dict[str, float] = {}
        for id, spelt in spellings:
            alike[id] = max(alike.get(id, 0.0), _alike(plain, spelt))
        closest = max(alike, key=alike.__getitem__, default=None)
        if closest is not None and alike[closest] >= _ALIKE:
            return Assignment(component=closest, rule=Rule.SPELLING)
        return None


def _plain(text: str) -> str:
    return "".join(_WORD.findall(text.lower()))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _EMPTY_WORDS


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _alike(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return 0.0 if matcher.real_quick_ratio() < _ALIKE else matcher.ratio()


def _unknown_components(document: Document, mapping: ReplayMapping, estate: Estate) -> list[Finding]:
    things = _things(estate)
    return [
        Finding(
            "input.not-found",
            Severity.ERROR,
            document.place(("services", name, "component")),
            f"the estate has no component or site {line.component!r}",
            nearest(line.component, things),
        )
        for name, line in mapping.services.items()
        if line.component not in things
    ]


def _unknown_kinds(document: Document, mapping: ReplayMapping) -> list[Finding]:
    named: list[tuple[Place, str]] = [
        (document.place(("failure_modes", mode, number)), kind)
        for mode, kinds in mapping.failure_modes.items()
        for number, kind in enumerate(kinds)
    ]
    named += [(document.place(("otherwise", number)), kind) for number, kind in enumerate(mapping.otherwise)]
    return [
        Finding("input.not-found", Severity.ERROR, place, f"there is no kind of fault {kind!r}", nearest(kind, FAULTS))
        for place, kind in named
        if kind not in FAULTS
    ]
