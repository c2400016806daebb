"""The practices as one self-contained page: the matrix, then each practice with its figures and events."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from reports.html.environment import page_environment
from reports.practices.cells import Cell, cell_of, summary_of
from reports.practices.rehearsal import Rehearsed, Row
from reports.quantities import write_value

_LISTED = 12
"""Events that are listed of one figure."""


def practices_page(rows: Sequence[Row], runs: Sequence[Rehearsed]) -> str:
    """The page; runs are columns by their numbers, which a list above the matrix explains."""
    modules = [(module, list(found)) for module, found in groupby(rows, key=lambda row: row.practice.module)]
    return (
        page_environment("reports.practices")
        .get_template("practices.html.jinja")
        .render(
            modules=modules,
            rows=rows,
            runs=runs,
            cells=list(Cell),
            cell_of=cell_of,
            sentences=summary_of(list(rows)),
            write_value=write_value,
            listed=_LISTED,
        )
    )
