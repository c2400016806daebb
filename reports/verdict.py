"""The verdict in a few plain sentences, for those who read nothing else; each names the events behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.critical_path import time_spent
from reports.index import FunctionSpan, TimelineIndex
from reports.milestones import Milestone, of_fault, showed
from reports.quantities import write_ms
from reports.scoring import Scores
from reports.scoring.words import title_of


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the numbers of the events that show it; `good` is None where it is neither good nor bad."""

    text: str
    evidence: tuple[int, ...]
    good: bool | None


def verdict(index: TimelineIndex, scores: Scores) -> list[Sentence]:
    """What a reader must know, the worst of the business first."""
    return [*_functions(index), *_objectives(scores), *_detection(index), *_alerts(index)]


def verdict_of_course(index: TimelineIndex) -> list[Sentence]:
    """The same without the ratings: what happened to the business, and how it was noticed."""
    return [*_functions(index), *_detection(index), *_alerts(index)]


def _functions(index: TimelineIndex) -> Iterator[Sentence]:
    kept: list[str] = []
    evidence: list[int] = []
    for name in index.exercise.functions:
        spans = [span for span in index.disruptions if span.subject.id == name]
        longest = max(spans, key=lambda s: s.elapsed_ms(index.until_ms), default=None)
        if longest is None:
            continue
        rto_ms, achieved_ms = longest.detail.rto_ms, longest.elapsed_ms(index.until_ms)
        if longest.ended is None or (rto_ms is not None and achieved_ms > rto_ms):
            yield _lost(index, longest)
        elif rto_ms is not None:
            kept.append(name)
            evidence += longest.evidence()
        else:
            text = f"{name} was below its minimum level for {write_ms(achieved_ms)}; its RTO is not known."
            yield Sentence(text, longest.evidence(), None)
    if kept:
        was = "was" if len(kept) == 1 else "were"
        yield Sentence(f"{_listed(kept)} {was} disrupted and came back within the RTO.", tuple(sorted(evidence)), True)
    if not index.disruptions and index.exercise.functions:
        yield Sentence("No business function fell below its minimum level.", (), True)


def _lost(index: TimelineIndex, span: FunctionSpan) -> Sentence:
    """A function that came back late or not at all."""
    name, rto_ms, achieved_ms = span.subject.id, span.detail.rto_ms, span.elapsed_ms(index.until_ms)
    promise = "its RTO is not known" if rto_ms is None else f"its RTO is {write_ms(rto_ms)}"
    if span.ended is None:
        late = rto_ms is not None and achieved_ms > rto_ms
        decided = " and was missed" if late else "" if rto_ms is None else ", not yet over"
        end = "at the end" if index.complete else "when the timeline broke off"
        text = f"{name} was still down {end}, after {write_ms(achieved_ms)}; {promise}{decided}."
        return Sentence(text, span.evidence(), False)
    assert rto_ms is not None
    # A record does not say what its end waited for.
    path = [] if index.is_partial else index.causality.path_to(span.ended)
    spent = time_spent(path, span.begun.at_ms)[:2]
    most = _listed([f"{s.on} ({write_ms(s.ms)})" for s in spent])
    text = f"{name} came back after {write_ms(achieved_ms)}, {write_ms(achieved_ms - rto_ms)} late: {promise}."
    if most:
        text += f" Most of that time went into {most}."
    return Sentence(text, tuple(sorted({*span.evidence(), *(seq for s in spent for seq in s.evidence[-1:])})), False)


def _objectives(scores: Scores) -> Iterator[Sentence]:
    """Each objective that was not met, with the parts that kept it from being."""
    for objective in scores.objectives:
        if objective.met or objective.rating is None:
            continue
        targets = [t for t in objective.targets if t.rating is not None and not t.rating.is_met]
        tasks = [t for t in objective.critical_tasks if t.rating is not None and not t.rating.is_met]
        reasons = [f"{title_of(t)}: {t.explanation}" for t in targets] + [f"{t.title}: {t.explanation}" for t in tasks]
        last = [t.evidence[-1:] for t in targets] + [t.evidence[-1:] for t in tasks]
        evidence = sorted({seq for seqs in last for seq in seqs})
        yield Sentence(f"“{objective.title}” was rated {objective.rating}. {' '.join(reasons)}", tuple(evidence), False)


def _detection(index: TimelineIndex) -> Iterator[Sentence]:
    reached = [(fault, of_fault(index, fault, Milestone.DETECTED)) for fault in index.faults]
    unseen = [fault for fault, event in reached if event is None]
    if unseen and not index.is_partial:
        names = _listed([f"{f.detail.fault} on {f.detail.target}" for f in unseen])
        yield Sentence(f"Nobody was ever told of {names}.", tuple(f.begun.seq for f in unseen), False)
    shown = [(showed(index, fault), fault, event) for fault, event in reached]
    seen = [(event.at_ms - s.at_ms, s, f, event) for s, f, event in shown if s is not None and event is not None]
    if seen:
        slowest_ms, begun, fault, event = max(seen, key=lambda row: row[0])
        subject = "The fault" if len(index.faults) == 1 else "The slowest to be noticed"
        text = f"{subject}, {fault.detail.fault} on {fault.detail.target}, reached a human after {write_ms(slowest_ms)}"
        silent_ms = begun.at_ms - fault.begun.at_ms
        if silent_ms:
            text += f"; before, nothing had shown it for {write_ms(silent_ms)}"
        yield Sentence(f"{text}.", tuple(sorted({fault.begun.seq, begun.seq, event.seq})), None)


def _alerts(index: TimelineIndex) -> Iterator[Sentence]:
    if not index.tells("fault.started"):
        return
    false = [alert for alert in index.alerts if not index.causality.faults_behind(alert.begun)]
    if false:
        count = f"{len(false)} of {len(index.alerts)} alerts had no fault behind {'it' if len(false) == 1 else 'them'}"
        yield Sentence(f"{count}.", tuple(alert.begun.seq for alert in false), False)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
