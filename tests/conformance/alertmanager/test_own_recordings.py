"""The cases of this folder as Alertmanager 0.25 was recorded doing them (`record.py`)."""

import json

import pytest

from tests.conformance.alertmanager.cases import Case, differences, own_cases
from tests.conformance.alertmanager.record import record
from tests.services import require

CASES = own_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_notifies_as_the_real_one_did(case: Case) -> None:
    assert case.recording is not None
    assert differences(case.simulated(), case.recording) == []


def test_there_are_enough_cases_and_most_differ() -> None:
    assert len(CASES) >= 20
    assert len({json.dumps(case.recording) for case in CASES}) == len(CASES)


@pytest.mark.prove
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_installed_one_still_does_as_recorded(case: Case) -> None:
    """Plays the case again, against whatever version is installed."""
    require("prometheus-alertmanager")
    assert differences(case.simulated(), record(case)) == []
