"""Every finding that loading can make is explained."""

from __future__ import annotations

import re
from pathlib import Path

from topologies.loading import explanations
from topologies.loading.explanations import LOADING_FINDINGS

LOADING = Path(explanations.__file__).parent
SOURCES = [*LOADING.glob("*.py"), LOADING.parents[1] / "scenarios" / "loading.py"]


def test_ids_in_the_code_of_loading_are_those_explained() -> None:
    code = "\n".join(path.read_text() for path in SOURCES if path.name != "explanations.py")
    made = set(re.findall(r'"((?:input|yaml|model|reference|overlay|profile|automation)\.[a-z-]+)"', code))
    assert made == set(LOADING_FINDINGS)


def test_explanations_begin_with_a_sentence() -> None:
    assert all(text.split("\n")[0].endswith(".") for text in LOADING_FINDINGS.values())
