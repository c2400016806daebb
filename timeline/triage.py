"""What the triage bot says of an incident: the detail of `triage.answered` and `triage.abstained`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TriageDetail:
    """An answer, or that there is none."""

    incident: str
    mode: str | None
    """Failure mode; None where the bot abstains."""
    confidence: float | None
    """Share of past tickets with such evidence for which such an answer was right; None without tickets."""
    because: str
    """The rule that matched, or the ticket that is most alike."""
    suspects: tuple[str, ...] = ()
    """Components that it suspects, the likeliest first."""
    owner: str | None = None
    runbook: str | None = None
