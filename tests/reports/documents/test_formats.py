"""HTML, DOCX, PDF and XLSX of a run: well-formed, accessible, the same figures in each, the same bytes each time."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
import pytest
from openpyxl import load_workbook

from reports.documents.docx import docx_document
from reports.documents.folder import documents_of
from reports.documents.html import html_document
from reports.documents.model import Document, Heading, Picture, Words
from reports.documents.model import Table as ModelTable
from reports.documents.pdf import pdf_document
from reports.documents.source import Source
from reports.documents.workbook import sheets
from reports.documents.xlsx import xlsx_workbook
from scenarios.shipped import shipped_scenarios
from tests.reports.building import Story, of_every_kind
from tests.reports.documents.reading import Cells, need_pdf, played, source_of, squeezed
from tests.reports.test_report import Page

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def lab() -> Source:
    return played("corner-lab-crash")


@pytest.fixture(scope="module", params=["corner lab", "every kind", "nothing happened", "incomplete"])
def source(request: pytest.FixtureRequest, lab: Source) -> Source:
    if request.param == "corner lab":
        return lab
    if request.param == "every kind":
        return source_of(of_every_kind())
    if request.param == "nothing happened":
        return source_of(Story().end(60))
    return source_of(type(lab.index.events)(lab.index.events[: len(lab.index.events) // 2]))


@pytest.fixture(scope="module")
def documents(source: Source) -> list[Document]:
    return documents_of(source)


@pytest.fixture(scope="module")
def report(lab: Source) -> Document:
    return documents_of(lab)[1]


def test_pages_are_well_formed_and_load_nothing(documents: list[Document]) -> None:
    for document in documents:
        page = Page(html_document(document, beside="../report.html"))
        assert [id for id, count in page.ids.items() if count > 1] == []
        assert [r for r in page.loaded if not r.startswith("data:image/svg+xml;base64,")] == []
        assert page.elements["script"] == 0


def test_links_of_a_page_lead_to_a_place_on_it_or_to_an_event_of_the_report(source: Source) -> None:
    for document in documents_of(source):
        page = Page(html_document(document, beside="../report.html"))
        outside = [link for link in page.links if link.removeprefix("#") not in page.ids]
        events = [re.fullmatch(r"\.\./report\.html#e(\d+)", link) for link in outside]
        assert all(found is not None and int(found[1]) < len(source.index.events) for found in events)
        assert document.single_page or not outside


def test_wide_tables_can_be_reached_by_keyboard(report: Document) -> None:
    text = html_document(report)
    assert text.count('class="scroll') == text.count('tabindex="0"><table>')
    assert 'class="skip" href="#content"' in text


def test_a_picture_has_an_alternative_text_that_says_what_happened(report: Document) -> None:
    pictures = [block for block in report.blocks if isinstance(block, Picture)]
    assert {p.id for p in pictures} >= {"swim-lanes", "recovery"}
    assert all(re.search(r"\d", p.alternative) for p in pictures)


def test_text_from_the_files_cannot_break_out() -> None:
    story = Story(functions=["<b>&"])
    story.add(0, "function.disrupted", "function:<b>&")
    document = documents_of(source_of(story.end(60)))[0]
    page = html_document(document)
    assert "&lt;b&gt;&amp;" in page
    assert "<b>" not in page
    docx_document(document)


def test_control_characters_are_replaced_which_no_format_can_hold() -> None:
    assert Words("a\x07b\nc").text == "a\N{REPLACEMENT CHARACTER}b\nc"


def test_docx_can_be_read_and_has_its_headings(documents: list[Document]) -> None:
    for document in documents:
        file = docx.Document(io.BytesIO(docx_document(document)))
        heads = [p.text for p in file.paragraphs if p.style is not None and p.style.name.startswith("Heading")]
        assert heads == [block.text for block in document.blocks if isinstance(block, Heading)]
        assert file.sections[0].header.paragraphs[0].text == document.marking


def test_docx_pictures_have_their_alternative_text(report: Document) -> None:
    file = docx.Document(io.BytesIO(docx_document(report)))
    described = [shape._inline.docPr.get("descr") for shape in file.inline_shapes]
    assert described == [block.alternative for block in report.blocks if isinstance(block, Picture)]


def test_docx_links_lead_to_bookmarks_and_header_rows_repeat(report: Document) -> None:
    file = docx.Document(io.BytesIO(docx_document(report)))
    body = file.element.body
    marks = [mark.get(f"{_W}name") for mark in body.iter(f"{_W}bookmarkStart")]
    links = {link.get(f"{_W}anchor") for link in body.iter(f"{_W}hyperlink")}
    assert len(marks) == len(set(marks))
    assert links == set(marks)
    tables = [block for block in report.blocks if isinstance(block, ModelTable)]
    assert len(list(body.iter(f"{_W}tblHeader"))) == len(tables)


def test_the_same_run_gives_the_same_bytes(lab: Source) -> None:
    again = played("corner-lab-crash")
    for one, other in zip(documents_of(lab), documents_of(again), strict=True):
        assert html_document(one) == html_document(other)
        assert docx_document(one) == docx_document(other)
    assert _book(lab) == _book(again)


def test_tables_are_equal_in_html_and_docx(documents: list[Document]) -> None:
    for document in documents:
        page = Cells(html_document(document)).tables
        file = docx.Document(io.BytesIO(docx_document(document)))
        rows = [[[squeezed(_text(cell)) for cell in row.cells] for row in table.rows] for table in file.tables]
        assert rows[0] == [[squeezed(name), squeezed(_cited(words))] for name, words in document.facts]
        assert rows[1:] == page


def _text(cell: Any) -> str:
    """With that of the links in it."""
    return "".join(node.text or "" for node in cell._tc.iter(f"{_W}t"))


def _cited(words: Words) -> str:
    """Of a fact, which no more than two events stand behind."""
    return f"{words.text}[{' '.join(map(str, words.evidence))}]"


@pytest.fixture(scope="module")
def pdf(report: Document) -> bytes:
    need_pdf()
    return pdf_document(report)


def test_pdf_has_every_cell_of_the_html_page(report: Document, pdf: bytes) -> None:
    text = squeezed("".join(page.extract_text() for page in _read(pdf).pages))
    cells = {cell for table in Cells(html_document(report)).tables for row in table for cell in row}
    assert len(cells) > 100
    assert sorted(cell for cell in cells if cell not in text) == []


def test_pdf_is_tagged_named_and_in_a_language(report: Document, pdf: bytes) -> None:
    catalog = _read(pdf).trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"].startswith("en")
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in catalog["/Metadata"].get_data()
    tags = _tags(catalog["/StructTreeRoot"])
    assert {"/Document", "/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/L", "/Link"} <= {tag for tag, _ in tags}
    pictures = [block.alternative for block in report.blocks if isinstance(block, Picture)]
    assert [alternative for tag, alternative in tags if tag == "/Figure"] == pictures


def _read(content: bytes) -> Any:
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(content))


def _tags(element: Any) -> list[tuple[str, str | None]]:
    """Structure elements in reading order, with their alternative texts."""
    found: list[tuple[str, str | None]] = []
    stack = [element]
    while stack:
        one = stack.pop()
        one = one.get_object() if hasattr(one, "get_object") else one
        if not isinstance(one, dict):
            continue
        if "/S" in one:
            found.append((str(one["/S"]), one.get("/Alt")))
        children = one.get("/K", [])
        children = children.get_object() if hasattr(children, "get_object") else children
        stack += reversed(children if isinstance(children, list) else [children])
    return found


def test_pdf_embeds_its_fonts_and_is_marked_on_every_page(report: Document, pdf: bytes) -> None:
    pages = _read(pdf).pages
    assert len(pages) > 3
    for page in pages:
        assert squeezed(report.marking) in squeezed(page.extract_text())
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()
            inner = inner["/DescendantFonts"][0].get_object() if "/DescendantFonts" in inner else inner
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"])


def test_the_executive_summary_is_one_page_with_the_same_bytes_each_time(documents: list[Document]) -> None:
    need_pdf()
    content = pdf_document(documents[0])
    assert len(_read(content).pages) == 1
    assert content == pdf_document(documents[0])


@pytest.mark.prove
@pytest.mark.parametrize("scenario", sorted(shipped_scenarios()))
def test_every_shipped_scenario_is_written_in_every_format(scenario: str) -> None:
    need_pdf()
    source = played(scenario)
    for document in documents_of(source):
        page = Page(html_document(document, beside="../report.html"))
        assert [id for id, count in page.ids.items() if count > 1] == []
        assert docx.Document(io.BytesIO(docx_document(document))).tables
        pages = _read(pdf_document(document)).pages
        assert len(pages) == 1 or not document.single_page
        assert squeezed(document.title) in squeezed(pages[0].extract_text())
    assert load_workbook(io.BytesIO(_book(source))).sheetnames[0] == "About"


def _book(source: Source) -> bytes:
    return xlsx_workbook("title", source.marking, source.index.epoch, sheets(source))


def test_the_workbook_has_the_measures_and_samples_of_the_scores(lab: Source) -> None:
    book = load_workbook(io.BytesIO(_book(lab)))
    measures = {row[0]: row[2] for row in book["Measures"].iter_rows(min_row=2, values_only=True)}
    wanted = {m.id: m.value for m in lab.scores.measures if m.value is not None}
    assert measures == pytest.approx(wanted, rel=1e-14)  # openpyxl writes 16 digits
    samples = [row[2] for row in book["Samples"].iter_rows(min_row=2, values_only=True)]
    assert samples == pytest.approx([s.value for m in lab.scores.measures for s in m.samples], rel=1e-14)


def test_the_msel_has_every_planned_item_with_its_event(lab: Source) -> None:
    assert lab.plan is not None
    book = load_workbook(io.BytesIO(_book(lab)))
    rows = list(book["MSEL"].iter_rows(min_row=2, values_only=True))
    assert {row[4] for row in rows} == {*lab.plan.faults, *lab.plan.injects}
    for row in rows:
        event = lab.index.events[int(str(row[13]))]
        assert event.kind == {"fault": "fault.started", "inject": "inject.delivered"}[str(row[3])]
        assert event.subject.id == row[4]
        assert (row[9] is not None) == (row[3] == "inject")


def test_the_workbook_has_no_formula_whatever_the_text_begins_with() -> None:
    story = Story(functions=["=1+1"])
    story.add(0, "function.disrupted", "function:=1+1")
    book = load_workbook(io.BytesIO(_book(source_of(story.end(60)))))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row]
    assert any(str(cell.value).endswith("=1+1") for cell in cells)
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_workbooks_of_any_run_can_be_read(source: Source) -> None:
    book = load_workbook(io.BytesIO(_book(source)))
    assert book.sheetnames == ["About", *(sheet.name for sheet in sheets(source))]
