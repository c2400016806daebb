"""Users who make themselves heard: how many reports come in, when, and on which channel.

While a function is hurt its users report on a channel at a rate of

    users x share of the channel x activity of the hour x what gets through in that hour x (1 - level)

an hour: a Poisson process whose rate changes, drawn by its cumulative hazard (the n-th report comes when the hazard
reaches a Gamma(n) variate).  The first five reports are events of their own; later ones arrive in batches that double,
so that a long outage does not drown the timeline.  What has come in of a batch when the trouble ends is told then, so
that counts are those of the process.  Rates are held constant between the knots of demand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import NormalDist
from zoneinfo import ZoneInfo

from simulator.estate.demand import activity, by_the_hour
from simulator.kernel import Kernel
from timeline.details import MessageDetail
from timeline.events import Event
from timeline.instants import HOUR
from timeline.references import USERS, function
from topologies.estate import BusinessFunction
from topologies.flows import ReportChannel

SERVICE_DESK = "service-desk"
_SINGLE_REPORTS = 5
_EXACT_UP_TO = 100
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What users of a function suffer: the how many-th time, how much is left, what they say, what it comes from."""

    number: int
    level: float
    words: str
    cause: int


@dataclass(slots=True)
class _Line:
    """One channel of one function.  `hazard` is the expected number of reports so far in this trouble."""

    function: str
    spec: BusinessFunction
    channel: str
    through: ReportChannel
    trouble: Trouble | None = None
    hazard: float = 0.0
    rate_per_ms: float = 0.0
    since_ms: int = 0
    reports: int = 0
    batch_from: float = 0.0
    """Hazard at which the batch under way began, and the one at which it is complete."""
    batch_to: float = 0.0
    generation: int = 0

    @property
    def purpose(self) -> str:
        return "reports" if self.channel == SERVICE_DESK else f"reports-{self.channel}"


@dataclass(slots=True)
class UserReporting:
    """Follows the users of all functions."""

    kernel: Kernel
    timezone: ZoneInfo
    on_report: Callable[[Event, str], None]
    _lines: dict[str, list[_Line]] = field(default_factory=dict)

    def add(self, id: str, spec: BusinessFunction) -> None:
        """A function whose users may report."""
        if spec.reports is None:
            return
        channels = {str(name): through for name, through in spec.reports.channels.items()}
        if spec.reports.share is not None:
            channels = {SERVICE_DESK: ReportChannel(share=spec.reports.share)}
        self._lines[id] = [_Line(id, spec, channel, through) for channel, through in channels.items()]

    def listen(self, id: str, trouble: Trouble | None) -> None:
        """The users of a function are hurt like this from now on; not at all when None."""
        for line in self._lines.get(id, ()):
            self._listen(line, trouble)

    def listen_by_the_hour(self) -> None:
        """A new knot of time: what gets through on a channel may be another."""
        for line in (line for lines in self._lines.values() for line in lines):
            if line.through.by_hour is not None and line.trouble is not None:
                self._listen(line, line.trouble)

    def _listen(self, line: _Line, trouble: Trouble | None) -> None:
        """Brings the hazard up to now and plans the next report at the rate of now."""
        now = self.kernel.now()
        line.hazard += line.rate_per_ms * (now - line.since_ms)
        line.since_ms = now
        if line.trouble is not None and (trouble is None or trouble.number != line.trouble.number):
            self._tell_rest(line)
        if trouble is not None and (line.trouble is None or trouble.number != line.trouble.number):
            line.hazard, line.reports, line.batch_from, line.batch_to = 0.0, 0, 0.0, 0.0
        line.trouble = trouble
        line.rate_per_ms = self._rate_per_ms(line)
        self._plan(line)

    def _plan(self, line: _Line) -> None:
        """Puts the end of the batch under way on the calendar."""
        line.generation += 1
        if line.rate_per_ms <= 0:
            return
        if line.reports == 0 and line.batch_to == 0.0:
            line.batch_to = self._further(line, 1)
        wait_ms = max((line.batch_to - line.hazard) / line.rate_per_ms, 0.0)
        generation = line.generation
        self.kernel.call_at(line.since_ms + math.ceil(wait_ms), lambda: self._batch_complete(line, generation))

    def _rate_per_ms(self, line: _Line) -> float:
        reports = line.spec.reports
        if reports is None or line.trouble is None:
            return 0.0
        wall = self.kernel.wall()
        active = activity(line.spec.demand, wall, self.timezone) if line.spec.demand else 1.0
        rate = reports.users * line.through.share * active * (1 - line.trouble.level) / HOUR
        if line.through.by_hour is not None:
            rate *= by_the_hour(line.through.by_hour, wall.astimezone(self.timezone))
        return rate

    def _batch_complete(self, line: _Line, generation: int) -> None:
        if generation != line.generation:
            return
        assert line.trouble is not None
        line.hazard = line.batch_from = line.batch_to
        line.since_ms = self.kernel.now()
        event = self._tell(line, line.trouble, _batch(line.reports))
        line.batch_to += self._further(line, _batch(line.reports))
        self._plan(line)
        self.on_report(event, line.function)

    def _tell_rest(self, line: _Line) -> None:
        """Of a batch of n that would be complete at its end, the n - 1 before the last lie anywhere within it."""
        size, length = _batch(line.reports), line.batch_to - line.batch_from
        if size == 1 or length <= 0 or line.trouble is None:
            return
        passed = min((line.hazard - line.batch_from) / length, 1.0)
        u = self._uniform(line, line.trouble, "rest")
        if (count := _binomial(size - 1, passed, u)) > 0:
            self.on_report(self._tell(line, line.trouble, count), line.function)

    def _tell(self, line: _Line, trouble: Trouble, count: int) -> Event:
        text = f"{line.spec.title} {trouble.words}"
        line.reports += count
        return self.kernel.emit(
            "report.received",
            function(line.function),
            USERS,
            MessageDetail(channel=line.channel, sender="users", audience=SERVICE_DESK, text=text, count=count),
            [trouble.cause],
            rests_on=(f"estate.functions.{line.function}.reports",),
        )

    def _further(self, line: _Line, count: int) -> float:
        """Hazard until `count` more reports."""
        assert line.trouble is not None
        u = self._uniform(line, line.trouble, "")
        return -math.log1p(-u) if count == 1 else _gamma(count, u)

    def _uniform(self, line: _Line, trouble: Trouble, what: str) -> float:
        occasion = f"trouble-{trouble.number}-{line.reports}{'-' + what if what else ''}"
        return self.kernel.streams.uniform(f"function/{line.function}", line.purpose, occasion)


def _batch(reports: int) -> int:
    """Size of the next event when so many have been made: 1, 1, 1, 1, 1, then 5, 10, 20, ..."""
    return 1 if reports < _SINGLE_REPORTS else reports


def _gamma(shape: int, u: float) -> float:
    """Quantile of a gamma distribution of scale 1, by Wilson and Hilferty (1931): right to 1 % from shape 5 on."""
    ninth = 1 / (9 * shape)
    return shape * max(1 - ninth + math.sqrt(ninth) * _NORMAL.inv_cdf(u), 0.01) ** 3


def _binomial(count: int, share: float, u: float) -> int:
    """Quantile of a binomial distribution: exact for a few, by its normal approximation for many."""
    if share <= 0 or share >= 1:
        return count if share >= 1 else 0
    if count > _EXACT_UP_TO:
        spread = math.sqrt(count * share * (1 - share))
        return min(max(round(count * share + spread * _NORMAL.inv_cdf(u)), 0), count)
    below, term = 0.0, (1 - share) ** count
    for number in range(count):
        below += term
        if u < below:
            return number
        term *= (count - number) / (number + 1) * share / (1 - share)
    return count
