"""Cases recorded elsewhere from Alertmanager 0.25: same notifications, same alerts in the same order, same times."""

from pathlib import Path

import pytest

from tests.conformance.alertmanager.cases import differences, shared_case

SHARED = Path(__file__).parents[4] / "shared" / "conformance" / "alertmanager"
CASES = sorted(SHARED.glob("*.yaml")) if SHARED.is_dir() else []


@pytest.mark.skipif(not CASES, reason="the folder of shared recordings is not beside the repository")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_notifies_as_the_real_one_did(path: Path) -> None:
    case = shared_case(path)
    assert case.recording
    assert differences(case.simulated(), case.recording) == []
