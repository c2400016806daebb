"""What a YAML syntax error means to the person who wrote the file.

The parser speaks of tokens and block ends.  This table turns its commonest complaints into what is wrong and
what to do; a complaint that is not listed is passed on in the parser's words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Complaint:
    """`at_context`: the cause is where the construct began, not where the parser gave up."""

    fragment: str
    message: str
    hint: str
    at_context: bool = False


COMPLAINTS = (
    Complaint("character '\\t'", "a tab is used for indentation", "YAML indents with spaces only"),
    Complaint(
        "mapping values are not allowed",
        "a ': ' is not possible here",
        "put text that contains ': ' in quotes, or check the indentation of this line and the one above",
    ),
    Complaint(
        "could not find expected ':'",
        "this key has no ': ' after it",
        "write `key: value`, with a space after the colon",
    ),
    Complaint(
        "expected <block end>, but found '-'",
        "this list item is not indented like the lines around it",
        "align it with its siblings",
    ),
    Complaint(
        "expected <block end>",
        "this does not line up with what stands around it",
        "align keys of one map in the same column, and put text with special characters in quotes",
    ),
    Complaint(
        "unknown escape character",
        "this backslash escape does not exist in double quotes",
        "use single quotes for text with backslashes, as in regular expressions",
    ),
    Complaint(
        "while scanning a quoted scalar",
        "this quoted text is never closed",
        "add the closing quote",
        at_context=True,
    ),
    Complaint("while parsing a flow mapping", "this '{' is never closed properly", "add '}' or a comma", True),
    Complaint("while parsing a flow sequence", "this '[' is never closed properly", "add ']' or a comma", True),
    Complaint(
        "cannot start any token",
        "text cannot start with this character",
        "put the text in quotes",
    ),
    Complaint("special characters are not allowed", "this character is not allowed in YAML", "remove it"),
)


def interpret(context: str, problem: str) -> Complaint:
    """The entry for a parser's complaint: `context` is what it was doing, `problem` what stopped it."""
    for complaint in COMPLAINTS:
        if complaint.fragment in problem or complaint.fragment in context:
            return complaint
    return Complaint("", " ".join(part for part in (problem, context) if part), "")
