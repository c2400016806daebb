"""Exports of a run into its folder `exports`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path

import polars as pl

from reports.exports.dashboard import dashboard
from reports.exports.figures import Figure, figures
from reports.exports.openmetrics import openmetrics
from reports.scoring.model import Scores
from timeline.files import write_whole, written_whole

FOLDER = "exports"


class ExportFormat(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    OPENMETRICS = "openmetrics"
    DASHBOARD = "dashboard"


_SCHEMA = pl.Schema(
    {
        name: {"float | None": pl.Float64, "bool": pl.Boolean, "bool | None": pl.Boolean}.get(str(kind), pl.String)
        for name, kind in Figure.__annotations__.items()
    }
)


def write_exports(scores: Scores, run: Path, formats: Collection[ExportFormat]) -> list[Path]:
    """The files that were written, in the order of `ExportFormat`."""
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    return [_write(scores, folder, format) for format in ExportFormat if format in formats]


def _write(scores: Scores, folder: Path, format: ExportFormat) -> Path:
    if format is ExportFormat.OPENMETRICS:
        path = folder / "scores.openmetrics"
        write_whole(path, openmetrics(scores))
    elif format is ExportFormat.DASHBOARD:
        path = folder / "dashboard.html"
        write_whole(path, dashboard(scores))
    else:
        path = folder / f"scores.{format}"
        table = pl.DataFrame([asdict(figure) for figure in figures(scores)], schema=_SCHEMA)
        with written_whole(path) as temporary:
            if format is ExportFormat.CSV:
                table.write_csv(temporary)
            else:
                table.write_parquet(temporary)
    return path
