"""Commands as data: whoever acts (modelled person, browser, webhook, scenario) submits the same typed command.

An *action* changes the estate or looks at it.  A command names its action, its target and who submits it; the
authority check and the side that carries it out see nothing else.  What became of it comes back as an `Outcome`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from timeline.references import Reference


class Action(StrEnum):
    """What can be asked of the estate."""

    INSPECT = "inspect"
    """Look at a component: logs, dashboards, a login.  Changes nothing."""
    RESTART = "restart"
    ROLL_BACK = "roll-back"
    """Return to the version or configuration before the last change."""
    FAIL_OVER = "fail-over"
    """Make the standby of a pair the active member."""
    DISABLE = "disable"
    """Switch off the feature, rule or module that misbehaves."""
    REPAIR = "repair"
    """Physical work or work of a third party: feed, generator, cooling, carrier."""
    SCALE_OUT = "scale-out"
    """Add capacity."""
    RELOCATE = "relocate"
    """Send the people of a workplace that is lost to its alternates or to work remotely."""
    START_FALLBACK = "start-fallback"
    """Carry a business function on by hand."""


@dataclass(frozen=True, slots=True)
class Command:
    """A request to the estate.  `cause` is the event (task, decision) that it follows from."""

    action: Action
    target: Reference
    actor: Reference
    cause: int
    incident: str | None = None
    occasion: str = ""
    """The natural identity of this attempt (task, incident, try), for its random streams."""


class Verdict(StrEnum):
    """How a command ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Observation:
    """What an inspection of one component shows to a competent eye.

    `state` as in health; `own_fault` the kind of fault that sits in the component itself, `None` when it has
    none; `suffers_from` the dependencies through which trouble reaches it.
    """

    state: str
    own_fault: str | None
    suffers_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a command: `event` is the timeline event that records it."""

    verdict: Verdict
    event: int
    reason: str = ""
    observation: Observation | None = None
