"""The whole study: what there is, every case in every draw, the quiet time, mutants if asked for.

Cases whose faults have the same effect on the same target run once.  Work goes to processes in an order that does not
depend on how many there are, and so neither does any answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from scenarios.faults import FAULTS, Effect
from simulator.kernel import Kernel
from simulator.monitoring.promql import Semantics
from simulator.monitoring.side import MonitoringFiles, modelled_prometheus
from simulator.randomness import Streams
from simulator.signals import SignalBoard
from studies.coverage.faults import Case, TriedFault, Untried, pair_cases, single_cases
from studies.coverage.inventory import Inventory, take_inventory
from studies.coverage.matrix import Addressees, Row, Trial, row
from studies.coverage.mutation import QUIET_RUN, QUIET_TIME, Fate
from studies.coverage.running import Draw, Watch
from studies.coverage.verdicts import Judgement, judge
from studies.coverage.workers import QuietTime, Shop, Workers
from timeline.instants import HOUR, WEEK
from timeline.journal import Timeline
from topologies.estate import Estate
from topologies.expectations import Expectation
from topologies.organisation import Organisation

_PORTIONS = 8
"""Pieces of work for each process and draw: enough to even out, few enough to share what is quiet."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.  `epoch` is the wall-clock moment at which faults begin."""

    epoch: datetime
    lasts_ms: int = 2 * HOUR
    quiet_ms: int = WEEK
    draws: int = 3
    """Of faults that have an expectation; of the others one, unless `draws_for_all`."""
    draws_for_all: bool = False
    seed: int = 1
    pairs: bool = False
    mutate: bool = False
    kinds: tuple[str, ...] = ()
    """Kinds of fault that are tried; all when empty."""
    semantics: Semantics = Semantics.PROMETHEUS_3


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose alerting is examined."""

    name: str
    estate: Estate
    organisation: Organisation
    expectations: Mapping[str, Expectation]
    files: MonitoringFiles
    """Rules as given, assessable or not."""


@dataclass(frozen=True)
class Coverage:
    """Everything that was found out.  `fates` is None when mutants were not asked for."""

    subject: Subject
    question: Question
    inventory: Inventory
    rows: tuple[Row, ...]
    pairs: tuple[Row, ...]
    untried: tuple[Untried, ...]
    quiet: QuietTime
    fates: tuple[Fate, ...] | None
    runs: int
    """Runs of a fault over one draw, those of equal effect counted once."""

    @cached_property
    def addressees(self) -> Addressees:
        return Addressees(self.subject.organisation)

    @cached_property
    def judgements(self) -> tuple[Judgement, ...]:
        """Expectations held against single faults, in their order."""
        return tuple(self._judged(self.rows))

    @cached_property
    def pair_judgements(self) -> tuple[Judgement, ...]:
        return tuple(self._judged(self.pairs))

    def _judged(self, rows: Sequence[Row]) -> Iterator[Judgement]:
        for one in rows:
            for id in one.case.expectations:
                yield judge(id, self.subject.expectations[id], one, self.addressees, self.inventory)


def study(
    subject: Subject, question: Question, *, jobs: int = 1, progress: Callable[[float], None] = lambda _: None
) -> Coverage:
    """Try every fault.  The answer does not depend on `jobs`."""
    singles, untried = single_cases(subject.estate, subject.expectations, question.lasts_ms, question.kinds)
    pairs = pair_cases(singles) if question.pairs else []
    longest_ms = max((case.lasts_ms for case in singles), default=question.lasts_ms)
    watch = Watch(subject.estate, subject.files, question.epoch, question.seed, longest_ms, question.semantics)
    inventory = inventory_of(watch)
    watch = replace(watch, files=replace(subject.files, groups=inventory.groups))
    by_run: dict[str, list[Case]] = {}
    for case in [*singles, *pairs]:
        by_run.setdefault(_run_key(case, subject.estate), []).append(case)
    draws_of = {cases[0].id: _draws_of(cases, question) for cases in by_run.values()}
    representatives = [cases[0] for cases in by_run.values()]
    with Workers(Shop(watch, inventory), jobs) as workers:
        quiet = workers.start(Shop.quiet_time, question.quiet_ms)
        trials = _tried(workers, representatives, draws_of, subject.estate, progress)
        fates = _fates(workers, representatives, trials, question.quiet_ms) if question.mutate else None
        undisturbed = quiet.result()
    rows = {case.id: row(case, trials[cases[0].id]) for cases in by_run.values() for case in cases}
    return Coverage(
        subject,
        question,
        inventory,
        tuple(rows[case.id] for case in singles),
        tuple(rows[case.id] for case in pairs),
        tuple(untried),
        undisturbed,
        fates,
        sum(draws_of.values()),
    )


def inventory_of(watch: Watch) -> Inventory:
    """What can be judged at all: alerts and assessable rules."""
    kernel = Kernel(Timeline(), Streams(watch.seed), watch.epoch)
    storage, _ = modelled_prometheus(kernel, watch.estate, replace(watch.files, groups=()), SignalBoard(0))
    return take_inventory(watch.estate, watch.files.groups, storage)


def _run_key(case: Case, estate: Estate) -> str:
    """Equal for cases that nothing can tell apart: the same effects on the same targets for the same time.

    Where sources beside Prometheus listen, they may tell kinds apart.
    """
    listens = bool(estate.monitoring.log_rules or estate.monitoring.vendor_feeds)
    effects = [(f.target, repr(_lasting(f)), f.kind if listens else "") for f in case.faults]
    return repr((effects, case.lasts_ms))


def _lasting(fault: TriedFault) -> Effect:
    """Its effect for those who never see it end."""
    return replace(FAULTS[fault.kind].effect_of(fault.parameters), needs_start_up=False)


def _draws_of(cases: Sequence[Case], question: Question) -> int:
    """How often a run is repeated: where somebody has stated a time, it has to be known well."""
    return question.draws if question.draws_for_all or any(case.expectations for case in cases) else 1


def _tried(
    workers: Workers,
    cases: Sequence[Case],
    draws_of: Mapping[str, int],
    estate: Estate,
    progress: Callable[[float], None],
) -> dict[str, list[Trial]]:
    portions = []
    for number in range(max(draws_of.values(), default=0)):
        draw = Draw.of(number, estate.monitoring.scrape_interval)
        drawn = [case for case in cases if number < draws_of[case.id]]
        portions += [(draw, list(part)) for part in _dealt(drawn, workers.jobs * _PORTIONS)]
    started = [workers.start(Shop.trials, draw, part) for draw, part in portions]
    found: dict[str, list[Trial]] = {case.id: [] for case in cases}
    for number, ((_, part), future) in enumerate(zip(portions, started, strict=True)):
        for case, one in zip(part, future.result(), strict=True):
            found[case.id].append(one)
        progress((number + 1) / len(portions))
    return found


def _fates(
    workers: Workers, cases: Sequence[Case], trials: Mapping[str, list[Trial]], quiet_ms: int
) -> tuple[Fate, ...]:
    """Cases with the most alerts come first: they kill most, and each mutant dies of the first that kills it."""
    mutants = workers.shop.mutants
    order = sorted((c for c in cases if not c.is_pair), key=lambda c: (-len(trials[c.id][0].alerts), c.id))
    everybody = [mutant.id for mutant in mutants]
    killers = dict.fromkeys(_found(workers, Shop.killed_in_quiet_run, everybody), QUIET_RUN)
    alive = [id for id in everybody if id not in killers]
    started = [workers.start(Shop.killers, list(part), alive) for part in _dealt(order, workers.jobs)]
    rank = {case.id: number for number, case in enumerate(order)}
    for future in started:
        for mutant, case in future.result().items():
            killers[mutant] = min(case, killers.get(mutant, case), key=rank.__getitem__)
    alive = [id for id in everybody if id not in killers]
    killers |= dict.fromkeys(_found(workers, Shop.killed_in_quiet_time, alive, quiet_ms), QUIET_TIME)
    return tuple(Fate(mutant, killers.get(mutant.id)) for mutant in mutants)


def _found(workers: Workers, look: Callable[..., set[str]], ids: Sequence[str], *more: int) -> list[str]:
    started = [workers.start(look, list(part), *more) for part in _dealt(ids, workers.jobs)]
    return [id for future in started for id in future.result()]


T = TypeVar("T")


def _dealt(items: Sequence[T], portions: int) -> list[Sequence[T]]:
    """Dealt round, so that portions are alike."""
    return [part for number in range(portions) if (part := items[number::portions])]
