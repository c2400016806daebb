"""How urgent a written priority is: 1 is most urgent, larger is less; 0 where a scale begins with it (P0, SEV0).

A number wins (`1 - Critical`, `P2`, `Sev 3`); else the word, on the scale of its source or on the common one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NUMBER = re.compile(r"(?:p|s|sev|severity|prio|priority)?[\s:_-]*(\d)\b", re.IGNORECASE)
COMMON: Mapping[str, int] = {
    **dict.fromkeys(("critical", "blocker", "highest", "emergency", "urgent", "disaster"), 1),
    **dict.fromkeys(("high", "major", "important", "error"), 2),
    **dict.fromkeys(("medium", "moderate", "normal", "average", "warning"), 3),
    **dict.fromkeys(("low", "minor"), 4),
    **dict.fromkeys(("lowest", "trivial", "planning", "none", "informational", "info", "very low"), 5),
}


def rank(text: str | None, scale: Mapping[str, int] = COMMON) -> int | None:
    """The rank of a written priority; None where it says nothing known."""
    if text is None:
        return None
    if match := _NUMBER.match(text.strip()):
        return int(match[1])
    return scale.get(text.strip().lower())
