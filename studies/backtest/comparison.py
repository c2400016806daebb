"""Before and after a change of rules or of the Alertmanager configuration, over the same recording.

Compared is what was *told*: one alert to one receiver (or, where nobody is notified, one alert).  A telling before and
one after are the same when receiver, alert and labels are equal and the alert fires at a common moment in both; it has
*moved* when it was told at another time.  What finds no partner is *gone* or *added*.

    before   |== firing ==|      |==|  |==|
                ^ told              ^     ^
    after        |== firing ===================|        moved by 2 min, gone, gone
                  ^ told
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from simulator.monitoring.promql import Labels
from studies.backtest.measures import Figures, end_of


class Change(StrEnum):
    ADDED = "added"
    GONE = "gone"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """A telling that is only on one side, or at another time; `receiver` is empty where nobody is notified."""

    change: Change
    alert: str
    receiver: str
    labels: Labels
    before_ms: int | None
    after_ms: int | None

    @property
    def at_ms(self) -> int:
        """When it was told first, before or after."""
        return min(at_ms for at_ms in (self.before_ms, self.after_ms) if at_ms is not None)


@dataclass(frozen=True, slots=True)
class Tally:
    """Tellings of one alert to one receiver: how many before and after, and how many of them in which relation."""

    alert: str
    receiver: str
    before: int
    after: int
    added: int
    gone: int
    moved: int

    @property
    def same(self) -> int:
        return self.before - self.gone - self.moved


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every difference in the order of time, and the sums by alert and receiver."""

    differences: tuple[Difference, ...]
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    at_ms: int
    fired_ms: int
    end_ms: int


_Key = tuple[str, str, Labels]


def compare(before: Figures, after: Figures, to_ms: int) -> Comparison:
    """Compares two outcomes over the same span, which ends at `to_ms`."""
    one, other = _told(before, to_ms), _told(after, to_ms)
    differences = [difference for key in one.keys() | other.keys() for difference in _pair(key, one[key], other[key])]
    differences.sort(key=lambda found: (found.at_ms, found.receiver, found.alert, found.labels, found.change))
    counts = Counter((found.alert, found.receiver, found.change) for found in differences)
    was, then = _counted(one), _counted(other)
    tallies = [
        Tally(
            alert,
            receiver,
            was[alert, receiver],
            then[alert, receiver],
            *(counts[alert, receiver, change] for change in (Change.ADDED, Change.GONE, Change.MOVED)),
        )
        for alert, receiver in sorted(was.keys() | then.keys())
    ]
    return Comparison(tuple(differences), tuple(tallies))


def _told(figures: Figures, to_ms: int) -> defaultdict[_Key, list[_Told]]:
    """Tellings by receiver, alert and labels, in the order in which the alerts fired."""
    found: defaultdict[_Key, list[_Told]] = defaultdict(list)
    for episode in figures.episodes:
        told = episode.told_ms if figures.notified else {"": episode.fired_ms}
        for receiver, at_ms in told.items():
            key = receiver, episode.rule.name, episode.labels
            found[key].append(_Told(at_ms, episode.fired_ms, end_of(episode, to_ms)))
    return found


def _counted(told: defaultdict[_Key, list[_Told]]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for (receiver, alert, _), found in told.items():
        counts[alert, receiver] += len(found)
    return counts


def _pair(key: _Key, before: Sequence[_Told], after: Sequence[_Told]) -> Iterator[Difference]:
    """Partners in the order of time: the first on each side that fire at a common moment."""
    receiver, alert, labels = key
    left, right = 0, 0
    while left < len(before) or right < len(after):
        one = before[left] if left < len(before) else None
        other = after[right] if right < len(after) else None
        if one is not None and (other is None or one.end_ms <= other.fired_ms):
            yield Difference(Change.GONE, alert, receiver, labels, one.at_ms, None)
            left += 1
        elif other is not None and (one is None or other.end_ms <= one.fired_ms):
            yield Difference(Change.ADDED, alert, receiver, labels, None, other.at_ms)
            right += 1
        elif one is not None and other is not None:
            if one.at_ms != other.at_ms:
                yield Difference(Change.MOVED, alert, receiver, labels, one.at_ms, other.at_ms)
            left, right = left + 1, right + 1
