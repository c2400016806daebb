"""Texts: a library of templates, and what holds for text that is written freely.

A *template* has placeholders in braces, filled with what its writer knows.  One that is approved may be sent as it is
filled; text from one that is not, and free text, need the approval of somebody else before they are sent.
"""

from __future__ import annotations

from enum import StrEnum
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from timeline.findings import nearest
from topologies.fields import AudienceId, Duration, DurationMs, Model, Ratio, RoleId, require_approver

Says = Literal["disruption", "recovery"]


class Placeholder(StrEnum):
    """What a template may leave open."""

    FUNCTIONS = "functions"
    """Titles of the business functions that are, or were, hurt."""
    STATE = "state"
    """How they are: out of service, working in part, back in service."""
    SEVERITY = "severity"
    SINCE = "since"
    """The time on the clock since when it has been known."""
    NEXT_UPDATE = "next_update"
    """The time on the clock by which more will be said."""


def _placeholders_exist(text: str) -> str:
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise ValueError(f"{error}; a brace that is meant as one is written twice") from None
    for name in names:
        if name not in set(Placeholder):
            hint = nearest(name, list(Placeholder)) or f"there are {', '.join(Placeholder)}"
            raise ValueError(f"there is no placeholder {{{name}}}; {hint}")
    return text


class Template(Model):
    """A text that was written beforehand."""

    title: str
    text: Annotated[str, AfterValidator(_placeholders_exist)]
    says: Says = "disruption"
    audiences: tuple[AudienceId, ...] = ()
    """Whom it is for; everybody when left out."""
    approved: bool = True

    def fits(self, audience: str, says: Says) -> bool:
        return self.says == says and (not self.audiences or audience in self.audiences)


class FreeText(Model):
    """How text is written where no approved template fits."""

    writing: Duration | None = None
    """As long as with a template when left out."""
    approver: RoleId | None = None
    """Left out: it is sent as its author wrote it."""
    approval: Duration | None = None
    gives_up_after: DurationMs | None = None
    """The author sends without approval when nobody can be found for so long; left out, the text waits."""
    slips: Ratio = 0.25
    """Chance that a text says more than it should: something that its author knows about systems, causes or people."""

    @model_validator(mode="after")
    def _approval_has_an_approver(self) -> FreeText:
        require_approver(self.approver, self.approval)
        return self
