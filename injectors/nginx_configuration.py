"""Changes to the text of an nginx configuration: an upstream that is gone, and a line that nginx refuses.

Only as much of the grammar is read as it takes to know where a directive begins and ends: words, quotes, comments,
braces, semicolons (nginx, src/core/ngx_conf_file.c).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

NOBODY = "127.0.0.1:1"
"""An address of this machine at which nobody listens."""
REFUSED = "\nblackstart_exercise_no_such_directive on;\n"
_TOKEN = re.compile(
    r"""\s+ | \#[^\n]* | (?P<quoted>"(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*') | (?P<mark>[{};])
      | (?P<word>(?:\$\{[^}]*\}|\\.|[^\s{};"'\\]) (?:\$\{[^}]*\}|\\.|[^\s{};\\])*)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a directive, and where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive without a block, and the words of the blocks around it, the outermost first."""

    words: tuple[Word, ...]
    blocks: tuple[tuple[str, ...], ...]


def directives(text: str) -> Iterator[Directive]:
    """Raises ValueError where the text is none that nginx could read."""
    words: list[Word] = []
    blocks: list[tuple[str, ...]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"line {text.count(chr(10), 0, at) + 1} cannot be read")
        at = match.end()
        if match["mark"] is None:
            if match["word"] is not None or match["quoted"] is not None:
                words.append(Word(match.group(), match.start(), match.end()))
            continue
        if match["mark"] == ";":
            if words:
                yield Directive(tuple(words), tuple(blocks))
        elif match["mark"] == "{":
            blocks.append(tuple(word.text for word in words))
        elif blocks:
            blocks.pop()
        else:
            raise ValueError(f"line {text.count(chr(10), 0, at) + 1} closes a block that was never opened")
        words = []
    if blocks or words:
        raise ValueError("the end comes within a block or a directive")


def without_upstream(text: str) -> str:
    """The same where every upstream is gone: its servers are marked `down`, and addresses lead to nobody.

    Raises ValueError where there is no upstream, or it cannot be told from the text what it is.
    """
    edits: list[tuple[int, int, str]] = []
    named: set[str] = set()
    passes: list[Word] = []
    for directive in directives(text):
        first, *others = directive.words
        inside = directive.blocks[-1] if directive.blocks else ()
        if first.text == "server" and inside[:1] == ("upstream",):
            named.update(inside[1:])
            if not any(word.text == "down" for word in others):
                edits.append((others[-1].end, others[-1].end, " down"))
        elif first.text == "proxy_pass" and others:
            passes.append(others[0])
    for word in passes:
        match = re.fullmatch(r"(https?://)([^/]+)(.*)", word.text)
        if match is None or "$" in match[2]:
            raise ValueError(f"where {word.text!r} leads cannot be told from the text")
        if match[2] not in named:
            edits.append((word.start, word.end, f"{match[1]}{NOBODY}{match[3]}"))
    if not edits:
        raise ValueError("it passes nothing on to an upstream")
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
