"""What a document is made of, whatever it is written as: HTML, PDF and DOCX are written from this and say the same.

A document has a title page (or, where it is a single page, a title), a marking that stands on every page, and *blocks*
in order.  Text is *words*: a stretch of it with the numbers of the events behind it.  A row of a table may itself be an
event: then references to that event lead to it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from reports.quantities import first_and_last

Tone = Literal["good", "fair", "bad", "none"]
"""How a reader should take it; documents say it by colour, and never by colour alone."""


def printable(text: str) -> str:
    """Text without control characters, which neither HTML nor Office files can hold."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) != "Cc" else "\N{REPLACEMENT CHARACTER}" for c in text)


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of text with the numbers of the events that it was read from."""

    text: str
    evidence: tuple[int, ...] = ()
    tone: Tone = "none"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(self.text))


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is a chapter; its `id` is where the list of contents leads."""

    level: Literal[1, 2, 3]
    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; a `banner` says what must not be overlooked, `soft` explains."""

    words: Words
    style: Literal["body", "soft", "banner"] = "body"


@dataclass(frozen=True, slots=True)
class Listing:
    """Items of a list."""

    items: tuple[Words, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of a table, as many as it has columns; `event` is the number of the event that the row shows."""

    cells: tuple[Words, ...]
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row is its header.  `widths` are the shares of the columns."""

    caption: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure with its caption, and an alternative text for those who do not see it."""

    id: str
    title: str
    caption: str
    alternative: str
    svg: str
    png: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page, where there are pages."""


Block: TypeAlias = Heading | Paragraph | Listing | Table | Picture | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; `dated` is the moment that its files are dated with: STARTEX, so that bytes stay the same."""

    id: str
    title: str
    subtitle: str
    marking: str
    dated: datetime
    facts: tuple[tuple[str, Words], ...]
    """What the title page says about the exercise, by name."""
    blocks: tuple[Block, ...]
    single_page: bool = False
    most_cited: int = 6
    """Of more events behind one stretch of text only the first ones and the last are named."""

    def words(self) -> Iterator[Words]:
        """All text that may cite events, in order."""
        yield from (words for _, words in self.facts)
        for block in self.blocks:
            match block:
                case Paragraph():
                    yield block.words
                case Listing():
                    yield from block.items
                case Table():
                    yield from (cell for row in block.rows for cell in row.cells)

    def cited(self) -> list[int]:
        """The events that are named anywhere, in order of their numbers."""
        return sorted({seq for words in self.words() for seq in first_and_last(words.evidence, self.most_cited)[0]})

    def anchors(self) -> frozenset[int]:
        """The events that have a row of their own."""
        rows = (row for block in self.blocks if isinstance(block, Table) for row in block.rows)
        return frozenset(row.event for row in rows if row.event is not None)

    def followed_by(self, *blocks: Block) -> Document:
        """The same document with more at its end."""
        return replace(self, blocks=(*self.blocks, *blocks))
