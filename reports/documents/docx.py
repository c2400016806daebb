"""A document as DOCX, for those who must edit it: real headings, lists, table headers, alternative texts, bookmarks.

Styles are those of Word, so that an organisation's own template fits over it.  What python-docx does not know
(bookmarks, links inside the document, page numbers, repeated header rows) is written as the elements of Office Open XML
(ECMA-376 part 1, chapter 17).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from reports.documents.archives import dated
from reports.documents.model import (
    Block,
    Document,
    Heading,
    Listing,
    PageBreak,
    Paragraph,
    Picture,
    Row,
    Table,
    Tone,
    Words,
)
from reports.quantities import first_and_last

if TYPE_CHECKING:
    from docx.document import Document as File
    from docx.text.paragraph import Paragraph as WordParagraph

_COLOURS: dict[Tone, tuple[int, int, int] | None] = {
    "good": (0x11, 0x63, 0x29),
    "fair": (0x7D, 0x4E, 0x00),
    "bad": (0xA4, 0x0E, 0x26),
    "none": None,
}
_SOFT, _LINK = (0x57, 0x60, 0x6A), (0x05, 0x50, 0xAE)
_PAGE_MM, _MARGIN_MM = (210, 297), 18
_WIDTH_MM = _PAGE_MM[0] - 2 * _MARGIN_MM
_TALLEST_MM = 200


def docx_document(document: Document) -> bytes:
    """The bytes of the file; the same document gives the same ones."""
    return dated(_Writer(document).write(), document.dated)


class _Writer:
    """Writes the blocks of one document, in order, at the end of a file."""

    def __init__(self, document: Document) -> None:
        import docx

        self._document = document
        self._anchors = document.anchors()
        self._file: File = docx.Document()
        self._bookmarks = 0

    def write(self) -> bytes:
        self._set_up()
        self._title()
        for block in self._document.blocks:
            self._block(block)
        target = io.BytesIO()
        self._file.save(target)
        return target.getvalue()

    def _set_up(self) -> None:
        """Page, language, fonts, properties, and the marking and page number on every page."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt, RGBColor

        properties = self._file.core_properties
        properties.title = f"{self._document.title}: {self._document.subtitle}"
        properties.subject, properties.author, properties.comments = self._document.marking, "Blackstart", ""
        properties.language = "en"
        normal = self._file.styles["Normal"]
        normal.font.name, normal.font.size = "DejaVu Sans", Pt(8 if self._document.single_page else 9)
        normal.element.get_or_add_rPr().append(_element("w:lang", {"w:val": "en-GB"}))
        for style in self._file.styles:
            if style.name is not None and style.name.startswith(("Heading", "Title")):
                fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
                fonts.attrib.clear()
                fonts.set(qn("w:ascii"), "DejaVu Sans")
                fonts.set(qn("w:hAnsi"), "DejaVu Sans")
                style.font.color.rgb = RGBColor(0x1B, 0x1F, 0x24)
        section = self._file.sections[0]
        section.page_width, section.page_height = Mm(_PAGE_MM[0]), Mm(_PAGE_MM[1])
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
        head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
        head.alignment = foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        marking = head.add_run(self._document.marking)
        marking.bold = True
        marking.font.color.rgb = RGBColor(*(_COLOURS["bad"] or _SOFT))
        foot.add_run(f"{self._document.title} · page ")
        number = _element("w:fldSimple", {"w:instr": "PAGE"})
        number.append(foot.add_run("1")._r)
        foot._p.append(number)

    def _title(self) -> None:
        self._file.add_paragraph(self._document.subtitle, style="Subtitle")
        self._file.add_paragraph(self._document.title, style="Title")
        facts = Table("", ("", ""), (22, 78), tuple(Row((Words(n), words)) for n, words in self._document.facts))
        self._rows(facts, with_header=False)
        if not self._document.single_page:
            self._file.add_page_break()  # type: ignore[no-untyped-call]

    def _block(self, block: Block) -> None:
        match block:
            case Heading():
                self._file.add_heading(block.text, block.level)
            case Paragraph():
                paragraph = self._file.add_paragraph(style="Intense Quote" if block.style == "banner" else None)
                self._say(paragraph, block.words, soft=block.style == "soft")
            case Listing():
                for words in block.items:
                    style = "List Number" if block.ordered else "List Bullet"
                    self._say(self._file.add_paragraph(style=style), words)
            case Table():
                self._file.add_paragraph(block.caption, style="Caption").paragraph_format.keep_with_next = True
                self._rows(block, with_header=True)
                self._file.add_paragraph()
            case Picture():
                self._picture(block)
            case PageBreak():
                self._file.add_page_break()  # type: ignore[no-untyped-call]

    def _rows(self, table: Table, *, with_header: bool) -> None:
        from docx.shared import Mm

        made = self._file.add_table(rows=0, cols=len(table.columns), style="Table Grid")
        made.autofit = False
        if with_header:
            head = made.add_row()
            for cell, name in zip(head.cells, table.columns, strict=True):
                cell.paragraphs[0].add_run(name).bold = True
            head._tr.get_or_add_trPr().append(_element("w:tblHeader", {"w:val": "true"}))
        for row in table.rows:
            line = made.add_row()
            line._tr.get_or_add_trPr().append(_element("w:cantSplit", {"w:val": "true"}))
            for place, (cell, words) in enumerate(zip(line.cells, row.cells, strict=True)):
                paragraph = cell.paragraphs[0]
                if place == 0 and row.event is not None:
                    self._bookmark(paragraph, f"e{row.event}")
                self._say(paragraph, words, bold=place == 0)
        for column, share in zip(made.columns, table.widths, strict=True):
            width = Mm(_WIDTH_MM * share / sum(table.widths))
            for cell in column.cells:
                cell.width = width

    def _picture(self, picture: Picture) -> None:
        from docx.shared import Mm

        image = io.BytesIO(picture.png())
        shape = self._file.add_picture(image, width=Mm(_WIDTH_MM))
        if shape.height > Mm(_TALLEST_MM):
            shape.width, shape.height = Mm(_WIDTH_MM * Mm(_TALLEST_MM) // shape.height), Mm(_TALLEST_MM)
        described = shape._inline.docPr
        described.set("descr", picture.alternative)
        described.set("title", picture.title)
        self._file.paragraphs[-1].paragraph_format.keep_with_next = True
        self._file.add_paragraph(f"{picture.title}. {picture.caption}", style="Caption")

    def _say(self, paragraph: WordParagraph, words: Words, *, bold: bool = False, soft: bool = False) -> None:
        from docx.shared import Pt, RGBColor

        run = paragraph.add_run(words.text)
        run.bold = bold or None
        colour = _COLOURS[words.tone] or (_SOFT if soft else None)
        if colour is not None:
            run.font.color.rgb = RGBColor(*colour)
        shown, some_left_out = first_and_last(words.evidence, self._document.most_cited)
        if not shown:
            return
        pieces: list[int | str] = [*shown]
        if some_left_out:
            pieces.insert(-1, "…")
        for place, piece in enumerate(pieces):
            text = f"{' [' if place == 0 else ' '}{piece}{']' if place == len(pieces) - 1 else ''}"
            cited = paragraph.add_run(text)
            cited.font.size = Pt(6.5)
            if piece in self._anchors:
                cited.font.color.rgb = RGBColor(*_LINK)
                link = _element("w:hyperlink", {"w:anchor": f"e{piece}", "w:history": "1"})
                paragraph._p.append(link)
                link.append(cited._r)

    def _bookmark(self, paragraph: WordParagraph, name: str) -> None:
        self._bookmarks += 1
        id = str(self._bookmarks)
        paragraph._p.append(_element("w:bookmarkStart", {"w:id": id, "w:name": name}))
        paragraph._p.append(_element("w:bookmarkEnd", {"w:id": id}))


def _element(tag: str, attributes: dict[str, str]) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(name), value)
    return element
