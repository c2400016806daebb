"""Estates with planted weaknesses, put together in a folder: what is common to all, and what is particular to one."""

from __future__ import annotations

import shutil
from pathlib import Path

from blackstart import load, plan_of
from studies.search import Limits, Outcome, Question, Rule, Space, Stage, Trials, search, space_of
from topologies.loading.nodes import plain

LIBRARY = Path(__file__).parent / "library"
Names = frozenset[str]
SURE = Rule(missed=0.5)
"""What is planted always breaks or never does: one exercise screens it."""


def put_together(name: str, folder: Path) -> Path:
    """The scenario of a planted estate."""
    shutil.copytree(LIBRARY / "common", folder / name)
    shutil.copytree(LIBRARY / name, folder / name, dirs_exist_ok=True)
    return folder / name / "scenario.yaml"


def stage_of(scenario: Path, limits: Limits) -> Stage:
    loaded = load(scenario)
    plan = plan_of(loaded)
    stated = plain(loaded.scenario_document.root)
    assert isinstance(stated, dict)
    space: Space = space_of(plan, stated, limits)
    return Stage(plan, space, tuple(plan.scenario.objectives))


def searched(scenario: Path, limits: Limits, question: Question) -> Outcome:
    with Trials(stage_of(scenario, limits)) as trials:
        return search(trials, question)


def found(outcome: Outcome) -> set[Names]:
    return {finding.combination for finding in outcome.findings}
