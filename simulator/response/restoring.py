"""Which copy to restore, and whether to check it before it is opened: decided by what the people on an incident know.

They know the catalogue of copies, which of them could not be loaded, by when the first wrong record was written at the
latest (once somebody has searched for it), and which restored states were found corrupt.  They do not know which copies
are clean.

- *newest*: the newest copy, with all the log that there is;
- *before-onset*: the newest copy from before the corruption, with the log up to so long before the first wrong record
  that was found as the order says (`margin`).  While nobody knows when it began, this is the newest copy.

A state that was found corrupt moves the presumed beginning: before the moment it was of when the log had been replayed,
and before the copy itself when it had not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scenarios.models import CopyRule, RestoreTask
from timeline.commands import CopyEntry, DataFinding, RestoreOrder
from timeline.predicates import View
from topologies.working import RecoveryPolicy

_USUAL = RestoreTask()


@dataclass(slots=True)
class DataKnowledge:
    """What is known about one data set."""

    corrupt: bool = False
    was_corrupt: bool = False
    """Whether they were known to be corrupt at any time."""
    catalogue: tuple[CopyEntry, ...] = ()
    began_by_ms: int | None = None
    """The first wrong record is at least as old."""
    unusable: set[str] = field(default_factory=set)
    """Copies that could not be loaded, or that carry the corruption themselves."""
    without_log: set[str] = field(default_factory=set)
    """Copies whose log must not be replayed: the state after it was corrupt."""

    def learn(self, finding: DataFinding) -> None:
        """Takes in what an action told."""
        if finding.corrupt is not None:
            self.corrupt = finding.corrupt
            self.was_corrupt = self.was_corrupt or finding.corrupt
        if finding.began_by_ms is not None:
            known = self.began_by_ms
            self.began_by_ms = finding.began_by_ms if known is None else min(known, finding.began_by_ms)
        if finding.unusable_copy is not None:
            self.unusable.add(finding.unusable_copy)
        if finding.rejected_copy is not None and finding.rejected_point_ms is not None:
            self._reject(finding.rejected_copy, finding.rejected_point_ms)

    def _reject(self, copy: str, point_ms: int) -> None:
        as_of = next((c.as_of_ms for c in self.catalogue if c.id == copy), point_ms)
        (self.without_log if point_ms > as_of else self.unusable).add(copy)
        if self.began_by_ms is not None:
            self.began_by_ms = min(self.began_by_ms, point_ms)


def restore_order(
    task: RestoreTask | None, policy: RecoveryPolicy, known: DataKnowledge, view: View, now_ms: int
) -> RestoreOrder | None:
    """What to order now; None when no copy is left to try."""
    task = task or _USUAL
    rule = next((r for r in task.copies if r.when is None or r.when.holds(view, now_ms)), task.copies[-1])
    skipped = task.skip_verification is not None and task.skip_verification.holds(view, now_ms)
    onset = known.began_by_ms if rule.take == "before-onset" else None
    until = None if onset is None else onset - rule.margin
    for copy in known.catalogue:
        if _fits(rule, copy) and copy.id not in known.unusable and (until is None or copy.as_of_ms <= until):
            replay_until = copy.as_of_ms if copy.id in known.without_log else until
            return RestoreOrder(copy.id, replay_until, verify=policy.verify_restores and not skipped)
    return None


def _fits(rule: CopyRule, copy: CopyEntry) -> bool:
    return (not rule.only or copy.plan in rule.only) and (copy.immutable or not rule.immutable)
