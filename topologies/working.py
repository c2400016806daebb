"""How the work of an incident goes: how long its steps take, what tiredness does, how recovery is done here."""

from __future__ import annotations

from pydantic import Field, model_validator

from topologies.fields import ClockTime, Duration, DurationMs, Model, Ratio
from topologies.practised import Mistakes, Practised


class Fatigue(Model):
    """What sleep lost to pages does to the next answer (`simulator.response.fatigue` tells the model)."""

    asleep_from: ClockTime = "23:00"
    asleep_until: ClockTime = "07:00"
    """When people sleep, on their own clock."""
    lost_night_slows: float = Field(default=1.5, ge=1, le=10)
    """Factor on the time to react after a night without sleep.  1.5: responses up to half slower after 17 to 19 hours
    awake (Williamson, Feyer 2000)."""
    lost_night_misses: float = Field(default=2.0, ge=1, le=100)
    """Factor on the odds of missing a page after a night without sleep.  Assumed; that lapses rise most of all is known
    (Lim, Dinges 2010)."""
    inertia_slows: float = Field(default=1.5, ge=1, le=10)
    """Factor on the time to react of somebody woken this moment.  1.5: on waking people do about 65 % of their best
    (Wertz, Ronda, Czeisler, Wright 2006)."""
    back_to_sleep: DurationMs = 1_800_000
    """From the end of the work until asleep again."""

    @model_validator(mode="after")
    def _sleeps_for_a_while(self) -> Fatigue:
        if self.asleep_from == self.asleep_until:
            raise ValueError("people sleep from one time of the day until another")
        return self


class Working(Model):
    """How long the steps take that every incident has."""

    triage: Duration
    validation: Duration
    """Of the impact, before a major incident is declared."""
    check: Duration
    """One check of one candidate cause by somebody skilled."""
    check_unskilled: Duration
    decision: Duration
    verification: Duration
    """That service is back, before the incident is called mitigated."""
    handoff_keeps: Ratio = 1.0
    """Share of what was excluded that reaches the next person."""
    fatigue: Fatigue | None = None
    """Left out: nobody tires."""
    switching: Duration | None = None
    """To get into a thread of work again after another.  Left out: nothing."""
    mistakes: Mistakes | None = None
    """Left out: what is done is done right, and a check that lacks skill tells nothing."""
    practised: Practised = Practised()


class RecoveryPolicy(Model):
    """How recovery is done here, where a playbook does not say otherwise."""

    verify_restores: bool = True
    """Restored data are checked before they are opened."""
    rollback_plans: bool = True
    """No workaround goes ahead without a written way back."""
