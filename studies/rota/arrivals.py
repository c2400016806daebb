"""When pages come: a Poisson process whose rate follows the hour of the day and the day of the week.

    format: blackstart/arrivals/1
    per_week: 9
    by_hour: [1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 1, 1, 1]    # from 00:00; only ratios count
    by_weekday: [1, 1, 1, 1, 1, 0.5, 0.5]                                               # from Monday
    occupies: lognormal(median=25m, p90=2h)

`fit` reads the same from pages of the past.  Hours and days are taken to be independent of each other, so that some
dozens of pages are enough; each hour and day counts half a page more than was seen (Jeffreys' prior for a Poisson
rate), so that an hour without a page yet is rare and not impossible.  Storms, in which one page brings the next, are
not in the model: it understates busy nights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Literal

from pydantic import Field, model_validator

from reports.workload.load import Span
from reports.workload.pages import Page
from simulator.randomness import Streams
from simulator.response.oncall.clock import LocalClock, is_sleep_hour
from timeline.distributions import Distribution
from timeline.findings import InputError
from timeline.instants import HOUR, MINUTE, UNIX_EPOCH, WEEK, format_duration
from topologies.fields import Duration, Model
from topologies.loading.document import read_document
from topologies.loading.validation import validate

_FEWEST = 10
_PRIOR = 0.5
_USUAL = Distribution.parse("lognormal(median=25m, p90=2h)")
"""How long a page occupies somebody where nobody knows."""


class Arrivals(Model):
    """When pages of a rotation come, on its clock, and how long one occupies whoever takes it."""

    format: Literal["blackstart/arrivals/1"] = "blackstart/arrivals/1"
    per_week: float = Field(gt=0, le=10_000)
    by_hour: Annotated[tuple[float, ...], Field(min_length=24, max_length=24)] = (1.0,) * 24
    by_weekday: Annotated[tuple[float, ...], Field(min_length=7, max_length=7)] = (1.0,) * 7
    occupies: Duration = _USUAL

    @model_validator(mode="after")
    def _weighs_something(self) -> Arrivals:
        for weights in (self.by_hour, self.by_weekday):
            if min(weights) < 0 or not sum(weights) or not math.isfinite(sum(weights)):
                raise ValueError("weights are not negative, and not all of them are zero")
        return self

    def per_hour(self, weekday: int, hour: int) -> float:
        """Expected pages in one hour; Monday is day 0."""
        return self.per_week * self.by_weekday[weekday] / sum(self.by_weekday) * self.by_hour[hour] / sum(self.by_hour)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A page that comes, whoever holds the rotation.  `name` is its identity in every random stream."""

    name: str
    at_ms: int


def read_arrivals(path: Path) -> Arrivals:
    """Raises InputError with everything that is wrong with the file."""
    return validate(read_document(path), Arrivals)


def fit(pages: Sequence[Page], span: Span, clock: LocalClock) -> Arrivals:
    """The profile of pages that came within a span; incidents are counted, not the people paged for them.

    Raises InputError when there are too few to say anything.
    """
    firsts: dict[str, Page] = {}
    for page in pages:
        if span.from_ms <= page.at_ms < span.to_ms:
            firsts.setdefault(page.incident, page)
    if len(firsts) < _FEWEST:
        message = f"{len(firsts)} incidents in the span say too little about when pages come"
        raise InputError.single("arrivals.too-few", "--pages", message, f"give at least {_FEWEST}, or --arrivals")
    by_hour, by_weekday = [_PRIOR] * 24, [_PRIOR] * 7
    for page in firsts.values():
        local = clock.wall(page.at_ms)
        by_hour[local.hour] += 1
        by_weekday[local.weekday()] += 1
    return Arrivals(
        per_week=len(firsts) * WEEK / span.length_ms,
        by_hour=tuple(by_hour),
        by_weekday=tuple(by_weekday),
        occupies=_occupies([page.occupied for page in firsts.values()]),
    )


def arrivals_in(profile: Arrivals, span: Span, clock: LocalClock, streams: Streams) -> Iterator[Arrival]:
    """The pages that come in a span, in order of hours.  Each hour draws for itself."""
    for hour_ms in range(span.from_ms, span.to_ms, HOUR):
        local = clock.wall(hour_ms)
        length_ms = min(HOUR, span.to_ms - hour_ms)
        expected = profile.per_hour(local.weekday(), local.hour) * length_ms / HOUR
        name = f"{UNIX_EPOCH + timedelta(milliseconds=hour_ms):%Y-%m-%dt%H.%M}"
        count = poisson_quantile(streams.uniform("arrivals", "count", name), expected)
        for number in range(count):
            offset = streams.uniform("arrivals", "moment", f"{name}/{number}")
            yield Arrival(f"{name}-{number + 1}", hour_ms + int(offset * length_ms))


def expected_sleep_pages(profile: Arrivals, span: Span, clock: LocalClock, sleeper: LocalClock) -> float:
    """Pages to expect in a span while it is night on somebody's clock."""
    expected = 0.0
    for start_ms in range(span.from_ms, span.to_ms, 15 * MINUTE):
        if is_sleep_hour(sleeper.wall(start_ms)):
            local = clock.wall(start_ms)
            share = min(15 * MINUTE, span.to_ms - start_ms) / HOUR
            expected += share * profile.per_hour(local.weekday(), local.hour)
    return expected


def poisson_quantile(p: float, mean: float) -> int:
    """The least count that a Poisson variable stays at or below with probability `p`, by summing its terms."""
    count, term = 0, math.exp(-mean)
    reached = term
    while reached < p and term > 0:
        count += 1
        term *= mean / count
        reached += term
    return count


def _occupies(spans: Sequence[tuple[int, int] | None]) -> Distribution:
    """A lognormal through the median and the 90th percentile of what is known, the usual one where that is little."""
    lengths = [end - start for span in spans if span is not None for start, end in [span] if end > start]
    if len(lengths) < _FEWEST:
        return _USUAL
    middle, high = median(lengths), quantiles(lengths, n=10, method="inclusive")[-1]
    return Distribution.parse(f"lognormal(median={format_duration(round(middle))}, p90={format_duration(round(high))})")
