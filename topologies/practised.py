"""What people bring to an incident: how well plans are known, what goes wrong in their hands, what they hand over."""

from __future__ import annotations

from pydantic import Field

from topologies.fields import Duration, Model, Ratio


class Mistakes(Model):
    """What goes wrong in the hands of people, the more so the less they know of the field."""

    misread: Ratio = 0.0
    """Chance that a check that told nothing is read wrongly instead: as all well where it is not, as a fault where
    there is none."""
    slip: Ratio = 0.0
    """Chance that a step of an action goes wrong in the hands of somebody who knows nothing of the field; less in
    proportion to what he knows ..."""
    wrong_target: Ratio = 0.5
    """... of these in this share by doing it to another component of the same kind; otherwise nothing is done."""
    noticed_after: Duration
    """Until a step that went wrong without effect is noticed."""


class Practised(Model):
    """How well the plan is known before anybody has exercised it."""

    steps_known: Ratio = Field(default=1.0)
    """Chance that whoever leads an incident thinks of a given step of its playbook.  Each exercise of that playbook is
    another chance to have learned it."""


class LogAggregation(Model):
    """Logs of all components in one place, searched for what is unusual and attached to the ticket."""

    takes: Duration
    """From an alert or report to the lines on the ticket."""
    completeness: Ratio = 1.0
    """Chance that the lines of a component are there at all."""
    noise: Ratio = 0.0
    """Chance that a component that is well has lines that look unusual."""
