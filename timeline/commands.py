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
    FAIL_BACK = "fail-back"
    """Make the primary of a pair the active member again."""
    FENCE = "fence"
    """Keep a component, or the active member of a pair, from accepting work until it is restarted or restored."""
    RESTORE = "restore"
    """Replace data by those of a copy, moved forward by the log."""
    REBUILD = "rebuild"
    """Set up anew, with data loaded from what they are derived from."""
    VERIFY = "verify"
    """Check the consistency of data while they are in service."""
    TRACE = "trace"
    """Search for the first wrong record: when a corruption began."""
    RECONCILE = "reconcile"
    """Settle transactions that were lost or accepted twice."""
    WORKAROUND = "workaround"
    """Give service, or correct data, without mending the cause; rolled back when it fails."""
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
    SHED_LOAD = "shed-load"
    """Turn away a share of what arrives, and let it in again step by step."""
    COLD_START = "cold-start"
    """Start something by hand without what it usually needs to start."""
    PRESERVE = "preserve"
    """Secure the traces of an attack: images of memory and disks, logs.  Changes nothing."""


CHANGES_NOTHING = frozenset({Action.INSPECT, Action.PRESERVE})
"""Actions that need no authority."""
DESTROYS_TRACES = frozenset(
    {Action.RESTART, Action.ROLL_BACK, Action.RESTORE, Action.REBUILD, Action.REPAIR, Action.COLD_START}
)
"""Actions after which nobody can tell any more what an attacker did there (NIST SP 800-86)."""


@dataclass(frozen=True, slots=True)
class RestoreOrder:
    """Which copy to restore and how."""

    copy: str
    """Its name in the catalogue of copies."""
    replay_until_ms: int | None = None
    """How far the log is replayed; as far as it goes when left out, not at all when it lies before the copy."""
    verify: bool = True
    """Whether the data are checked before they are opened."""


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
    restore: RestoreOrder | None = None
    """Only with `restore`: the newest copy as far as the log goes, verified, when left out."""
    has_rollback_plan: bool = True
    """Only with `workaround`: whether the way back was written beforehand."""


class Verdict(StrEnum):
    """How a command ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CopyEntry:
    """One line of a catalogue of copies.  Whether it is any good shows when it is restored."""

    id: str
    plan: str
    as_of_ms: int
    immutable: bool


@dataclass(frozen=True, slots=True)
class DataFinding:
    """What an action told about a data set (`data`: the component or pair that holds it)."""

    data: str
    corrupt: bool | None = None
    """None: nothing was learned about that."""
    began_by_ms: int | None = None
    """The first wrong record is at least as old as this."""
    unusable_copy: str | None = None
    rejected_point_ms: int | None = None
    """A state of this moment, restored from `rejected_copy`, was found corrupt."""
    rejected_copy: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What an inspection of one component shows to a competent eye.

    `state` as in health; `own_fault` the kind of fault that sits in the component itself, `None` when it has
    none; `suffers_from` the dependencies through which trouble reaches it; `utilisation` what arrives as a share of
    what it can serve, `None` where that is not known.
    """

    state: str
    own_fault: str | None
    suffers_from: tuple[str, ...]
    data: str | None = None
    """What holds its data: itself, or the pair that it is a member of."""
    data_corrupt: bool = False
    """Whether they are plainly wrong."""
    copies: tuple[CopyEntry, ...] = ()
    """The catalogue of their copies, the newest first."""
    utilisation: float | None = None
    level_ratio: float | None = None
    """Of a business function: what is left of its normal service."""

    @property
    def is_overloaded(self) -> bool:
        """Whether more arrives than it can serve, and those who ask feel it."""
        return self.state != "up" and self.utilisation is not None and self.utilisation > 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a command: `event` is the timeline event that records it."""

    verdict: Verdict
    event: int
    reason: str = ""
    observation: Observation | None = None
    finding: DataFinding | None = None
    told: tuple[int, ...] = ()
    """Further events that whoever gave the command has seen happen."""
