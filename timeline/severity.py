"""How grave it is: the rows of a severity matrix over a picture of what suffers.

One reading of the matrix for everybody: the people on an incident hold it against what they know, the scorer against
what was so.  A *picture* is what suffers at one moment; only time that runs out changes a severity without a change of
the picture, and `turns_at_ms` says when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Row(Protocol):
    """Conditions of which all that are given have to hold."""

    @property
    def functions_disrupted(self) -> int | None: ...
    @property
    def critical_functions(self) -> bool: ...
    @property
    def clients_affected(self) -> int | None: ...
    @property
    def corrupt_data(self) -> bool: ...
    @property
    def rto_left_below(self) -> int | None: ...
    @property
    def workplace_lost(self) -> bool: ...
    @property
    def otherwise(self) -> bool: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Disrupted:
    """A business function below its minimum level."""

    since_ms: int
    critical: bool = False
    rto_ms: int | None = None
    clients: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """What suffers at one moment."""

    functions: tuple[Disrupted, ...] = ()
    corrupt_data: bool = False
    workplace_lost: bool = False


def row_of(matrix: Sequence[R], picture: Picture, now_ms: int) -> R:
    """The first row that applies; the last one always does."""
    return next(row for row in matrix if applies(row, picture, now_ms))


def applies(row: Row, picture: Picture, now_ms: int) -> bool:
    """Whether a row applies.  Wrong data are enough for a row that asks for them, whatever is still served."""
    if row.otherwise:
        return True
    if row.corrupt_data:
        return picture.corrupt_data
    if row.workplace_lost and not picture.workplace_lost:
        return False
    functions = picture.functions
    if row.critical_functions and not any(f.critical for f in functions):
        return False
    if row.functions_disrupted is not None and len(functions) < row.functions_disrupted:
        return False
    if row.clients_affected is not None and sum(f.clients for f in functions) < row.clients_affected:
        return False
    if row.rto_left_below is not None:
        left = (f.rto_ms - (now_ms - f.since_ms) for f in functions if f.rto_ms is not None)
        return any(ms < row.rto_left_below for ms in left)
    return bool(functions) or row.workplace_lost


def turns_at_ms(matrix: Iterable[Row], picture: Picture) -> list[int]:
    """Moments from which on less of an RTO is left than some row allows."""
    return sorted(
        {
            f.since_ms + f.rto_ms - row.rto_left_below + 1
            for row in matrix
            for f in picture.functions
            if row.rto_left_below is not None and f.rto_ms is not None
        }
    )
