"""The executive dashboard: one static page, everything on it a figure of `scores.json`."""

from __future__ import annotations

from reports.exports.figures import Figure, figures
from reports.html.environment import page_environment
from reports.measures.measure import Unit
from reports.quantities import write_value
from reports.scoring.model import Scores

_SHOWN = (
    "time_to_detect",
    "time_to_acknowledge",
    "time_to_mitigate",
    "time_to_restore",
    "rto_met",
    "rpo_met",
    "financial_loss",
    "pages_per_incident",
)
"""Measures that everybody asks for first."""


def dashboard(scores: Scores) -> str:
    """HTML without any request to elsewhere."""
    rows = list(figures(scores))
    measures = {row.id: row for row in rows if row.kind == "measure"}
    tiles = [measures[id] for id in _SHOWN if id in measures and measures[id].value is not None]
    template = page_environment("reports.exports").get_template("dashboard.html.jinja")
    return template.render(
        scores=scores,
        objectives=[row for row in rows if row.kind == "objective"],
        targets=[row for row in rows if row.kind == "target"],
        tiles=[(row, written(row)) for row in tiles],
        written=written,
    )


def written(figure: Figure) -> str:
    """The figure as people read it."""
    if figure.value is None:
        return "not exercised"
    return write_value(figure.value, Unit(figure.unit), at_least=figure.is_open)
