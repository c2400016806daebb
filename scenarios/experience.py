"""What people have learned in exercises: a file that one run writes and the next one reads.

    format: blackstart/experience/1
    people:
      ann: {playbooks: {Loss of a data centre: 2}, causes: {ledger: 1}}

`playbooks`: how often somebody took part in a run of a playbook, by its title.  `causes`: in which components a cause
was found while he worked on the incident, and how often.  Nothing in it is a factor: it says what somebody knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from topologies.fields import Id, Model
from topologies.loading.document import read_document
from topologies.loading.validation import validate

FORMAT = "blackstart/experience/1"
Times = Annotated[int, Field(ge=1)]


class PersonExperience(Model):
    """What one person took part in."""

    playbooks: dict[str, Times] = Field(default_factory=dict)
    causes: dict[Id, Times] = Field(default_factory=dict)


class PastExercises(Model):
    """What everybody took part in."""

    format: Literal["blackstart/experience/1"]
    people: dict[Id, PersonExperience] = Field(default_factory=dict)


NOBODY_EXERCISED = PastExercises(format=FORMAT)


def read_experience(path: Path) -> PastExercises:
    """The file as it stands.  Raises InputError with the place of what is wrong in it."""
    return validate(read_document(path), PastExercises)
