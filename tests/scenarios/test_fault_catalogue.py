"""The catalogue of faults: each kind is complete, takes its own typical parameters, and stands in the guide."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from scenarios.faults import FAULTS, Between, Effect
from scenarios.faults.parameters import Scope

GUIDE = Path(__file__).parents[2] / "docs" / "faults.md"
KINDS = [pytest.param(kind, id=kind.id) for kind in FAULTS.values()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_says_what_it_takes_and_what_ends_it(kind) -> None:  # type: ignore[no-untyped-def]
    (row,) = [line for line in GUIDE.read_text().splitlines() if f"| `{kind.id}` |" in line]
    _, family, _, _, takes, ended_by, _ = (cell.strip() for cell in row.split("|"))
    assert family == kind.family
    assert takes == (", ".join(f"`{name}`" for name in kind.takes) or "-")
    assert ended_by == (", ".join(kind.cleared_by) or ("nothing" if kind.permanent else "time"))


@pytest.mark.parametrize("kind", KINDS)
def test_its_typical_parameters_are_its_own(kind) -> None:  # type: ignore[no-untyped-def]
    kind.effect_of(kind.typical)
    with pytest.raises(ValidationError):
        kind.effect_of({**kind.typical, "nonsense": 1})


def test_a_scope_is_worked_into_the_effect_now_and_later() -> None:
    made = FAULTS["memory-leak"].effect_of({"fills_in": "1h", "replicas": 2, "callers": ["web"]})
    assert made.later is not None
    assert (made.replicas, made.later[1].replicas) == (2, 2)
    assert made.between == made.later[1].between == Between(("web",))


def test_who_is_down_for_a_share_of_requests_fails_these() -> None:
    assert Effect(down=True, needs_start_up=True).within(Scope(traffic=0.2)) == Effect(error_ratio=0.2)


def test_a_malicious_access_says_so() -> None:
    assert [id for id, kind in FAULTS.items() if kind.malicious] == ["ransomware"]
