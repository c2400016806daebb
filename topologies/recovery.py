"""What recovery rests on: copies of data and how they are made, checks of consistency, workarounds, ways over and back.

- A *data set* is what a store holds: a component's own, or that of a standby pair, whose members share it.
- A *backup plan* makes a *copy* every so often.  A copy is of the moment at which it was begun and can be used once it
  is complete; an *immutable* one survives whoever destroys or encrypts copies.
- The *log* is what was written since a copy; replaying it moves the restored state forward.
- A *consistency check* compares the data with themselves or with others: after a restore, on demand, or as a job.
- *Reconciliation* is the work of people on transactions that were lost or that two sides accepted differently.
- A *procedure* says what an action needs before it can begin, and the chance that an attempt comes to nothing.

Copies, archived logs and jobs keep to the clock: they begin so long after Monday 00:00 (time zone of the estate) and
then every so often.  A change to summer time moves them by an hour, as it does where UTC is meant.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from timeline.commands import Action
from timeline.distributions import Distribution
from topologies.fields import ComponentId, Duration, DurationMs, Id, Model, Ratio, RefTo, VendorId

StoreId = Annotated[str, RefTo("component", "site")]
"""Where copies and logs lie."""
AT_ONCE = Distribution.constant(0)


class BackupPlan(Model):
    """Copies of one kind: when they are made, how long they are kept, where they lie, what restoring one takes."""

    title: str = ""
    every: DurationMs = Field(gt=0)
    offset: Duration = AT_ONCE
    """From Monday 00:00 to a first copy."""
    takes: Duration = AT_ONCE
    """From the moment that a copy is of until it can be used."""
    keeps: DurationMs = Field(gt=0)
    immutable: bool = False
    stored_at: StoreId | None = None
    """What must serve for a copy to be fetched."""
    fetch: Duration = AT_ONCE
    restore: Duration
    """From the fetched copy to loaded data, without the log."""
    bad: Ratio = 0.0
    """Chance that a copy turns out unusable when it is loaded."""


class LogArchive(Model):
    """The log that is kept beside copies."""

    every: DurationMs = Field(gt=0)
    """How often a piece is archived: what is newer is lost with the store, unless its writes were stopped cleanly."""
    replay: float = Field(gt=0)
    """Hours of log replayed in an hour."""
    keeps: DurationMs = Field(gt=0)
    immutable: bool = False
    stored_at: StoreId | None = None


class ConsistencyCheck(Model):
    """How the data are compared, and how the beginning of a corruption is searched for."""

    takes: Duration
    finds: Ratio = 1.0
    """Chance that one check finds a corruption which is there."""
    every: DurationMs | None = Field(default=None, gt=0)
    """A job that checks by itself; never when left out."""
    job_finds: Ratio = 1.0
    """Chance that one run of the job finds a corruption which is there."""
    offset: DurationMs = 0
    """From Monday 00:00 to a first run of the job."""
    trace: Duration | None = None
    """The search for the first wrong record; not possible when left out."""
    trace_late: Duration = AT_ONCE
    """How long after the true beginning the first wrong record that is found was written."""


class Reconciliation(Model):
    """Work of people on lost or doubly accepted transactions."""

    takes: Duration
    """However few they are."""
    transactions_per_hour: float | None = Field(default=None, gt=0)
    """How many are settled in an hour, on top."""
    recovers: Ratio = 1.0
    """Share that can be made good, from partners, queues and paper."""


class DataSet(Model):
    """What a store holds, and what stands by to get it back."""

    records: int | None = Field(default=None, ge=1)
    """Records that other systems hold as well (accounts, orders); unknown when left out."""
    transactions_per_s: float | None = Field(default=None, ge=0)
    agrees_with: tuple[ComponentId, ...] = ()
    """Data sets that must tell the same story: restored to another moment than they stand at, they do not."""
    derived_from: ComponentId | None = None
    """What a rebuild loads the data from anew."""
    check: ConsistencyCheck | None = None
    reconciliation: Reconciliation | None = None
    log: LogArchive | None = None
    backups: dict[Id, BackupPlan] = Field(default_factory=dict)


class Workaround(Model):
    """A way to give service, or to correct data in place, without mending the cause.

    When it fails it takes service with it until it has been rolled back.
    """

    title: str = ""
    takes: Duration
    gives: Ratio = 1.0
    """Share of service while it lasts."""
    corrects: bool = False
    """Corrects corrupt data in place."""
    failure: Ratio = 0.0
    roll_back: Duration
    """Back to how it was, with a plan written beforehand."""
    roll_back_unplanned: Duration
    """The same, worked out on the spot."""


class Fencing(Model):
    """How the former active member is kept from writing when it can only be suspected dead."""

    takes: Duration = AT_ONCE
    failure: Ratio = 0.0


class FailBack(Model):
    """The way back to the primary."""

    resync: Duration = AT_ONCE
    """Until the former primary holds what was written meanwhile."""
    takes: Duration
    loss: Duration = AT_ONCE
    """What the switch itself leaves behind."""


class Prerequisite(Model):
    """Another action that has been completed before."""

    action: Action
    target: ComponentId


class Procedure(Model):
    """What an action needs and risks, beside its time."""

    needs: tuple[ComponentId, ...] = ()
    """These must serve when it begins."""
    after: tuple[Prerequisite, ...] = ()
    party: VendorId | None = None
    """This third party must be on the case."""
    failure: Ratio = 0.0
    """Chance that an attempt takes its time and comes to nothing."""

    @model_validator(mode="after")
    def _can_succeed(self) -> Procedure:
        if self.failure == 1:
            raise ValueError("an action that always fails is not possible: leave its duration out instead")
        return self


Procedures = dict[Action, Procedure]
