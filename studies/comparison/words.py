"""Differences in words."""

from __future__ import annotations

from reports.measures import MEASURES
from reports.measures.measure import Unit
from reports.quantities import write_value
from studies.comparison.study import Comparison, MeasureDifference, ObjectiveDifference
from studies.paired import QuantileDifference
from studies.sweep import ArmRecord


def variant_words(arm: ArmRecord) -> str:
    """`corner-lab with organisation.people.dev-1.contact=[phone]`."""
    return arm.estate + (f" with {', '.join(arm.settings)}" if arm.settings else "")


def verdict(comparison: Comparison) -> str:
    """How far the change reaches, in a sentence."""
    if comparison.identical:
        return f"All {comparison.replications} replications are alike in every figure: every difference is exactly 0."
    return f"{comparison.differing} of {comparison.replications} replications differ in some figure."


def probability_words(objective: ObjectiveDifference) -> str:
    pairs = objective.pairs
    return (
        f"{objective.first.p:.1%} to {objective.second.p:.1%}: {100 * pairs.difference:+.1f} points "
        f"({100 * pairs.low:+.1f} to {100 * pairs.high:+.1f})"
    )


def value_words(measure: MeasureDifference, found: QuantileDifference) -> str:
    """`12 min to 9 min: -3 min (-4 min to -1 min)`."""
    unit = MEASURES[measure.measure].unit
    first, second = (_value(value, unit) for value in (found.first, found.second))
    if found.difference is None:
        return f"{first} to {second}"
    ends = " to ".join("open" if end is None else _signed(end, unit) for end in (found.low, found.high))
    return f"{first} to {second}: {_signed(found.difference, unit)} ({ends})"


def ratio_words(ratio: float | None) -> str:
    """The variance ratio of pairing."""
    return "-" if ratio is None else f"{ratio:.2f}"


def _value(value: float | None, unit: Unit) -> str:
    return "not seen" if value is None else write_value(value, unit)


def _signed(value: float, unit: Unit) -> str:
    return f"+{write_value(value, unit)}" if value > 0 else write_value(value, unit)
