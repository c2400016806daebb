"""Which mutants no fault distinguishes from their rule.

A mutant is *killed* by the first case in which alerts fire otherwise than by the rule as it stands: other label sets,
or the first firing of one in another *class* of time from the onset (see `CLASSES_MS`).  One that every case leaves
alone is held against a quiet time too; what is left then has *survived*: nothing that is tried would tell if the rule
were wrong in this way.

Only the mutated rule and those that read it are evaluated, over the stored signals of each case; where none of the
series that they read differs from the quiet run, the quiet run answers for the case.  Rules are evaluated as by a
Prometheus that stays up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from simulator.monitoring.promql import METRIC_NAME, Labels, Matcher, Options, Series, Storage
from simulator.monitoring.rules import AlertingRule, AlertState, RecordingRule, Rule, RuleEngine, RuleGroup
from simulator.monitoring.rules.dependencies import names_seen, reads, selectors, written_names
from studies.coverage.faults import Case
from studies.coverage.mutants import Mutation, mutants
from studies.coverage.running import QuietRun, Watch, quiet_time
from timeline.findings import Place
from timeline.instants import MINUTE, SECOND

CLASSES_MS = tuple(minutes * MINUTE for minutes in (1, 2, 5, 10, 15, 30, 60))
"""Times to fire count as equal within these bounds."""
QUIET_RUN = "the quiet run"
QUIET_TIME = "the quiet time"

Signature = frozenset[tuple[Labels, int]]
"""Alerts that fired with their class of time; what fired before the onset has class -1."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutant.  `id` is stable: the rule, what was changed, and its number among equals."""

    id: str
    rule: str
    place: Place | None
    mutation: Mutation
    query: str
    group: int
    index: int
    changed: Rule


@dataclass(frozen=True, slots=True)
class Fate:
    """A mutant and the case that killed it; None when it survived."""

    mutant: Mutant
    killed_by: str | None


def all_mutants(groups: Sequence[RuleGroup]) -> list[Mutant]:
    """Every mutant of every rule that reads series: a heartbeat is not there to notice anything."""
    found: list[Mutant] = []
    counts: dict[str, int] = {}
    for group_number, group in enumerate(groups):
        for index, rule in enumerate(group.rules):
            if not selectors(rule.expression):
                continue
            for mutation, changed in mutants(rule, group.interval_ms):
                id = f"{rule.name}: {mutation}"
                counts[id] = counts.get(id, 0) + 1
                suffix = f" ({counts[id]})" if counts[id] > 1 else ""
                found.append(
                    Mutant(id + suffix, rule.name, rule.place, mutation, changed.query, group_number, index, changed)
                )
    return found


class Judge:
    """Holds mutants against the cases of one quiet run."""

    def __init__(self, quiet: QuietRun) -> None:
        self._quiet = quiet
        self._watch = quiet.watch
        self._families: dict[tuple[int, int], _Family] = {}

    def killed_in_quiet_run(self, alive: Iterable[Mutant]) -> set[str]:
        """Those that differ while nothing is wrong, before the onset or after."""
        until_ms = self._quiet.draw.onset_ms + self._watch.longest_ms
        originals: dict[tuple[int, int], Signature] = {}
        return {m.id for m in alive if self._differs(m, self._quiet.rules, until_ms, originals)}

    def killed_by(self, case: Case, alive: Iterable[Mutant]) -> set[str]:
        """Those that a case distinguishes from their rule."""
        prepared = self._quiet.prepared(case)
        originals: dict[tuple[int, int], Signature] = {}
        return {
            m.id
            for m in alive
            if not self._reads(m).isdisjoint(prepared.unlike)
            and self._differs(m, prepared.rules, prepared.until_ms, originals)
        }

    def killed_in_quiet_time(self, length_ms: int, alive: Iterable[Mutant]) -> set[str]:
        """Those that fire otherwise over a longer quiet time; when exactly is not asked."""
        prepared = quiet_time(self._watch, length_ms)
        prepared.rules.look_through(length_ms)
        originals: dict[tuple[int, int], Signature] = {}
        return {m.id for m in alive if self._differs(m, prepared.rules, length_ms, originals, ever=True)}

    def _differs(
        self,
        mutant: Mutant,
        storage: Storage,
        until_ms: int,
        originals: dict[tuple[int, int], Signature],
        *,
        ever: bool = False,
    ) -> bool:
        place = (mutant.group, mutant.index)
        family = self._family(place)
        if place not in originals:
            originals[place] = self._signature(family, None, storage, until_ms, ever=ever)
        return self._signature(family, mutant, storage, until_ms, ever=ever) != originals[place]

    def _signature(
        self, family: _Family, mutant: Mutant | None, storage: Storage, until_ms: int, *, ever: bool
    ) -> Signature:
        onset_ms = self._quiet.draw.onset_ms
        engine = RuleEngine(
            family.groups(mutant),
            _Without(storage, family.hidden),
            start_ms=-self._watch.warm_ms,
            semantics=self._watch.semantics,
            external_labels=self._watch.estate.monitoring.external_labels,
            offset=self._quiet.draw.offset,
            options=Options(epoch_ms=round(self._watch.epoch.timestamp() * SECOND)),
        )
        first: dict[Labels, int] = {}
        for transition in engine.advance(until_ms):
            if transition.state is AlertState.FIRING:
                first.setdefault(transition.labels, transition.at_ms)
        return frozenset((labels, 0 if ever else time_class(at_ms - onset_ms)) for labels, at_ms in first.items())

    def _reads(self, mutant: Mutant) -> frozenset[Labels]:
        """Scraped series that the rule, the mutant or their readers see in the end."""
        return self._family((mutant.group, mutant.index)).sources | self._quiet.read_by(mutant.changed)

    def _family(self, place: tuple[int, int]) -> _Family:
        if place not in self._families:
            self._families[place] = _Family.of(place, self._watch, self._quiet)
        return self._families[place]


def time_class(after_ms: int) -> int:
    return -1 if after_ms < 0 else bisect_left(CLASSES_MS, after_ms)


@dataclass(frozen=True, slots=True)
class _Family:
    """A rule with those that read what it writes, and the scraped series behind all of them.

    `hidden` are the names of recorded series that the family writes anew.
    """

    place: tuple[int, int]
    members: frozenset[tuple[int, int]]
    all_groups: Sequence[RuleGroup]
    hidden: frozenset[str]
    sources: frozenset[Labels]

    @classmethod
    def of(cls, place: tuple[int, int], watch: Watch, quiet: QuietRun) -> _Family:
        groups = watch.files.groups
        rules = {(g, i): rule for g, group in enumerate(groups) for i, rule in enumerate(group.rules)}
        members = {place}
        while True:
            names = {name for member in members for name in written_names(rules[member])}
            more = {p for p, rule in rules.items() if _belongs(rule, [rules[m] for m in members], names)} - members
            if not more:
                break
            members |= more
        behind = set(members)
        while (
            more := {p for p, writer in rules.items() if any(reads(rules[m].expression, writer) for m in behind)}
            - behind
        ):
            behind |= more
        sources = frozenset(labels for p in behind for labels in quiet.read_by(rules[p]))
        recorded = {rules[m].name for m in members if isinstance(rules[m], RecordingRule)}
        alerts = {n for m in members if isinstance(rules[m], AlertingRule) for n in written_names(rules[m])}
        return cls(place, frozenset(members), groups, frozenset(recorded | alerts), sources)

    def groups(self, mutant: Mutant | None) -> list[RuleGroup]:
        """The groups with the members only, and the mutant in place of its rule."""
        found = []
        for number, group in enumerate(self.all_groups):
            rules = tuple(
                mutant.changed if mutant is not None and (number, index) == self.place else rule
                for index, rule in enumerate(group.rules)
                if (number, index) in self.members
            )
            if rules:
                found.append(replace(group, rules=rules))
        return found


def _belongs(rule: Rule, members: Sequence[Rule], names: set[str]) -> bool:
    """Whether a rule reads a member, or writes a recorded series of the same name as one.

    Alerts are told apart by name only where a rule reads `ALERTS`: then all that alert belong together.
    """
    if any(reads(rule.expression, member) for member in members):
        return True
    shares = not written_names(rule).isdisjoint(names)
    if isinstance(rule, RecordingRule):
        return shares
    return shares and any(names_seen(member.expression, written_names(rule)) for member in members)


class _Without:
    """A storage without the recorded series of some names."""

    def __init__(self, storage: Storage, hidden: frozenset[str]) -> None:
        self._storage, self._hidden = storage, hidden

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        found = self._storage.select(matchers, start_ms, end_ms)
        if not self._hidden:
            return found
        return [series for series in found if series.labels.get(METRIC_NAME) not in self._hidden]
