"""The same incident reviewed twice, by two methods or two teams: what both found, and what only one did.

- *Causes* are the same where they rest on the same events: wording does not matter.
- *Factors* are of a closed list, so agreement can be measured beyond chance: Cohen's kappa (1960) over the list, each
  factor named by a review or not.  It is not defined where neither could have differed from the other by chance.
- *Actions* are the same where they answer the same factor or the same cause.

The overlap of two sets is the share of their union that is in both (Jaccard).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from reports.review.factors import FACTORS
from reports.review.model import Review
from timeline.findings import InputError
from topologies.fields import Model


class Overlap(Model):
    """Two sets side by side.  `ratio` is None where both are empty."""

    both: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    ratio: float | None


class Comparison(Model):
    """Where two reviews agree."""

    scenario: str
    incident: str
    first: str
    second: str
    """Who reviewed, and by which method."""
    causes: Overlap
    factors: Overlap
    factor_kappa: float | None
    actions: Overlap
    failure_modes: Overlap


def compare_reviews(first: Review, second: Review) -> Comparison:
    """Raises InputError where they are not about the same incident of the same run."""
    for name in ("scenario", "seed", "epoch", "incident"):
        one, other = getattr(first, name), getattr(second, name)
        if one != other:
            message = f"these reviews are not about the same thing: {name} is {one!r} in one and {other!r} in the other"
            raise InputError.single("review.other-incident", "review.json", message, "review the same run twice")
    return Comparison(
        scenario=first.scenario,
        incident=first.incident,
        first=_called(first),
        second=_called(second),
        causes=_overlap(_causes(first), _causes(second)),
        factors=_overlap([f.id for f in first.factors], [f.id for f in second.factors]),
        factor_kappa=kappa({f.id for f in first.factors}, {f.id for f in second.factors}, FACTORS),
        actions=_overlap(_answered(first), _answered(second)),
        failure_modes=_overlap([m.mode for m in first.failure_modes], [m.mode for m in second.failure_modes]),
    )


def kappa(first: Collection[str], second: Collection[str], of: Collection[str]) -> float | None:
    """Cohen's kappa of two judges who each say of every item whether it applies: (po - pe) / (1 - pe)."""
    n = len(of)
    agreed = sum((item in first) == (item in second) for item in of) / n
    yes = [sum(item in chosen for item in of) / n for chosen in (first, second)]
    expected = yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1])
    return None if expected == 1 else (agreed - expected) / (1 - expected)


def _called(review: Review) -> str:
    return f"{review.by}, {review.method}" if review.by else str(review.method)


def _causes(review: Review) -> list[str]:
    """The true causes at which chains end, by their events, each with its words in this review."""
    return [
        f"{node.text} (event {node.id[1:]})"
        for node in review.chart.nodes
        if node.kind == "root" and node.id.startswith("e")
    ]


def _answered(review: Review) -> list[str]:
    """What each action answers: a factor, or the event of a cause."""
    return [
        f"{action.because} (event {action.evidence[-1]})"
        if action.because == "true cause" and action.evidence
        else action.because
        for action in review.actions
    ]


def _overlap(first: Iterable[str], second: Iterable[str]) -> Overlap:
    """By what is in brackets at the end, where something is: the words may differ."""
    one, other = ({_key(text): text for text in texts} for texts in (first, second))
    union = {**other, **one}
    both = [union[key] for key in union if key in one and key in other]
    return Overlap(
        both=tuple(sorted(both)),
        only_first=tuple(sorted(one[key] for key in one.keys() - other.keys())),
        only_second=tuple(sorted(other[key] for key in other.keys() - one.keys())),
        ratio=len(both) / len(union) if union else None,
    )


def _key(text: str) -> str:
    _, bracket, event = text.rpartition(" (event ")
    return event if bracket else text
