"""How a target is written for people: what it wants, what was achieved, what became of it."""

from __future__ import annotations

from reports.quantities import write_value
from reports.scoring.model import TargetScore
from reports.scoring.ratings import Outcome

OUTCOMES = {
    Outcome.MET: ("met", "good"),
    Outcome.NEAR_MISS: ("just missed", "fair"),
    Outcome.MISSED: ("missed", "bad"),
    Outcome.FAR_MISSED: ("not achieved", "bad"),
    Outcome.BROKEN_AND_OPEN: ("missed, and still open", "bad"),
    Outcome.UNDECIDED: ("undecided at the end", "fair"),
    Outcome.NOT_EXERCISED: ("not exercised", "none"),
}
"""In words, and whether that is `good`, `fair`, `bad` or `none`."""


def title_of(target: TargetScore) -> str:
    """The measure, and what of it is meant."""
    return target.title if target.subject is None else f"{target.title}, {target.subject.partition(':')[2]}"


def write_bound(target: TargetScore) -> str:
    parts = []
    if target.at_most is not None:
        parts.append(f"at most {write_value(target.at_most, target.unit)}")
    if target.at_least is not None:
        parts.append(f"at least {write_value(target.at_least, target.unit)}")
    return " and ".join(parts)


def write_achieved(target: TargetScore) -> str:
    if target.value is None:
        return "–"
    return write_value(target.value, target.unit, at_least=target.censored)
