"""The work of a study, done here or by processes: each has a `Shop` that keeps the quiet runs it has made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from simulator.collection import rarely_collecting
from simulator.monitoring.rules import AlertState, Failure
from studies.coverage.faults import Case
from studies.coverage.inventory import Inventory
from studies.coverage.matrix import Trial, trial
from studies.coverage.mutation import Judge, Mutant, all_mutants
from studies.coverage.running import Draw, QuietRun, Watch, quiet_time

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class FalseAlert:
    """An alert that fires while nothing is wrong: how often, and when first, from the epoch."""

    alert: str
    times: int
    first_ms: int


@dataclass(frozen=True, slots=True)
class QuietTime:
    """What rules do while nothing is wrong; `failures` are evaluations that fail, each reason once a rule."""

    false_alerts: tuple[FalseAlert, ...]
    failures: tuple[Failure, ...]


class Shop:
    """What one process knows of the study."""

    def __init__(self, watch: Watch, inventory: Inventory) -> None:
        self.watch, self.inventory = watch, inventory
        self._quiet: dict[Draw, QuietRun] = {}

    def trials(self, draw: Draw, cases: Sequence[Case]) -> list[Trial]:
        """Each case in one draw."""
        external = self.watch.estate.monitoring.external_labels
        with rarely_collecting():
            quiet = self._quiet_run(draw)
            return [
                trial(
                    quiet.run(case),
                    quiet.record,
                    self.inventory,
                    external,
                    draw.onset_ms,
                    draw.onset_ms + case.lasts_ms,
                )
                for case in cases
            ]

    def quiet_time(self, length_ms: int) -> QuietTime:
        """Alerts of a quiet time, heartbeats left out, and what cannot even be evaluated."""
        prepared = quiet_time(self.watch, length_ms)
        heartbeats = {alert.id for alert in self.inventory.alerts if alert.heartbeat}
        times: Counter[str] = Counter()
        first_ms: dict[str, int] = {}
        for transition in prepared.rules.advance(length_ms):
            id = self.inventory.alert_of(transition.rule.name, transition.labels)
            if transition.state is AlertState.FIRING and id not in heartbeats:
                times[id] += 1
                first_ms.setdefault(id, transition.at_ms)
        false_alerts = tuple(FalseAlert(id, times[id], first_ms[id]) for id in sorted(times))
        failures = {(failure.rule, failure.reason): failure for failure in reversed(prepared.rules.failures)}
        return QuietTime(false_alerts, tuple(sorted(failures.values(), key=lambda f: (f.rule.name, f.reason))))

    @cached_property
    def mutants(self) -> list[Mutant]:
        """Every mutant of the assessable rules."""
        return all_mutants(self.inventory.groups)

    def killed_in_quiet_run(self, mutants: Sequence[str]) -> set[str]:
        return self._judge.killed_in_quiet_run(self._named(mutants))

    def killed_in_quiet_time(self, mutants: Sequence[str], length_ms: int) -> set[str]:
        return self._judge.killed_in_quiet_time(length_ms, self._named(mutants))

    def killers(self, cases: Sequence[Case], mutants: Sequence[str]) -> dict[str, str]:
        """The first of the cases that kills each mutant; those that live through all are left out."""
        killers: dict[str, str] = {}
        alive = self._named(mutants)
        for case in cases:
            killers |= dict.fromkeys(self._judge.killed_by(case, alive), case.id)
            alive = [mutant for mutant in alive if mutant.id not in killers]
        return killers

    def _named(self, ids: Sequence[str]) -> list[Mutant]:
        wanted = set(ids)
        return [mutant for mutant in self.mutants if mutant.id in wanted]

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self._quiet_run(Draw(0, 0)))

    def _quiet_run(self, draw: Draw) -> QuietRun:
        if draw not in self._quiet:
            self._quiet = {draw: QuietRun(self.watch, draw)}  # draws come one after the other: one at a time is kept
        return self._quiet[draw]


class Workers:
    """Processes with a shop each; with one job the work is done here and now."""

    def __init__(self, shop: Shop, jobs: int) -> None:
        self.shop, self.jobs = shop, jobs
        self._pool = (
            ProcessPoolExecutor(
                jobs, mp_context=get_context("spawn"), initializer=_open_shop, initargs=(shop.watch, shop.inventory)
            )
            if jobs > 1
            else None
        )

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def start(self, work: Callable[Concatenate[Shop, P], R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Work of a shop, to be done somewhere."""
        if self._pool is not None:
            return self._pool.submit(_in_shop, work, *args, **kwargs)
        done: Future[R] = Future()
        done.set_result(work(self.shop, *args, **kwargs))
        return done


_shop: Shop


def _open_shop(watch: Watch, inventory: Inventory) -> None:
    global _shop
    _shop = Shop(watch, inventory)


def _in_shop(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return work(_shop, *args, **kwargs)
