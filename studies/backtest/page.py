"""A back-test as one self-contained HTML page: no request leaves it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.figures.canvas import Figure
from reports.html.environment import page_environment
from studies.backtest.answer import Answer
from studies.backtest.caveats import write_local

_MOST_ROWS = 500
"""A longer list is cut and says so; all of it is in the JSON document beside the page."""


def html_page(answer: Answer, figures: Sequence[Figure]) -> str:
    """The text of `report.html`."""
    zone = answer.question.zone
    environment = page_environment("studies.backtest")
    environment.filters |= {"moment": lambda at_ms: write_local(at_ms, zone)}
    return environment.get_template("backtest.html.jinja").render(
        recording=answer.recording,
        question=answer.question,
        tests=answer.tests,
        last=answer.tests[-1],
        comparison=answer.comparison,
        caveats=answer.caveats,
        figures=[(figure, Markup(figure.svg)) for figure in figures],
        most=_MOST_ROWS,
    )
