"""A whole replay: replications of a history against an estate, each with random numbers of its own.

Replication `r` of two variants draws by the same names from the same streams, so that variants are paired by common
random numbers: an incident that a change does not touch comes out alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.collection import rarely_collecting
from simulator.exercise import facts_of
from simulator.randomness import Streams
from simulator.sides import Facts
from studies.coverage import Subject
from studies.processes import in_order
from studies.replay.detection import (
    Alerted,
    DetectionSource,
    Detector,
    ModelledDetector,
    RecordedDetector,
    alerted_by,
    functions_lost,
)
from studies.replay.diagnosis import Routes
from studies.replay.incidents import Incident, Pair
from studies.replay.remedies import Remedies
from studies.replay.running import End, Run, run
from timeline.instants import HOUR

Floats = npt.NDArray[np.float64]
Known = dict[Pair, Alerted | None]
"""How alerts tell of pairs that were tried; None where they tell of nothing."""
WATCHED_MS = 2 * HOUR
"""How long monitoring is watched for a first page."""


@dataclass(frozen=True)
class Plan:
    """An estate and its organisation, ready to have incidents replayed against it."""

    subject: Subject
    source: DetectionSource
    alerted: dict[Pair, Alerted]
    """How alerts tell of each pair; empty where the record is the notice."""
    lost: dict[Pair, tuple[str, ...]]
    """Business functions that each pair takes away until people act."""
    facts: Facts
    detector: Detector
    routes: Routes
    remedies: Remedies

    def __reduce__(self) -> tuple[Callable[..., Plan], tuple[Any, ...]]:
        """Another process gets what it was made of, and compiles anew."""
        return _compiled, (self.subject, self.source, self.alerted, self.lost)


@dataclass(frozen=True, slots=True)
class Staffed:
    """What a replication cost people."""

    pages: int
    pages_at_night: int
    handed_off: int
    busy_s: dict[str, float]
    """How long each person worked."""
    span_s: float
    """From the first incident until nobody works any more."""


@dataclass(frozen=True, slots=True)
class Replication:
    """What became of the incidents, as arrays over them; times in seconds, NaN where it did not come so far.

    The moments count from the start of the disruption: `told_s <= acknowledged_s <= found_s <= restored_s`.
    """

    incidents: tuple[Incident, ...]
    told_s: Floats
    acknowledged_s: Floats
    found_s: Floats
    restored_s: Floats
    acknowledge_s: Floats
    """From the first notice."""
    restore_s: Floats
    """As the record of each incident counts it."""
    ends: Counter[End]
    told_by: Counter[str]
    staffed: Staffed | None
    """None where nobody was played (`studies.replay.fitted`)."""


def plan(
    subject: Subject,
    pairs: Collection[Pair],
    source: DetectionSource,
    epoch: datetime,
    *,
    seed: int = 1,
    jobs: int = 1,
    known: Known | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Plan:
    """Everything about an estate that does not depend on the replication.

    `epoch` is the wall-clock moment at which each pair is tried where detection is modelled, by so many processes;
    what is `known` of pairs is not tried again, and what was tried is known afterwards.
    """
    alerted: dict[Pair, Alerted] = {}
    if source is DetectionSource.MODELLED:
        known = {} if known is None else known
        new = [pair for pair in sorted(set(pairs)) if pair not in known]
        known |= alerted_by(subject, new, epoch, WATCHED_MS, seed=seed, jobs=jobs, progress=progress)
        alerted = {pair: told for pair in pairs if (told := known[pair]) is not None}
    return _compiled(subject, source, alerted, functions_lost(subject.estate, pairs))


def _compiled(
    subject: Subject, source: DetectionSource, alerted: dict[Pair, Alerted], lost: dict[Pair, tuple[str, ...]]
) -> Plan:
    estate, organisation = subject.estate, subject.organisation
    facts = facts_of(estate)
    detector: Detector = (
        ModelledDetector(estate, organisation, alerted, lost)
        if source is DetectionSource.MODELLED
        else RecordedDetector(organisation, facts)
    )
    remedies = Remedies(estate, organisation, facts)
    return Plan(subject, source, alerted, lost, facts, detector, Routes(facts), remedies)


def replicate(planned: Plan, incidents: Sequence[Incident], seed: int, replication: int) -> Replication:
    """One replication."""
    with rarely_collecting():
        done = run(
            incidents,
            planned.subject.organisation,
            planned.facts,
            planned.detector,
            planned.routes,
            planned.remedies,
            Streams(seed, replication),
        )
        return _as_arrays(done)


Replicate = Callable[[Sequence[Incident], int, int], Replication]
"""One replication of incidents, by seed and number."""


@dataclass(frozen=True, slots=True)
class Modelled:
    """Replications in which the modelled people work."""

    planned: Plan

    def __call__(self, incidents: Sequence[Incident], seed: int, replication: int) -> Replication:
        return replicate(self.planned, incidents, seed, replication)


def replay(
    play: Replicate,
    incidents_of: Callable[[int], Sequence[Incident]],
    *,
    seed: int = 1,
    replications: int = 20,
    jobs: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[Replication, ...]:
    """All replications; `incidents_of` gives the incidents of each, by its number from 0.

    With several jobs both functions are handed to other processes; the answer is the same to the bit.
    """
    done = []
    for one in in_order(_Player, (play, incidents_of, seed), _Player.play, range(replications), jobs):
        done.append(one)
        progress(len(done) / replications)
    return tuple(done)


@dataclass(frozen=True, slots=True)
class _Player:
    replicate: Replicate
    incidents_of: Callable[[int], Sequence[Incident]]
    seed: int

    def play(self, number: int) -> Replication:
        return self.replicate(self.incidents_of(number), self.seed, number)


def _as_arrays(done: Run) -> Replication:
    courses = done.courses
    busy: Counter[str] = Counter()
    begin_ms = min(c.incident.at_ms for c in courses)
    for who, start, end in done.spans:
        busy[who] += end - start

    def moments(of: str) -> Floats:
        """A moment of each course, from the start of its disruption."""
        found = ((getattr(c, of), c.incident.at_ms) for c in courses)
        return np.array([np.nan if at is None else (at - began) / 1000 for at, began in found], dtype=np.float64)

    def spans(of: str) -> Floats:
        found = (getattr(c, of) for c in courses)
        return np.array([np.nan if ms is None else ms / 1000 for ms in found], dtype=np.float64)

    return Replication(
        incidents=tuple(c.incident for c in courses),
        told_s=moments("told_ms"),
        acknowledged_s=moments("acknowledged_ms"),
        found_s=moments("found_ms"),
        restored_s=moments("restored_ms"),
        acknowledge_s=spans("acknowledge_ms"),
        restore_s=spans("restore_ms"),
        ends=Counter(c.end for c in courses if c.end is not None),
        told_by=Counter(str(c.told_by) for c in courses if c.told_by is not None),
        staffed=Staffed(
            pages=sum(c.pages for c in courses),
            pages_at_night=sum(c.pages_at_night for c in courses),
            handed_off=sum(c.handed_off for c in courses),
            busy_s={who: ms / 1000 for who, ms in sorted(busy.items())},
            span_s=(max((end for _, _, end in done.spans), default=begin_ms) - begin_ms) / 1000,
        ),
    )
