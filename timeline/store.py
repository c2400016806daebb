"""The timeline on disk: JSON lines, one event each, appended as it happens.

A run that dies leaves whole lines and at most one torn last line; reading drops that one and says so.
Lines are written with a fixed order of keys, so the same events give the same bytes.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError

from timeline.details import LEFT_OUT_WHEN_EMPTY
from timeline.events import DETAIL_OF_KIND, DataClass, Event, LiveStamp
from timeline.findings import InputError, Place
from timeline.journal import Timeline
from timeline.references import Reference


def encode(event: Event) -> str:
    """One line (without its end) of `timeline.jsonl`."""
    record: dict[str, Any] = {
        "seq": event.seq,
        "at_ms": event.at_ms,
        "kind": event.kind,
        "subject": str(event.subject),
        "actor": str(event.actor),
        "detail": _plain(event.detail),
        "causes": event.causes,
        "data_class": event.data_class,
    }
    if event.rests_on:
        record["rests_on"] = event.rests_on
    if event.live is not None:
        record |= _plain(event.live)
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def decode(line: str) -> Event:
    """The event of one line.  Raises ValueError (also from JSON and from a detail that does not fit its kind)."""
    record = json.loads(line)
    try:
        family = DETAIL_OF_KIND[record["kind"]]
        live = (
            LiveStamp(record["wall"], record["observed_at_ms"], record["speed"], record["prev_hash"])
            if "wall" in record
            else None
        )
        return Event(
            seq=record["seq"],
            at_ms=record["at_ms"],
            kind=record["kind"],
            subject=Reference.parse(record["subject"]),
            actor=Reference.parse(record["actor"]),
            detail=_adapter(family).validate_python(record["detail"]),
            causes=tuple(record["causes"]),
            data_class=DataClass(record["data_class"]),
            rests_on=tuple(record.get("rests_on", ())),
            live=live,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an event: {error}") from None


class TimelineFile:
    """A listener that appends each event to a file.  With `sync`, the event is on disk before the call returns."""

    def __init__(self, path: Path, *, sync: bool = False) -> None:
        self._file: IO[str] = path.open("x", encoding="utf-8", newline="\n")
        self._sync = sync

    def __call__(self, event: Event) -> None:
        self._file.write(encode(event) + "\n")
        if self._sync:
            self.flush()

    def flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> TimelineFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
        self._file.close()


def read_timeline(path: Path) -> Timeline:
    """Every whole event of a file.  A torn last line (a run that was killed) is left out.

    Raises InputError with the line when a line that is not the last one is not an event, or seq has a gap.
    """
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    *lines, _torn = text.split("\n")
    events: list[Event] = []
    for number, line in enumerate(lines, start=1):
        try:
            event = decode(line)
        except (ValueError, ValidationError) as error:
            reason = str(error).splitlines()[0]
            raise InputError.single(
                "timeline.line",
                Place(str(path), number, 1, line[:120]),
                f"this line is not an event: {reason}",
            ) from None
        if event.seq != len(events):
            raise InputError.single(
                "timeline.gap",
                Place(str(path), number, 1, line[:120]),
                f"event {len(events)} is missing: this line is event {event.seq}",
            )
        events.append(event)
    return Timeline(events)


@cache
def _adapter(family: type) -> TypeAdapter[Any]:
    return TypeAdapter(family)


def _plain(value: Any) -> Any:
    """Dataclasses as dicts in the order of their fields; tuples as lists; floats that are whole stay floats."""
    if is_dataclass(value) and not isinstance(value, type):
        written = (f for f in fields(value) if getattr(value, f.name) or LEFT_OUT_WHEN_EMPTY not in f.metadata)
        return {f.name: _plain(getattr(value, f.name)) for f in written}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value
