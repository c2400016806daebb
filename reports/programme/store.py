"""The exercises that were held, in the register of the organisation."""

from __future__ import annotations

from pathlib import Path

from reports.improvement.file import RegisterFile
from reports.programme.held import HeldExercise
from timeline.findings import InputError


class HeldExercises:
    """What was held, kept for good.  Raises InputError as `RegisterFile` does."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._file = RegisterFile(path, create=create, begun_by="blackstart programme record")

    def all(self) -> list[HeldExercise]:
        """By day, those of one day in the order of their names."""
        with self._file.open() as connection:
            rows = connection.execute("SELECT facts FROM exercises ORDER BY day, exercise, timeline").fetchall()
        return [HeldExercise.model_validate_json(facts) for (facts,) in rows]

    def add(self, held: HeldExercise) -> None:
        """Raises InputError where this run is there already: no run counts twice."""
        with self._file.open() as connection:
            row = connection.execute(
                "SELECT exercise, day FROM exercises WHERE timeline = ?", (held.timeline,)
            ).fetchone()
            if row is not None:
                message = f"this run is on record already, as {row[0]} of {row[1]}"
                raise InputError.single("programme.recorded-already", held.exercise, message, "no run counts twice")
            values = (held.timeline, held.exercise, held.on.isoformat(), held.model_dump_json())
            connection.execute("INSERT INTO exercises VALUES (?, ?, ?, ?)", values)
