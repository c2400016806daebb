"""The runner of a live plan: steady state, faults one by one, undo, steady state again.

Whatever happens (an error, an interrupt, a guard, a failed steady state), everything is undone and the steady state is
looked at again.  The runner holds the journal's lock and a lease; the watchdog restores when it no longer can.  Each
action is preceded by the same questions: does the lease hold, is the watchdog there, does the target still prove, as
the same process, that it may be broken, is the knob free?
"""

from __future__ import annotations

import heapq
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from injectors.conditions import check_all
from injectors.identity import ProcessIdentity, boot_ms
from injectors.knobs import KnobError
from injectors.knobs.clock import ProcessClock
from injectors.knobs.process import ProcessPresent
from injectors.live_timeline import LiveClock
from injectors.plan import SLACK_MS, Plan, PlannedFault, turns_of
from injectors.proofs import Proven, prove
from injectors.undo.claims import Claimed, Claims
from injectors.undo.journal import Change, State, UndoJournal
from injectors.undo.lease import HEARTBEAT_MS, LEASE_MS, Lease
from injectors.undo.points import Point, Watcher, unwatched
from injectors.undo.restoring import Undone, undo
from injectors.undo.watchdog import WATCHDOG, start_watchdog
from timeline.details import FaultDetail
from timeline.findings import SafetyRefused
from timeline.journal import Timeline
from timeline.references import Reference, RefKind

_RUNNER = Reference(RefKind.SYSTEM, "injector")
LOOK_S = 0.05
STALLED_MS = 60_000
"""A runner that has not moved for so long lets its lease run out."""
UNDO_ATTEMPTS = 5


@dataclass
class RunResult:
    """How a run ended."""

    done: list[str] = field(default_factory=list)
    """Faults that were active and were undone when their time was up."""
    undone: list[Undone] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Why the run was ended for safety; empty when it was not."""
    steady_after: bool = False
    seen_after: list[str] = field(default_factory=list)
    """Conditions of the steady state that did not hold afterwards."""

    @property
    def left(self) -> list[Undone]:
        """What is not as it was."""
        last = {undone.change.id: undone for undone in self.undone}
        return [undone for undone in last.values() if not undone.whole]


class _Ended(Exception):
    """The run ends early, for a reason."""


class Runner:
    """Plays one plan.  `root` holds the journals and claims of all runs of this machine."""

    def __init__(
        self,
        plan: Plan,
        root: Path,
        journal: Path,
        timeline: Timeline,
        clock: LiveClock,
        watcher: Watcher = unwatched,
        lease_ms: int = LEASE_MS,
        watchdog: str = WATCHDOG,
    ) -> None:
        self._plan = plan
        self._root = root
        self._folder = journal
        self._timeline = timeline
        self._clock = clock
        self._watcher = watcher
        self._lease_ms = lease_ms
        self._watchdog = watchdog
        self._claims = Claims(root)
        self._result = RunResult()
        self._interrupted = threading.Event()
        self._moved_ms = boot_ms()
        self._proven = dict(plan.proven)
        self._started: dict[str, int] = {}
        """Fault to the number of its event."""

    def run(self) -> RunResult:
        """Raises SafetyRefused before anything was touched; what ends a run later is in the result."""
        plan = self._plan
        unsteady = [held for held in check_all(plan.binding.steady_state, plan.binding) if not held.holds]
        if unsteady:
            raise SafetyRefused([f"Not steady before the first fault: {h.title} ({h.seen})." for h in unsteady])
        journal = UndoJournal.create(self._folder)
        with journal.locked(), self._interruptible(), self._leased(journal) as (lease, watchdog):
            try:
                self._play(journal, lease, watchdog)
            except _Ended as ended:
                self._result.refused.append(str(ended))
            finally:
                self._undo_everything(journal)
                self._look_again()
                if not journal.open_changes:
                    journal.finish()
                    self._claims.release_all(journal.folder)
        return self._result

    # The order of things

    def _play(self, journal: UndoJournal, lease: _Renewed, watchdog: ProcessIdentity) -> None:
        """Starts and ends of faults in order of time; in between, guards are looked at."""
        agenda = [(f.at_ms, 1, position, f) for position, f in enumerate(self._plan.faults)]
        heapq.heapify(agenda)
        next_guard = 0
        while agenda:
            self._moved_ms = boot_ms()
            self._require_alive(lease, watchdog)
            if self._clock.now() >= next_guard:
                self._require_guards()
                next_guard = self._clock.now() + self._plan.binding.guard_every
            at_ms, what, position, fault = agenda[0]
            if self._clock.now() < at_ms:
                time.sleep(min(LOOK_S, (at_ms - self._clock.now()) / 1000))
                continue
            heapq.heappop(agenda)
            for entry in self._do(journal, fault, what):
                heapq.heappush(agenda, (*entry, position, fault))

    def _do(self, journal: UndoJournal, fault: PlannedFault, what: int) -> Iterator[tuple[int, int]]:
        """One start (1) or end (0) of a fault, or of one of its bad spells; yields what follows it."""
        ends = fault.until_ms
        rhythm = fault.fault.rhythm(fault.parameters) if fault.fault.rhythm is not None else None
        if what == 1:
            self._start(journal, fault)
            yield min(ends, self._clock.now() + rhythm.bad_ms) if rhythm else ends, 0
            return
        self._end(journal, fault)
        again = self._clock.now() + rhythm.good_ms if rhythm else ends
        if again < ends:
            yield again, 1
        else:
            self._tell_end(fault, "duration")
            self._result.done.append(fault.id)

    # One fault

    def _start(self, journal: UndoJournal, fault: PlannedFault) -> None:
        plan = self._plan
        spell = sum(change.fault == fault.id for change, _ in journal.changes)
        try:
            proven = prove(fault.target, plan.target_of(fault), self._proven[fault.target])
            turns = turns_of(fault, plan, proven, journal.folder)
        except SafetyRefused as refused:
            raise _Ended(" ".join(refused.reasons)) from None
        except KnobError as error:
            raise _Ended(f"{fault.id} cannot be made ready: {error}.") from None
        for number, turn in enumerate(turns):
            try:
                change = Change(
                    id=f"{fault.id}/{spell + number}",
                    fault=fault.id,
                    target=fault.target,
                    knob=turn.knob,
                    before=turn.knob.read(),
                    after=turn.after,
                )
                if change.before == change.after:
                    raise _Ended(f"{fault.id}: {turn.knob.key} is {change.after!r} already; nothing would be proven.")
                self._claims.claim(turn.knob, journal.folder)
                self._act(journal, change)
                if isinstance(turn.knob, ProcessClock):
                    self._proven[fault.target] = self._proof(fault)
            except (KnobError, Claimed) as error:
                raise _Ended(f"{fault.id}: {error}.") from None
        if fault.id not in self._started:
            detail = FaultDetail(fault.fault.kind, fault.target, fault.description or fault.fault.title)
            event = self._timeline.emit(
                self._clock.now(), "fault.started", Reference(RefKind.FAULT, fault.id), _RUNNER, detail
            )
            self._started[fault.id] = event.seq

    def _act(self, journal: UndoJournal, change: Change) -> None:
        journal.journal(change)
        self._watcher(Point.JOURNALLED, change)
        change.knob.write(change.after)
        self._watcher(Point.ACTED, change)
        if (now := change.knob.read()) != change.after:
            raise KnobError(f"{change.knob.key} is {now!r} after it was turned to {change.after!r}")
        journal.mark(change, State.ACTED)
        self._watcher(Point.MARKED, change)

    def _end(self, journal: UndoJournal, fault: PlannedFault) -> None:
        for change in [change for change in journal.open_changes if change.fault == fault.id]:
            self._undo(journal, change)
            if isinstance(change.knob, ProcessPresent | ProcessClock):
                # Started again by this run: that it is another process now is no surprise.
                self._proven[fault.target] = self._proof(fault)

    def _proof(self, fault: PlannedFault) -> Proven:
        try:
            return prove(fault.target, self._plan.target_of(fault))
        except SafetyRefused as refused:
            raise _Ended(" ".join(refused.reasons)) from None

    def _undo(self, journal: UndoJournal, change: Change) -> None:
        for attempt in range(UNDO_ATTEMPTS):
            undone = undo(change, journal, self._claims, "runner", self._watcher)
            if undone.whole or undone.change in journal.conflicts:
                break
            time.sleep(0.2 * 2**attempt)
        self._result.undone.append(undone)

    def _tell_end(self, fault: PlannedFault, ended_by: str) -> None:
        started = self._started.pop(fault.id, None)
        if started is None:
            return
        detail = FaultDetail(fault.fault.kind, fault.target, fault.description or fault.fault.title, ended_by)
        self._timeline.emit(
            self._clock.now(), "fault.ended", Reference(RefKind.FAULT, fault.id), _RUNNER, detail, [started]
        )

    # Safety

    def _require_alive(self, lease: _Renewed, watchdog: ProcessIdentity) -> None:
        if self._interrupted.is_set():
            raise _Ended("The run was interrupted.")
        if not watchdog.alive:
            raise _Ended("The watchdog is gone; without one nothing goes on.")
        if lease.current.over:
            raise _Ended("The lease is over.")

    def _require_guards(self) -> None:
        for held in check_all(self._plan.binding.guards, self._plan.binding):
            if not held.holds:
                raise _Ended(f"A guard does not hold: {held.title} ({held.seen}).")

    def _undo_everything(self, journal: UndoJournal) -> None:
        for change in journal.open_changes:
            self._undo(journal, change)
        for fault in self._plan.faults:
            self._tell_end(fault, "abort")

    def _look_again(self) -> None:
        """The steady state may take a moment to come back."""
        deadline = time.monotonic() + self._plan.binding.steady_within / 1000
        binding = self._plan.binding
        while True:
            self._moved_ms = boot_ms()
            unsteady = [held for held in check_all(binding.steady_state, binding) if not held.holds]
            if not unsteady or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        self._result.steady_after = not unsteady
        self._result.seen_after = [f"{held.title} ({held.seen})" for held in unsteady]

    @contextmanager
    def _leased(self, journal: UndoJournal) -> Iterator[tuple[_Renewed, ProcessIdentity]]:
        """A lease that is renewed while the runner moves, and a watchdog over it."""
        limit = boot_ms() + round(self._plan.binding.budget.minutes * 60_000) + SLACK_MS
        lease = _Renewed(journal.folder, limit, self._lease_ms, lambda: boot_ms() - self._moved_ms < STALLED_MS)
        try:
            watchdog = start_watchdog(journal, self._root, self._watchdog)
        except TimeoutError as error:
            lease.end()
            journal.finish()
            raise SafetyRefused([f"{error}."]) from None
        try:
            yield lease, watchdog
        finally:
            lease.end()

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """SIGINT, SIGTERM and SIGHUP end the run in good order."""

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            self._interrupted.set()

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, interrupt) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Renewed:
    """A lease that a thread renews for as long as `moves` says so."""

    def __init__(self, folder: Path, limit_boot_ms: int, length_ms: int, moves: Callable[[], bool]) -> None:
        first = Lease(runner=ProcessIdentity.of(os.getpid()), until_boot_ms=0, limit_boot_ms=limit_boot_ms)
        self._folder = folder
        self._length_ms = length_ms
        self._moves = moves
        self._end = threading.Event()
        self.current = first.renewed(folder, length_ms)
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    def _renew(self) -> None:
        while not self._end.wait(min(HEARTBEAT_MS, self._length_ms / 10) / 1000):
            if self._moves():
                with suppress(OSError):
                    self.current = self.current.renewed(self._folder, self._length_ms)

    def end(self) -> None:
        self._end.set()
        self._thread.join()
