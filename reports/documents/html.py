"""A document as one HTML page: self-contained, printable, walked through by keyboard; PDF is made of the same page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from markupsafe import Markup

from reports.documents.model import Document, Heading, Words
from reports.html.environment import page_environment
from reports.quantities import first_and_last


def html_document(document: Document, *, beside: str | None = None) -> str:
    """The text of the page.

    References to events lead to their row in the document, else to the anchor of the event in the page `beside`.
    """
    environment = page_environment("reports.documents")
    environment.filters |= {"cited": _citation(document, beside)}
    return environment.get_template("document.html.jinja").render(
        document=document,
        contents=[block for block in document.blocks if isinstance(block, Heading) and block.level == 1],
        kind=lambda block: type(block).__name__,
        image=_image,
    )


def _citation(document: Document, beside: str | None) -> Callable[[Words], Markup]:
    anchors = document.anchors()

    def link(seq: int) -> Markup:
        if seq in anchors:
            return Markup('<a href="#e{0}">{0}</a>').format(seq)
        if beside is not None:
            return Markup('<a href="{0}#e{1}">{1}</a>').format(beside, seq)
        return Markup("{}").format(seq)

    def cited(words: Words) -> Markup:
        shown, some_left_out = first_and_last(words.evidence, document.most_cited)
        if not shown:
            return Markup("")
        links = [link(seq) for seq in shown]
        if some_left_out:
            links.insert(-1, Markup("…"))
        return Markup(' <span class="events">[{}]</span>').format(Markup(" ").join(links))

    return cited


def _image(svg: str) -> str:
    """A figure as an image: its marks do not lead anywhere, and its alternative text is read in their place."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
