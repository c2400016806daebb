"""How one practice in one run is shown: a sign that can be read without colour, and what it means."""

from __future__ import annotations

from enum import Enum

from reports.practices.rehearsal import Rehearsal, Row
from reports.scoring.ratings import Rating

_GOOD, _FAIR = 100 * Rating.S.points, 100 * Rating.M.points


class Cell(Enum):
    """Sign, colour (as rich names it), meaning."""

    GOOD = ("●", "green", "exercised, 80 to 100 points")
    FAIR = ("◐", "yellow", "exercised, 40 to 79")
    POOR = ("○", "red", "exercised, below 40")
    MEASURED = ("+", "cyan", "exercised and measured; nobody said what good looks like")
    IN_VAIN = ("!", "magenta", "the scenario states it, and nothing of it was seen")
    NOTHING = ("·", "bright_black", "not exercised")

    def __init__(self, sign: str, colour: str, meaning: str) -> None:
        self.sign = sign
        self.colour = colour
        self.meaning = meaning


def cell_of(rehearsal: Rehearsal) -> Cell:
    if not rehearsal.exercised:
        return Cell.IN_VAIN if rehearsal.stated else Cell.NOTHING
    if rehearsal.score is None:
        return Cell.MEASURED
    if rehearsal.score >= _GOOD:
        return Cell.GOOD
    return Cell.FAIR if rehearsal.score >= _FAIR else Cell.POOR


def summary_of(rows: list[Row]) -> list[str]:
    """What all of it comes to, a sentence each."""
    exercised = [row for row in rows if row.exercised_by]
    scored = [row for row in exercised if row.score is not None]
    told = [f"{len(exercised)} of {len(rows)} practices exercised, {len(scored)} of them scored"]
    for words, found in (
        ("stated by a scenario and never seen", [r for r in rows if r.stated_in_vain_by and not r.exercised_by]),
        ("measured, and not exercised here", [r for r in rows if r.measures and not r.exercised_by]),
        ("without a measure of a run", [r for r in rows if not r.measures]),
    ):
        if found:
            told.append(f"{words}: {', '.join(row.practice.id for row in found)}")
    return told
