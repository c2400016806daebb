"""Recorded series on disk, compact: a storage for rules that may be larger than memory.

`SampleWriter` takes samples in any order and any portions; `finish` gives a `SampleStore`, which answers selectors as
every `promql.Storage` does.  Samples lie in two temporary files without a name, so nothing is left behind however the
process ends: first as they come (*segments*), then series by series in the order of time.

    writer:  up{a} 1..900 | x{b} 1..40 | up{a} 901..1800 | ...        segments, as they were read
    store:   times  [group 0: 1..1800][group 1: 1..40]                shared by series that were scraped together
             values [up{a}: 1800][x{b}: 40] ...

What is in memory at a time: the portion not yet written (`portion_bytes`), one series while it is put in order, the
values that a selector gives, and the times that a window looks at, until `release` lets them go.  Times are mapped, for
searching in them; values are read, because the system maps far more around each that is touched than is asked for.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from simulator.monitoring.promql import METRIC_NAME, Labels, Matcher, MatchType, Series, match_all
from simulator.monitoring.promql.series import Times, Values
from timeline.instants import MINUTE

PORTION_BYTES = 64 * 2**20
_SAMPLE_BYTES = 16
_GAP_MS = 10 * MINUTE
_GAP_STEPS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Samples of one series as a reader found them: `times` int64[n] in ms and `values` float64[n], in any order."""

    labels: Labels
    times: Times
    values: Values


@dataclass(frozen=True, slots=True)
class Conflict:
    """Different values for one series at so many `moments`, first at `at_ms`; those read first are kept."""

    labels: Labels
    at_ms: int
    moments: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing at all was recorded in this span."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of one series without reading it; `step_ms` is the usual distance of its samples."""

    labels: Labels
    samples: int
    first_ms: int
    last_ms: int
    step_ms: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a series lies: the number of its times, and the position of its values, counted in samples."""

    about: Recorded
    group: int
    values_at: int


@dataclass(slots=True)
class _Incoming:
    """One series while it is written: positions and lengths of segments, and what is not yet on disk."""

    segments: list[tuple[int, int]] = field(default_factory=list)
    waiting: list[Batch] = field(default_factory=list)


class SampleWriter:
    """Collects samples; `portion_bytes` is how much of them stays in memory."""

    def __init__(self, portion_bytes: int = PORTION_BYTES) -> None:
        self._portion_bytes = portion_bytes
        self._series: dict[Labels, _Incoming] = {}
        self._waiting = 0
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the writer)
        self._written = 0

    def add(self, batch: Batch) -> None:
        self._series.setdefault(batch.labels, _Incoming()).waiting.append(batch)
        self._waiting += len(batch.times) * _SAMPLE_BYTES
        if self._waiting >= self._portion_bytes:
            self._spill()

    def _spill(self) -> None:
        for incoming in self._series.values():
            count = sum(len(batch.times) for batch in incoming.waiting)
            if count:
                incoming.segments.append((self._written, count))
                for batch in incoming.waiting:
                    self._file.write(np.ascontiguousarray(batch.times, dtype=np.int64).data)
                for batch in incoming.waiting:
                    self._file.write(np.ascontiguousarray(batch.values, dtype=np.float64).data)
                self._written += count * _SAMPLE_BYTES
            incoming.waiting.clear()
        self._waiting = 0

    def finish(self) -> SampleStore:
        """Puts every series in order; the writer is used up."""
        self._spill()
        files = _Files()
        conflicts: list[Conflict] = []
        for labels, incoming in self._series.items():
            times, values = self._read(incoming.segments)
            if len(times) > 1 and not (np.diff(times) > 0).all():
                times, values, differing = _in_order(times, values)
                if len(differing):
                    conflicts.append(Conflict(labels, int(differing[0]), len(differing)))
            if len(times):
                files.add(labels, times, values)
        self._file.close()
        self._series.clear()
        return SampleStore(files, tuple(conflicts))

    def _read(self, segments: Sequence[tuple[int, int]]) -> tuple[Times, Values]:
        times, values = [np.empty(0, dtype=np.int64)], [np.empty(0)]
        for position, count in segments:
            self._file.seek(position)
            times.append(np.frombuffer(self._file.read(count * 8), dtype=np.int64))
            values.append(np.frombuffer(self._file.read(count * 8), dtype=np.float64))
        return np.concatenate(times), np.concatenate(values)


def _in_order(times: Times, values: Values) -> tuple[Times, Values, Times]:
    """In the order of time, each moment once with the value that came first; moments that had several values."""
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    again = np.concatenate([[False], times[1:] == times[:-1]])
    first_of = np.maximum.accumulate(np.where(again, 0, np.arange(len(times))))
    kept = values[first_of]
    differs = again & ~((values == kept) | (np.isnan(values) & np.isnan(kept)))
    return times[~again], values[~again], np.unique(times[differs])


class _Files:
    """The two files of a store while they are filled."""

    def __init__(self) -> None:
        self.times: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (handed to the store)
        self.values: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self.groups: list[tuple[int, int]] = []
        """Position, counted in samples, and length of each array of times."""
        self.entries: list[_Entry] = []
        self._by_digest: dict[bytes, int] = {}
        self._steps: list[int] = []
        self._times_at = 0
        self._values_at = 0

    def add(self, labels: Labels, times: Times, values: Values) -> None:
        group = self._group(times)
        about = Recorded(labels, len(times), int(times[0]), int(times[-1]), self._steps[group])
        self.entries.append(_Entry(about, group, self._values_at))
        self.values.write(values.data)
        self._values_at += len(values)

    def _group(self, times: Times) -> int:
        digest = hashlib.blake2b(times.data, digest_size=20).digest()
        known = self._by_digest.get(digest)
        if known is None:
            known = self._by_digest[digest] = len(self.groups)
            self.groups.append((self._times_at, len(times)))
            self._steps.append(int(np.median(np.diff(times))) if len(times) > 1 else 0)
            self.times.write(times.data)
            self._times_at += len(times)
        return known


class SampleStore:
    """Implements `promql.Storage` over series on disk.  Times are Unix milliseconds."""

    def __init__(self, files: _Files, conflicts: tuple[Conflict, ...]) -> None:
        self.conflicts = conflicts
        self._times = times = _map(files.times)
        self._groups = [
            np.frombuffer(times, np.int64, count, offset=at * 8) if times else np.empty(0, np.int64)
            for at, count in files.groups
        ]
        files.values.flush()
        self._values = files.values
        self._entries = files.entries
        self._by_name: dict[str, list[_Entry]] = {}
        for entry in files.entries:
            self._by_name.setdefault(entry.about.labels.metric_name, []).append(entry)
        self._matching: dict[tuple[Matcher, ...], list[_Entry]] = {}

    @property
    def series(self) -> Sequence[Recorded]:
        return [entry.about for entry in self._entries]

    @property
    def samples(self) -> int:
        return sum(entry.about.samples for entry in self._entries)

    @property
    def first_ms(self) -> int:
        """The first sample of all.  Raises ValueError where there is none."""
        return min(entry.about.first_ms for entry in self._entries)

    @property
    def last_ms(self) -> int:
        """The last sample of all.  Raises ValueError where there is none."""
        return max(entry.about.last_ms for entry in self._entries)

    def matching(self, matchers: Sequence[Matcher]) -> list[Recorded]:
        """The series that all matchers match, whenever they were recorded."""
        return [entry.about for entry in self._candidates(matchers)]

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        """As `promql.Storage`.  Series that were scraped together share their times, also after the cut."""
        cuts: dict[int, tuple[int, Times]] = {}
        found = []
        for entry in self._candidates(matchers):
            about = entry.about
            if about.first_ms > end_ms or about.last_ms < start_ms:
                continue
            cut = cuts.get(entry.group)
            if cut is None:
                whole = self._groups[entry.group]
                first, end = np.searchsorted(whole, [start_ms, end_ms + 1])
                cut = cuts[entry.group] = int(first), whole[first:end]
            first, times = cut
            if len(times):
                data = os.pread(self._values.fileno(), len(times) * 8, (entry.values_at + first) * 8)
                values = np.frombuffer(data, np.float64)
                found.append(Series(about.labels, times, values))
        return found

    def release(self) -> None:
        """Lets go of the pages of times that were looked at; what is read again comes back from the file."""
        advice = getattr(mmap, "MADV_DONTNEED", None)
        if advice is not None and isinstance(self._times, mmap.mmap):
            self._times.madvise(advice)

    def gaps(self) -> list[Gap]:
        """Spans without any sample of any series: at least ten minutes, and three of the usual steps."""
        if not self._entries:
            return []
        longest = max(_GAP_MS, _GAP_STEPS * max(entry.about.step_ms for entry in self._entries))
        begin = self.first_ms // MINUTE
        seen = np.zeros(self.last_ms // MINUTE - begin + 1, dtype=np.bool_)
        for times in self._groups:
            seen[times // MINUTE - begin] = True
            self.release()
        minutes = np.flatnonzero(seen)
        wide = np.flatnonzero(np.diff(minutes) * MINUTE > longest)
        return [Gap(int(minutes[i] + begin + 1) * MINUTE, int(minutes[i + 1] + begin) * MINUTE) for i in wide]

    def _candidates(self, matchers: Sequence[Matcher]) -> list[_Entry]:
        key = tuple(matchers)
        known = self._matching.get(key)
        if known is None:
            name = next((m for m in key if m.name == METRIC_NAME and m.type is MatchType.EQUAL and m.value), None)
            pool = self._entries if name is None else self._by_name.get(name.value, [])
            known = self._matching[key] = [entry for entry in pool if match_all(key, entry.about.labels)]
        return known


def _map(file: IO[bytes]) -> mmap.mmap | bytes:
    """The whole file; an empty one cannot be mapped."""
    file.flush()
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if file.tell() else b""


class Hiding:
    """A storage without the metrics of some names: what rules write anew must not mix with what was recorded."""

    def __init__(self, storage: SampleStore, names: frozenset[str]) -> None:
        self._storage = storage
        self._names = names

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        return [
            series
            for series in self._storage.select(matchers, start_ms, end_ms)
            if series.labels.metric_name not in self._names
        ]
