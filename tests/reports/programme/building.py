"""A programme of the corner lab and exercises that were held, in one line each."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from reports.programme import HeldExercise, LoadedProgramme, load_programme

HEAD = """\
format: blackstart/programme/1
title: Exercises of 2026
estate: corner-lab
period: {first_day: 2026-01-01, last_day: 2026-12-31}
"""
POLICY = "policy: {every: 12 months, counts: [tabletop, functional]}\n"
CRASH = """\
exercises:
  crash:
    title: The database crashes
    type: functional
    scenarios: [corner-lab-crash]
    when: 2026-06
    functions: [ordering]
    owner: technical-lead
"""


def written(folder: Path, text: str = HEAD + POLICY + CRASH) -> Path:
    path = folder / "programme.yaml"
    path.write_text(text)
    return path


def loaded(folder: Path, text: str = HEAD + POLICY + CRASH) -> LoadedProgramme:
    return load_programme(written(folder, text))


def held(**fields: Any) -> HeldExercise:
    usual = {
        "timeline": "a" * 64,
        "exercise": "crash",
        "on": date(2026, 6, 10),
        "type": "functional",
        "scenario": "corner-lab-crash",
        "title": "A crash",
        "estate": "corner-lab",
        "seed": 1,
        "evidence_class": "live",
        "objectives_met": True,
        "score": 80.0,
        "functions": ["ordering"],
        "risks": [],
        "practices": ["5.5"],
        "people": ["shop-lead"],
    }
    return HeldExercise.model_validate({**usual, **fields})
