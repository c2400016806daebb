"""A/A: words, people and calls that nobody needs change no byte of an exercise."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import blackstart
from timeline.store import encode

QUAY = Path(__file__).parents[1] / "practices" / "library" / "quay" / "outage.yaml"
NEIGHBOURS = "organisation.audiences.neighbours={title: n, channel: mail, role: owner, writing: 5m, reach: 0.5}"
TEMPLATE = "organisation.communication.templates.other={title: o, text: '{functions}', audiences: [neighbours]}"
ON_CRISIS = (
    "organisation.communication.callouts.guests={title: g, stakeholders: public, on: crisis, role: owner, "
    "preparing: 1m, target: {share: 0.5, within: 1h}, mass: {people: 9, ways: [{channel: mail}]}}"
)
RULE = "organisation.communication.disclosure.rules.projects={title: p, words: [zeppelin]}"


@cache
def lines(*settings: str) -> tuple[str, ...]:
    played = blackstart.simulate(blackstart.load(QUAY, settings=settings), seed=1)
    return tuple(encode(event) for event in played)


@pytest.mark.parametrize("unused", [(NEIGHBOURS,), (NEIGHBOURS, TEMPLATE), (ON_CRISIS,), (RULE,)])
def test_what_nobody_needs_changes_no_byte(unused: tuple[str, ...]) -> None:
    assert lines(*unused) == lines()


def test_what_somebody_needs_is_not_without_effect() -> None:
    """The comparison above is not blind."""
    assert lines(ON_CRISIS.replace("on: crisis", "on: declared")) != lines()
