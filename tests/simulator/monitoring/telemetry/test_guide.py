"""The profile that the guide shows loads."""

from __future__ import annotations

import re
from pathlib import Path

from topologies.loading.document import parse_document
from topologies.loading.validation import validate
from topologies.telemetry import TelemetryProfile

GUIDE = Path(__file__).parents[4] / "docs" / "telemetry.md"


def test_the_profile_of_the_guide_loads() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(validate(parse_document(text, "guide.yaml"), TelemetryProfile).metrics) == 3
