"""What of the organisation has been exercised: functions, risks, practices, teams and scenarios, each by itself.

Looked at on a day, each of them is, best first:

- *exercised*: in an exercise of a type that counts, not longer ago than policy allows;
- *discussed*: in exercises of other types alone (a seminar, where policy wants more);
- *rehearsed*: in modelled runs alone; no human had any part in it;
- *not exercised*: in none of them.

An exercise *lapses* after as many months as policy says; on that day it still counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from reports.practices import PRACTICES
from reports.programme.held import HeldExercise, Kind
from reports.programme.loading import LoadedProgramme
from reports.programme.model import PlannedExercise, Policy


class Coverage(StrEnum):
    """How far one thing has been exercised."""

    EXERCISED = "exercised"
    DISCUSSED = "discussed"
    REHEARSED = "rehearsed"
    NOT_EXERCISED = "not exercised"


class Dimension(StrEnum):
    """What can be exercised."""

    FUNCTIONS = "functions"
    RISKS = "risks"
    PRACTICES = "practices"
    TEAMS = "teams"
    SCENARIOS = "scenarios"


@dataclass(frozen=True, slots=True)
class Row:
    """One function, risk, practice, team or scenario."""

    id: str
    title: str
    state: Coverage
    last: date | None
    """Day of the last exercise that counts, lapsed or not."""
    lapses: date | None
    """The last day on which it counts."""
    by: tuple[str, ...]
    """The exercises that count on the day."""
    rehearsals: int
    """Modelled runs that have not lapsed."""
    next: date | None
    """By when it is to be exercised next, as planned."""


def counts(held: HeldExercise, policy: Policy) -> bool:
    """Whether it is an exercise of people of a type that policy accepts."""
    if held.kind is Kind.INCIDENT:
        return policy.incidents_count
    return held.kind is Kind.EXERCISE and held.type in policy.counts


def coverage_of(loaded: LoadedProgramme, held: Sequence[HeldExercise], on: date) -> dict[Dimension, tuple[Row, ...]]:
    """Everything that there is to exercise, in the order of its files; what was held after the day says nothing."""
    policy, past = loaded.programme.policy, [h for h in held if h.on <= on]
    planned = [
        (exercise, touched)
        for exercise in loaded.programme.exercises.values()
        if not exercise.is_cancelled and exercise.due >= on and exercise.type in policy.counts
        for touched in [_planned_for(exercise, loaded)]
    ]
    touches = _touches(loaded)
    return {
        dimension: tuple(
            _row(
                id,
                title,
                policy,
                [h for h in past if id in touches[dimension](h)],
                [exercise.due for exercise, touched in planned if id in touched[dimension]],
                on,
            )
            for id, title in titles.items()
        )
        for dimension, titles in _universe(loaded, past).items()
    }


def _row(id: str, title: str, policy: Policy, past: Sequence[HeldExercise], planned: Sequence[date], on: date) -> Row:
    counted = [h for h in past if counts(h, policy)]
    current = [h for h in past if on <= policy.lapses(h.on)]
    by = tuple(dict.fromkeys(h.exercise for h in current if h in counted))
    last = max((h.on for h in counted), default=None)
    return Row(
        id=id,
        title=title,
        state=_state(bool(by), current),
        last=last,
        lapses=None if last is None else policy.lapses(last),
        by=by,
        rehearsals=sum(h.kind is Kind.REHEARSAL for h in current),
        next=min(planned, default=None),
    )


def _state(counted: bool, current: Sequence[HeldExercise]) -> Coverage:
    if counted:
        return Coverage.EXERCISED
    if any(h.kind is not Kind.REHEARSAL for h in current):
        return Coverage.DISCUSSED
    return Coverage.REHEARSED if current else Coverage.NOT_EXERCISED


def _universe(loaded: LoadedProgramme, past: Iterable[HeldExercise]) -> dict[Dimension, Mapping[str, str]]:
    """Ids with their titles.  Scenarios are those that are planned or were held."""
    estate = loaded.estate
    register = estate.register.risks if estate.register is not None else {}
    return {
        Dimension.FUNCTIONS: {id: function.title for id, function in estate.topology.functions.items()},
        Dimension.RISKS: {id: risk.title for id, risk in register.items()},
        Dimension.PRACTICES: {id: practice.title for id, practice in PRACTICES.items()},
        Dimension.TEAMS: {id: team.title for id, team in estate.organisation.teams.items()},
        Dimension.SCENARIOS: {
            **{h.scenario: h.title for h in past},
            **{name: scenario.title for name, scenario in loaded.scenarios.items()},
        },
    }


def _touches(loaded: LoadedProgramme) -> dict[Dimension, Callable[[HeldExercise], set[str]]]:
    """What a held exercise touched, by dimension."""
    people = loaded.estate.organisation.people

    def practices(held: HeldExercise) -> set[str]:
        return set() if held.is_talked_through else set(held.practices)

    def teams(held: HeldExercise) -> set[str]:
        if held.is_talked_through:
            return set(held.attended)
        acted = {people[who].team for who in held.people if who in people}
        return {*held.attended, *(team for team in acted if team is not None)}

    return {
        Dimension.FUNCTIONS: lambda held: set(held.functions),
        Dimension.RISKS: lambda held: set(held.risks),
        Dimension.PRACTICES: practices,
        Dimension.TEAMS: teams,
        Dimension.SCENARIOS: lambda held: {held.scenario},
    }


def _planned_for(exercise: PlannedExercise, loaded: LoadedProgramme) -> dict[Dimension, set[str]]:
    """What an exercise is to touch: functions and teams as it says, the rest as its scenarios say."""
    names = exercise.scenario_names
    scenarios = [loaded.scenarios[name] for name in names]
    return {
        Dimension.FUNCTIONS: set(exercise.functions),
        Dimension.RISKS: {risk for scenario in scenarios for risk in scenario.risks},
        Dimension.PRACTICES: {practice for scenario in scenarios for practice in scenario.practices},
        Dimension.TEAMS: set(exercise.teams),
        Dimension.SCENARIOS: set(names),
    }
