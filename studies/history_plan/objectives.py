"""Which recovery objectives the past has kept, for each business function: RTO and RPO at a chosen confidence.

A function's losses are the incidents of the history whose fault takes it away (`studies.replay.detection`).  How long
each lasted is on record, or it is open yet: then it lasted at least so long.  The proposal is the upper end of the 95 %
interval of the quantile (order statistics, distribution-free): too few incidents give none.  Lost data are on record
where `data_lost` is written as a duration (`15m`, `0s`); the proposal for the RPO is made likewise.

What is declared stands beside it, with the share of losses that kept it and Wilson's interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.history.record import IncidentRecord
from studies.intervals import Proportion, Quantile, proportion, quantile
from studies.replay.detection import functions_lost
from studies.replay.mapping import Placed
from timeline.instants import SECOND, parse_duration
from topologies.estate import Estate

LEAST_LOSSES = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """One objective of one function; times in seconds, None where unknown."""

    function: str
    declared_s: float | None
    losses: int
    open: int
    """Of them not over yet."""
    quantile: Quantile | None
    proposed_s: float | None
    """None where there are too few losses for the confidence."""
    held: Proportion | None
    """Losses that kept what is declared; None where nothing is declared, or none can be judged."""


@dataclass(frozen=True, slots=True)
class Objectives:
    """What the past says of all functions that it took away."""

    confidence: float
    rto: tuple[Kept, ...]
    rpo: tuple[Kept, ...]


def objectives(
    records: Sequence[IncidentRecord], placed: Placed, estate: Estate, confidence: float, until_s: float
) -> Objectives:
    """Of functions that some incident takes away; `until_s` is the last moment of the history, in s since 1970."""
    known = {record.id: record for record in records}
    lost = functions_lost(estate, {incident.pair for incident in placed.incidents})
    losses: dict[str, list[IncidentRecord]] = {}
    for incident in placed.incidents:
        for function in lost[incident.pair]:
            losses.setdefault(function, []).append(known[incident.id])
    rto = [_rto(id, estate.functions[id].rto, of, confidence, until_s) for id, of in sorted(losses.items())]
    rpo = [_rpo(id, estate.functions[id].rpo, of, confidence) for id, of in sorted(losses.items())]
    return Objectives(confidence, tuple(rto), tuple(one for one in rpo if one is not None))


def _rto(id: str, declared_ms: int | None, of: Sequence[IncidentRecord], confidence: float, until_s: float) -> Kept:
    times, unended = [], []
    for record in of:
        if (length := record.restore_time) is not None:
            times.append(length.total_seconds())
            unended.append(False)
        elif record.restored_at is None and record.closed_at is None:
            times.append(max(until_s - record.began_at.timestamp(), 0.0))
            unended.append(True)
    return _kept(id, declared_ms, times, unended, confidence)


def _rpo(id: str, declared_ms: int | None, of: Sequence[IncidentRecord], confidence: float) -> Kept | None:
    lost = [seconds for record in of if (seconds := lost_s(record.data_lost)) is not None]
    return _kept(id, declared_ms, lost, [False] * len(lost), confidence) if lost else None


def lost_s(written: str | None) -> float | None:
    """Lost data as seconds, where they are written as a duration."""
    try:
        return None if written is None else parse_duration(written.strip()) / SECOND
    except ValueError:
        return None


def _kept(id: str, declared_ms: int | None, times: Sequence[float], unended: Sequence[bool], confidence: float) -> Kept:
    declared_s = None if declared_ms is None else declared_ms / SECOND
    found = quantile(times, confidence, unended) if len(times) >= LEAST_LOSSES else None
    judged = [] if declared_s is None else _judged(times, unended, declared_s)
    return Kept(
        function=id,
        declared_s=declared_s,
        losses=len(times),
        open=sum(unended),
        quantile=found,
        proposed_s=None if found is None else found.high,
        held=proportion(sum(judged), len(judged)) if judged else None,
    )


def _judged(times: Sequence[float], unended: Sequence[bool], declared_s: float) -> list[bool]:
    """Whether each loss kept it; one that is open and within it yet says nothing."""
    return [time <= declared_s for time, open_ in zip(times, unended, strict=True) if not open_ or time > declared_s]
