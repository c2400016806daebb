"""A document as PDF: tagged for those who do not see it (PDF/UA-1), fonts embedded, the same bytes each time.

WeasyPrint makes it of the HTML page.  It needs the libraries of Pango, which are no Python packages; where they are not
installed, this says what to install.
"""

from __future__ import annotations

import logging
from hashlib import sha256

from reports.documents.html import html_document
from reports.documents.model import Document
from timeline.findings import InputError

_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
_HINT = f"pip install 'blackstart[documents]', and on Debian or Ubuntu: apt-get install {_PACKAGES}"


def require_pdf() -> None:
    """Raises InputError with what to install when PDF cannot be written here."""
    try:
        import weasyprint  # type: ignore[import-untyped]  # noqa: F401
    except (ImportError, OSError) as error:
        message = f"PDF cannot be written here: {str(error).splitlines()[0]}"
        raise InputError.single("documents.pdf", "--format pdf", message, _HINT) from None


def pdf_document(document: Document) -> bytes:
    """The bytes of the file.  Raises InputError when the libraries are missing."""
    require_pdf()
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of CSS that only browsers know
    page = html_document(document)
    content: bytes = weasyprint.HTML(string=page).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=sha256(page.encode()).digest()[:16]
    )
    return content
