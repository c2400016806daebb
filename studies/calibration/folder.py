"""The figures of a fit in a folder, and a page that shows them with what to see in each."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from reports.figures.canvas import Figure
from reports.figures.files import write_figures
from timeline.files import write_whole

PAGE = "figures.html"
_STYLE = "body{font:15px/1.5 system-ui,sans-serif;max-width:1060px;margin:2em auto;padding:0 1em;color:#1b1f24}"


def write_page(folder: Path, title: str, figures: Sequence[Figure]) -> None:
    """Writes each figure as `figures/<id>.svg`, and `figures.html` with all of them; folders are made where missing."""
    write_figures(folder / "figures", figures)
    write_whole(folder / PAGE, _page(title, figures))


def _page(title: str, figures: Sequence[Figure]) -> str:
    """One self-contained page: no request leaves it."""
    parts = [
        f"<h2>{escape(figure.title)}</h2>\n<p>{escape(figure.caption)}</p>\n<figure>{figure.svg}</figure>"
        for figure in figures
    ]
    head = (
        f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}svg{{max-width:100%;height:auto}}</style>'
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><h1>{escape(title)}</h1>\n' + "\n".join(
        [*parts, "</body></html>\n"]
    )
