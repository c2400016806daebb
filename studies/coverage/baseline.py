"""The baseline: findings that somebody has accepted, with the reason and until when.

    format: blackstart/coverage-baseline/1
    accepted:
      "uncovered:crash@price-cache": {reason: Prices are read from the database then, expires: 2026-12-31}

A finding that is accepted does not count until the day it expires has passed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from timeline.findings import Place, nearest
from topologies.fields import Model
from topologies.loading.document import Document, read_document
from topologies.loading.validation import validate

FORMAT = "blackstart/coverage-baseline/1"


def _day(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is not a day; write one like 2026-12-31") from None


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]


class Accepted(Model):
    """Why a finding is accepted, and the last day on which it is."""

    reason: str = Field(min_length=1)
    expires: Day


class Baseline(Model):
    """A whole baseline file: accepted findings by their id."""

    format: Literal["blackstart/coverage-baseline/1"]
    accepted: dict[str, Accepted] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A baseline held on a day."""

    baseline: Baseline
    document: Document
    today: date

    def of(self, id: str) -> Accepted | None:
        """The acceptance of a finding that still holds."""
        accepted = self.baseline.accepted.get(id)
        return accepted if accepted is not None and accepted.expires >= self.today else None

    def expired(self) -> list[tuple[str, Accepted]]:
        return [(id, a) for id, a in self.baseline.accepted.items() if a.expires < self.today]

    def unknown(self, ids: Collection[str], examined: Collection[str]) -> list[tuple[str, str]]:
        """Accepted ids that no finding has, with the nearest one; `examined` are the kinds that were looked for."""
        return [
            (id, nearest(id, ids))
            for id in self.baseline.accepted
            if id not in ids and id.partition(":")[0] in examined
        ]

    def place(self, id: str) -> Place:
        return self.document.place(["accepted", id], key=True)


def read_baseline(path: Path, today: date) -> Acceptance:
    """A baseline file.  Raises InputError with every mistake."""
    document = read_document(path)
    return Acceptance(validate(document, Baseline), document, today)
