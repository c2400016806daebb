"""What a chat may log: lines that begin with a marker.  Nothing else in a message is interpreted.

| line | what it tells |
|---|---|
| `Decision: TEXT` or `/decision TEXT` | a decision; `Question:`, `Options: A; B` and `Because:` lines of the same message go with it |
| `Declared: SEVERITY` or `/declare SEVERITY` | the major incident is declared |
| `Role (ROLE): WHO` or `/role ROLE WHO` | somebody takes a role; whoever writes, where nobody is named |
| `Mitigated: TEXT` or `/mitigated TEXT` | responders verified that service is back |
| `Cause: KIND on TARGET` or `/cause KIND on TARGET` | the search for the cause has ended |
| `Update (AUDIENCE): TEXT` or `/update AUDIENCE TEXT` | an audience was told |
| `Report (FUNCTION): TEXT` or `/report FUNCTION TEXT` | a user reported that a business function fails |

Capitals do not matter.
"""  # noqa: E501  (a table)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Marked(StrEnum):
    """What a marker logs."""

    DECISION = "decision"
    DECLARED = "declared"
    ROLE = "role"
    MITIGATED = "mitigated"
    CAUSE = "cause"
    UPDATE = "update"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Marker:
    """A marked line: `of` is what stands in brackets, `text` the rest, `fields` the lines that go with it."""

    what: Marked
    text: str
    of: str = ""
    fields: dict[str, str] = field(default_factory=dict)


_SLASHED = {
    "decision": Marked.DECISION,
    "declare": Marked.DECLARED,
    "role": Marked.ROLE,
    "mitigated": Marked.MITIGATED,
    "cause": Marked.CAUSE,
    "update": Marked.UPDATE,
    "report": Marked.REPORT,
}
_WITH_SUBJECT = (Marked.ROLE, Marked.UPDATE, Marked.REPORT)
_WORD = re.compile(rf"\s*({'|'.join(Marked)})\s*(?:\(([^)]*)\))?\s*:\s*(.*)", re.IGNORECASE)
_SLASH = re.compile(rf"\s*/({'|'.join(_SLASHED)})\b\s*(.*)", re.IGNORECASE)
_FIELD = re.compile(r"\s*(question|options|because)\s*:\s*(.*)", re.IGNORECASE)


def markers_in(text: str) -> Iterator[Marker]:
    """The markers of a message, in order."""
    fields = {match[1].lower(): match[2].strip() for line in text.splitlines() if (match := _FIELD.fullmatch(line))}
    for line in text.splitlines():
        marker = _marker(line)
        if marker is not None:
            yield Marker(marker.what, marker.text, marker.of, fields if marker.what is Marked.DECISION else {})


def _marker(line: str) -> Marker | None:
    if match := _SLASH.fullmatch(line):
        what, text, of = _SLASHED[match[1].lower()], match[2].strip(), ""
        if what in _WITH_SUBJECT:
            of, _, text = text.partition(" ")
    elif match := _WORD.fullmatch(line):
        what, of, text = Marked(match[1].lower()), match[2] or "", match[3]
    else:
        return None
    if what in _WITH_SUBJECT and not of.strip():
        return None
    if what in (Marked.DECISION, Marked.CAUSE) and not text.strip():
        return None
    return Marker(what, text.strip(), of.strip())
