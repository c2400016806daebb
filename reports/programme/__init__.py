"""The exercise programme: what was planned, what was held, and what of the organisation has been exercised at all.

`model` is the file that people write, `held` the record of one exercise, `store` keeps these records beside the
improvement register; `coverage` and `status` are pure and compare the two; `calendar` and `page` show them.
"""

from reports.programme.held import HeldExercise, held_of
from reports.programme.loading import LoadedProgramme, load_programme
from reports.programme.model import ExerciseType, Programme
from reports.programme.status import ProgrammeStatus, status_of
from reports.programme.store import HeldExercises

__all__ = [
    "ExerciseType",
    "HeldExercise",
    "HeldExercises",
    "LoadedProgramme",
    "Programme",
    "ProgrammeStatus",
    "held_of",
    "load_programme",
    "status_of",
]
