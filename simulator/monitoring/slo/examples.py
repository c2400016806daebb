"""Series for an indicator: made up so that its error ratio is whatever an experiment needs.

An indicator names its series by conditions; a label set that fulfils them is searched for among plain candidates (the
values of `=`, and short readings of regular expressions), and every condition is checked on it.  Events come at an even
pace; the share of bad ones changes at one moment.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.monitoring.promql import METRIC_NAME, Expression, Labels, Matcher, MatchType, Series, match_all
from simulator.monitoring.promql.expressions import Selector
from simulator.monitoring.promql.series import Times, Values
from simulator.monitoring.slo.indicators import Counts, Indicator, Slices, StoredRatio, Threshold
from simulator.monitoring.slo.objectives import Objective
from timeline.findings import InputError

EVENTS_PER_SAMPLE = 60.0
"""Events between two scrapes: many enough that shares are not a matter of chance."""
_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2
_USUAL_VALUES = ("200", "500", "404", "GET", "0", "x", "")


@dataclass(frozen=True, slots=True)
class ExampleSeries:
    """One series: its values follow from the error ratio at each sample, float64[n] to float64[n]."""

    labels: Labels
    values: Callable[[Values], Values]

    def series(self, times: Times, error_ratio: Values) -> Series:
        return Series(self.labels, times, self.values(error_ratio))


def example_series(objective: Objective) -> list[ExampleSeries]:
    """Series that give the objective's indicator any error ratio.

    Raises InputError when a query reads several series, or none can be thought of that fulfils its conditions.
    """
    found = _of(objective.indicator)
    if found is None:
        message = f"no example series can be made for the indicator of {objective.name!r}"
        hint = "its queries may read one metric each, with conditions that a short label value fulfils"
        raise InputError.single("slo.no-example", objective.place, message, hint)
    return found


def _of(indicator: Indicator) -> list[ExampleSeries] | None:
    match indicator:
        case Slices(inner):
            return _of(inner)
        case Counts():
            return _counts(indicator)
        case StoredRatio(query, success):
            return _one(query, lambda errors: 1 - errors if success else errors)
        case Threshold(query, operator, bound):
            good, bad = (bound - 1, bound + 1) if operator in ("<", "<=") else (bound + 1, bound - 1)
            return _one(query, lambda errors: np.where(_scattered(errors), bad, good))
    return None


def _one(query: Expression, values: Callable[[Values], Values]) -> list[ExampleSeries] | None:
    selector = _only_selector(query)
    labels = None if selector is None else _witness(selector.matchers)
    return None if labels is None else [ExampleSeries(labels, values)]


def _counts(counts: Counts) -> list[ExampleSeries] | None:
    part, whole = _only_selector(counts.numerator), _only_selector(counts.total)
    if part is None or whole is None:
        return None

    def events(share: Callable[[Values], Values]) -> Callable[[Values], Values]:
        def values(errors: Values) -> Values:
            each = EVENTS_PER_SAMPLE * share(errors)
            return np.cumsum(each) if counts.counter else each

        return values

    def counted(errors: Values) -> Values:
        return 1 - errors if counts.good else errors

    base = _witness(whole.matchers)
    if base is None:
        return None
    within = _witness((*whole.matchers, *part.matchers), like=base)
    if within is not None:
        beside = _witness(whole.matchers, without=part.matchers, like=within)
        if beside is None:
            return None
        return [
            ExampleSeries(within, events(counted)),
            ExampleSeries(beside, events(lambda errors: 1 - counted(errors))),
        ]
    apart = _witness(part.matchers, like=base)
    if apart is None:
        return None
    return [ExampleSeries(apart, events(counted)), ExampleSeries(base, events(np.ones_like))]


def _scattered(errors: Values) -> np.typing.NDArray[np.bool_]:
    """Which samples are bad, so that their share is the error ratio, also among every second or fifth of them.

    Multiples of the golden ratio fall evenly between 0 and 1 whatever the step (Weyl's equidistribution).
    """
    places = np.arange(1, len(errors) + 1) * _GOLDEN_RATIO % 1.0
    return np.asarray(places < errors, dtype=np.bool_)


def _only_selector(query: Expression) -> Selector | None:
    selectors = [node for node in query.walk() if isinstance(node, Selector)]
    return selectors[0] if len(selectors) == 1 else None


def _witness(
    matchers: Sequence[Matcher], *, without: Sequence[Matcher] = (), like: Labels | None = None
) -> Labels | None:
    """A label set that fulfils `matchers` and, where given, not all of `without`; labels are those of `like` if any."""
    known = dict(like or {})
    names = sorted({m.name for m in (*matchers, *without)})
    choices = [list(_values(name, [*matchers, *without], known.get(name))) for name in names]
    for values in itertools.islice(itertools.product(*choices), 50_000):
        labels = Labels({**known, **dict(zip(names, values, strict=True))})
        if match_all(matchers, labels) and not (without and match_all(without, labels)) and labels.metric_name:
            return labels
    return None


def _values(name: str, matchers: Iterable[Matcher], known: str | None) -> Iterator[str]:
    """Candidates for the value of a label, the likeliest first."""
    seen = dict.fromkeys(() if known is None else (known,))
    for matcher in matchers:
        if matcher.name == name:
            if matcher.type in (MatchType.EQUAL, MatchType.NOT_EQUAL):
                seen[matcher.value] = None
            else:
                seen.update(dict.fromkeys(readings(matcher.value)))
    if name != METRIC_NAME:
        seen.update(dict.fromkeys(_USUAL_VALUES))
    yield from seen


def readings(pattern: str) -> Iterator[str]:
    """Short texts that a regular expression may mean: one for each of its alternatives."""
    flat = re.sub(r"\(\?:|\(\?P<\w+>|[()^$]", "", pattern)
    for alternative in flat.split("|"):
        text = re.sub(r"\[\^?(\\?.)[^\]]*\]", r"\1", alternative)
        text = text.replace(r"\d", "0").replace(r"\w", "x")
        text = re.sub(r"(?<!\\)\.[*]", "", text)
        text = re.sub(r"(?<!\\)\.", "0", text)
        yield re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)[+*?]|\{\d+(,\d*)?\}", "", text))
