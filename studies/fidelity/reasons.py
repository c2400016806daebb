"""Why simulation and reality may disagree in a cell: looked up, not guessed, as far as the real side tells.

The rules that the real Prometheus has loaded are held beside those of the model; labels and receivers beside those of
the prediction.  Where nothing of that differs, the model of the fault itself is the likely reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from injectors.monitoring.prometheus import LoadedRule
from simulator.monitoring.promql import parse
from simulator.monitoring.rules import AlertingRule
from studies.fidelity.verdicts import Cell, Verdict
from timeline.instants import format_duration


def reasons(cell: Cell, modelled: Sequence[AlertingRule], loaded: Sequence[LoadedRule]) -> list[str]:
    """Likely reasons for a cell that disagrees, the most certain first; empty for one that agrees."""
    if cell.agrees:
        return []
    name = cell.alert.partition("{")[0]
    found = [*_rules(name, modelled, loaded), *_receivers(cell)]
    return found or [_of_the_fault(cell)]


def _rules(name: str, modelled: Sequence[AlertingRule], loaded: Sequence[LoadedRule]) -> Iterator[str]:
    ours = [rule for rule in modelled if rule.name == name]
    theirs = [rule for rule in loaded if rule.name == name]
    if len(ours) != len(theirs):
        yield f"the real Prometheus has {len(theirs)} rules of this name, the model {len(ours)}"
        return
    for one, other in zip(ours, theirs, strict=True):
        if one.for_ms != round(other.for_s * 1000):
            there = format_duration(round(other.for_s * 1000))
            yield f"`for` is {there} there and {format_duration(one.for_ms)} in the model"
        if parse(other.expression) != one.expression:
            yield f"its expression is another one there: {other.expression}"
        yield from _labels(dict(one.labels), other.labels)


def _labels(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[str]:
    for label in sorted({*ours, *theirs}):
        if ours.get(label) != theirs.get(label):
            there, here = theirs.get(label, "absent"), ours.get(label, "absent")
            yield f"its label {label} is {there} there and {here} in the model"


def _receivers(cell: Cell) -> Iterator[str]:
    if cell.predicted is None or cell.observed is None:
        return
    expected, told = set(cell.predicted.told_ms), set(cell.observed.told_ms)
    for receiver in sorted(expected - told):
        if cell.verdict is Verdict.LATE and not told:
            yield f"it fired so late that it may have been over before its group was next told to {receiver}"
        else:
            reason = "a route, an inhibition or a silence differs, or the receiver is dead"
            yield f"it never arrived at {receiver}: {reason}"
    for receiver in sorted(told - expected):
        yield f"it arrived at {receiver}, to which the model does not route it"


def _of_the_fault(cell: Cell) -> str:
    if cell.verdict is Verdict.MISSED:
        return "rules and routes are the same: the fault moved less on the real target than in the model"
    if cell.verdict is Verdict.SPURIOUS:
        return "rules and routes are the same: the fault moved more on the real target than in the model"
    return "rules and routes are the same: the fault took another time to show than in the model"
