"""The record of an exercise that was held: what its run folder shows of it, and who took part.

Where the evidence comes from decides what it is worth:

- `live` and `drill` runs, and the records of a real incident (`record`), show people at work: whoever acted took part;
- a `modelled` run is a *rehearsal* of the plan.  Nobody took part in it, and it counts apart;
- a modelled run that people sat around (a tabletop that is played from it) is an exercise of the teams that *attended*,
  if somebody attests it.  It shows which functions and risks they went through; not that they kept any practice.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import ValidationError, model_validator

from reports.index import TimelineIndex
from reports.programme.model import DISCUSSIONS, ExerciseType
from reports.scoring import Scores
from timeline.findings import Finding, InputError, Place, Severity
from timeline.references import RefKind
from topologies.fields import Id, Model

MODELLED, RECORD = "modelled", "record"


class Kind(StrEnum):
    """What a held exercise is evidence of."""

    EXERCISE = "exercise"
    INCIDENT = "incident"
    REHEARSAL = "rehearsal"


class HeldExercise(Model):
    """One run, as it entered the programme.  `timeline` is the SHA-256 of its timeline: no run counts twice."""

    timeline: str
    exercise: Id
    """Id in the programme."""
    on: date
    type: ExerciseType | None
    """None for a real incident."""
    scenario: str
    title: str
    estate: str
    seed: int
    evidence_class: str
    objectives_met: bool
    score: float | None
    functions: tuple[str, ...]
    """Business functions that were disrupted or degraded, so that somebody had to bring them back."""
    risks: tuple[str, ...]
    practices: tuple[str, ...]
    """Practices of which a measure has a sample."""
    people: tuple[str, ...]
    """Whoever acted on the timeline, modelled people of a modelled run."""
    attended: tuple[str, ...] = ()
    """Teams that took part in person, as somebody attests."""
    attested_by: str = ""

    @model_validator(mode="after")
    def _attested(self) -> HeldExercise:
        if bool(self.attended) != bool(self.attested_by):
            raise ValueError("teams that attended, and who attests it, belong together")
        return self

    @property
    def kind(self) -> Kind:
        if self.evidence_class == RECORD:
            return Kind.INCIDENT
        return Kind.REHEARSAL if self.evidence_class == MODELLED and not self.attended else Kind.EXERCISE

    @property
    def is_talked_through(self) -> bool:
        """Whether people sat around a modelled run: what was done on its timeline, they did not do."""
        return self.evidence_class == MODELLED and bool(self.attended)


def held_of(
    index: TimelineIndex,
    scores: Scores,
    timeline: str,
    *,
    exercise: str,
    type: ExerciseType | None,
    on: date | None,
    today: date,
    attended: tuple[str, ...] = (),
    attested_by: str = "",
) -> HeldExercise:
    """The record of a run.

    Its day is `on`; else that of its own clock, where that is a real one, or `today` for a modelled run, whose clock is
    made up.  Raises InputError for a run that broke off, and where the type does not fit the evidence.
    """
    evidence = index.exercise.evidence_class
    if not index.complete:
        message = f"this run of {scores.scenario} broke off: nothing says how it ended"
        raise InputError.single("programme.incomplete", exercise, message, "hold it again, or finish it")
    if (type is None) != (evidence == RECORD):
        message = "a real incident has no type of exercise" if type else "an exercise has a type"
        raise InputError.single("programme.type", exercise, message, "leave --type out" if type else "give --type")
    if attended and evidence == MODELLED and type not in DISCUSSIONS:
        message = f"people around a modelled run talk it through: that is no {type} exercise"
        raise InputError.single("programme.type", exercise, message, f"it may be one of {', '.join(DISCUSSIONS)}")
    fields = {
        "timeline": timeline,
        "exercise": exercise,
        "on": on or (today if evidence == MODELLED else datetime.fromisoformat(scores.epoch).date()),
        "type": type,
        "scenario": scores.scenario,
        "title": scores.title,
        "estate": scores.estate,
        "seed": scores.seed,
        "evidence_class": evidence,
        "objectives_met": scores.objectives_met,
        "score": scores.score,
        "functions": tuple(sorted({span.subject.id for span in index.impairments})),
        "risks": tuple(sorted({link.risk for link in index.exercise.risks})),
        "practices": tuple(sorted({m.practice for m in scores.measures if m.value is not None})),
        "people": tuple(sorted({event.actor.id for event in index.events if event.actor.kind is RefKind.PERSON})),
        "attended": attended,
        "attested_by": attested_by,
    }
    try:
        return HeldExercise.model_validate(fields)
    except ValidationError as error:
        messages = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}".removeprefix(": ") for e in error.errors()]
        place = Place(exercise)
        raise InputError([Finding("programme.record", Severity.ERROR, place, text) for text in messages]) from None
