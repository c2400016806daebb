"""Nobody acts without authority: by role, by ownership, or with the approval of whoever may give it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.response.building import Rig, organisation

RESTART = {"action": "restart"}


def run(*rules: dict[str, Any], **sections: Any) -> Rig:
    return Rig(org=organisation(authority=[{**RESTART, **rule} for rule in rules], **sections)).alert("web").play()


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], ["command.refused"]),
        ([{}], ["command.refused"]),
        ([{"teams": ["crew"]}], ["command.submitted", "command.completed"]),
        ([{"approver": "incident-manager"}], ["command.submitted", "command.completed"]),
        ([{"approver": "incident-manager", "refusal": 1.0}], ["command.refused"]),
    ],
    ids=["no rule", "a rule for nobody", "the owning team", "approved", "refused"],
)
def test_what_becomes_of_an_order(rules: list[dict[str, Any]], expected: list[str]) -> None:
    assert run(*rules).kinds("command")[: len(expected)] == expected


def test_an_approval_takes_the_time_of_the_approver() -> None:
    rig = run({"approver": "incident-manager", "decision": "20m"})
    (requested,), (granted,) = rig.of("approval.requested"), rig.of("approval.granted")
    assert granted.at_ms - requested.at_ms >= 20 * 60_000
    assert str(granted.actor) == "person:max"


def test_nobody_to_approve_means_no_action() -> None:
    rig = run({"approver": "incident-manager"}, roles={"incident-manager": {"title": "m"}})
    assert rig.estate.commands == []


RULE = st.fixed_dictionaries(
    {},
    optional={
        "teams": st.sampled_from([[], ["crew"]]),
        "roles": st.sampled_from([[], ["incident-manager"]]),
        "approver": st.just("incident-manager"),
        "refusal": st.sampled_from([0.0, 0.5, 1.0]),
    },
)


@settings(max_examples=40, deadline=None)
@given(rules=st.lists(RULE, max_size=1), seed=st.integers(0, 9))
def test_every_order_has_authority_behind_it(rules: list[dict[str, Any]], seed: int) -> None:
    """Ann, of the team that owns everything and in no role, orders all there is to order."""
    org = organisation(authority=[{**RESTART, **rule} for rule in rules])
    rig = Rig(org=org, seed=seed).alert("web").play(3)
    for order in rig.of("command.submitted"):
        kinds = {rig.timeline[cause].kind for cause in order.causes}
        owner = any("crew" in rule.get("teams", []) for rule in rules)
        assert owner or "approval.granted" in kinds
        assert "approval.refused" not in kinds
