"""A history as one self-contained page: each question with its figures and its table."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from reports.figures.canvas import Figure
from reports.history.description import Description
from reports.history.tables import sections, when
from reports.html.environment import page_environment


def history_page(title: str, described: Description, figures: Iterable[Figure]) -> str:
    """The page; figures stand with the questions that they answer."""
    drawn = {figure.id: figure for figure in figures}
    parts = [
        (section, [(drawn[id], Markup(drawn[id].svg)) for id in section.figures if id in drawn])
        for section in sections(described)
    ]
    template = page_environment("reports.history").get_template("history.html.jinja")
    return template.render(title=title, described=described, when=when(described), parts=parts)
