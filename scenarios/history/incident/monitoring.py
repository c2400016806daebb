"""Alerts that fired, as the monitoring has them.

Three forms are read:

- the answer of Prometheus' `query_range` for `ALERTS`: a series of alert and state; while it has samples, the alert is
  in that state.  It ends one step after its last sample, and is still firing where that is the last of the file;
- alerts of Alertmanager (`GET /api/v2/alerts`, or the bodies that it sends to a webhook): `startsAt`, and `endsAt`
  where the status says resolved (of an alert that fires it is only a promise);
- a CSV file with `name`, `from`, and where they are known `to` and `labels` (`key=value;key=value`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.intake import moment_texts, present
from scenarios.history.importers.json_items import Item, read_items
from scenarios.history.importers.known_table import is_json
from scenarios.history.importers.values import needed_moment, text
from scenarios.history.incident.rows import Row, Source
from timeline.details import AlertDetail
from timeline.instants import UNIX_EPOCH
from timeline.references import MONITORING, Reference, RefKind

_GAP = 1.5
"""Steps without a sample that end a span: one sample may lie a little late, but none may be missing."""
_LAST_S = 7_258_118_400
_KINDS = {"pending": "alert.pending", "firing": "alert.firing"}
Labels = tuple[tuple[str, str], ...]


def read_monitoring(source: Source) -> None:
    """Tells the alerts of a file.  Raises InputError where it cannot be read, or lacks a column."""
    if is_json(source.intake):
        _read_json(source)
    else:
        _read_csv(source)


def _read_json(source: Source) -> None:
    found: list[Item] = []
    for item in read_items(source.intake, ("alerts",)):
        answer = item.data.get("data")
        if isinstance(answer, Mapping) and isinstance(answer.get("result"), list):
            # The answer of a query is one object: its series are the rows, so it is none itself.
            source.intake.rows += len(answer["result"]) - 1
            found += [Item("result", item.line, one if isinstance(one, dict) else {}) for one in answer["result"]]
        else:
            _tell_alert(source, item)
    samples = [_samples(item) for item in found]
    times = sorted({at for series in samples for at in series})
    step = min((b - a for a, b in pairwise(times)), default=timedelta())
    for item, series in zip(found, samples, strict=True):
        _tell_series(source, item, series, step, times[-1] if times else None)


def _samples(item: Item) -> list[datetime]:
    values = item.data.get("values")
    pairs = [v for v in values if isinstance(v, list) and len(v) == 2] if isinstance(values, list) else []
    return sorted(UNIX_EPOCH + timedelta(seconds=float(at)) for at, one in pairs if one == "1" and _is_number(at))


def _is_number(value: object) -> bool:
    """Whether this can be a moment: seconds since 1970, before the year 2200."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LAST_S


def _tell_series(
    source: Source, item: Item, samples: Sequence[datetime], step: timedelta, last: datetime | None
) -> None:
    metric = _texts(item.data.get("metric"))
    name, state = metric.get("alertname"), metric.get("alertstate")
    row = source.row(item.line, f"{name} {state}", samples[0] if samples else None)
    kind = _KINDS.get(state or "")
    if name is None or kind is None or not samples:
        row.reasons.append("this is no series of ALERTS with a name, a state and samples")
        return
    labels = _labels({k: v for k, v in metric.items() if k not in ("__name__", "alertstate")})
    for begun, ended in _spans(samples, step):
        still = last is not None and ended >= last
        _tell_span(source, row, kind, labels, begun, None if still or kind == "alert.pending" else ended + step)


def _spans(samples: Sequence[datetime], step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Runs of samples without a gap: their first and last moments."""
    begun = before = samples[0]
    for at in samples[1:]:
        if at - before > step * _GAP:
            yield begun, before
            begun = at
        before = at
    yield begun, before


def _tell_alert(source: Source, item: Item) -> None:
    labels = _labels(_texts(item.data.get("labels")))
    status = text(item.data, "status") or text(item.data, "status", "state")
    row = source.row(item.line, f"{dict(labels).get('alertname')} {status}")
    try:
        if "alertname" not in dict(labels):
            raise ValueError("the alert has no alertname")
        begun = needed_moment(item.data, "startsAt", source.intake)
        ended = needed_moment(item.data, "endsAt", source.intake) if status == "resolved" else None
    except ValueError as error:
        row.reasons.append(str(error))
        return
    row.at = source.true_time(begun)
    _tell_span(source, row, "alert.firing", labels, begun, ended)


def _read_csv(source: Source) -> None:
    table = CsvFile(source.intake)
    name, begins = table.require("name"), table.require("from")
    ends, more = table.column(["to"]), table.column(["labels"])
    source.intake.settle_order(moment_texts(table.sample(), [begins]))
    for line, cells in table.rows():
        row = source.row(line, " ".join(cell for cell in cells if cell))
        try:
            called = present(cells[name])
            if called is None:
                raise ValueError("the alert has no name")
            begun = source.intake.moments.read(cells[begins])
            end = None if ends is None else present(cells[ends])
            ended = None if end is None else source.intake.moments.read(end)
            labels = _written_labels("" if more is None else cells[more])
        except ValueError as error:
            row.reasons.append(str(error))
            continue
        row.at = source.true_time(begun)
        _tell_span(source, row, "alert.firing", _labels({**labels, "alertname": called}), begun, ended)


def _written_labels(text: str) -> dict[str, str]:
    """Raises ValueError where this is no list of `key=value`."""
    labels = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise ValueError(f"labels: {part!r} is not key=value")
        labels[key.strip()] = value.strip()
    return labels


def _texts(labels: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in labels.items()} if isinstance(labels, Mapping) else {}


def _labels(labels: Mapping[str, Any]) -> Labels:
    return tuple(sorted(labels.items()))


def _tell_span(source: Source, row: Row, kind: str, labels: Labels, begun: datetime, ended: datetime | None) -> None:
    if ended is not None and ended < begun:
        row.reasons.append("the alert ends before it begins")
        return
    name = dict(labels)["alertname"]
    print_ = blake2b(repr(labels).encode(), digest_size=8).hexdigest()
    detail = AlertDetail(name, labels, (), None, source.at_ms(source.true_time(begun)), print_)
    subject = Reference(RefKind.ALERT, name)
    source.tell(row, begun, kind, subject, MONITORING, detail)
    if ended is not None:
        source.tell(row, ended, "alert.resolved", subject, MONITORING, detail)
