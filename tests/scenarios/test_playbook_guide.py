"""The example of the guide to playbooks is a playbook, and uses everything that the guide explains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scenarios.flow import OnFailure, Repeat, SkillNeed, Starts, Wait
from scenarios.loading import load_scenario
from scenarios.models import Playbook, PlaybookTaskModel
from scenarios.shipped import shipped_scenarios
from timeline.findings import InputError
from topologies.loading.document import parse_document
from topologies.loading.validation import validate

GUIDE = (Path(__file__).parents[2] / "docs" / "playbooks.md").read_text()
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


def test_the_example_is_a_playbook() -> None:
    playbook = validate(parse_document(EXAMPLE, "playbooks.md"), Playbook)
    assert playbook.starts.on == "cause-known"
    assert playbook.tasks["verify"].repeat is not None


def test_every_field_is_explained() -> None:
    models = (PlaybookTaskModel, Starts, Wait, Repeat, SkillNeed, OnFailure)
    fields = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert {name for name in fields if name not in GUIDE} == set()


def test_a_diagram_in_place_of_a_playbook_is_refused_with_the_reason(tmp_path: Path) -> None:
    scenario = tmp_path / "crash.yaml"
    scenario.write_text(shipped_scenarios()["corner-lab-crash"].read_text().replace("database-crash", "plan.bpmn"))
    (tmp_path / "plan.bpmn").write_text("<definitions/>")
    with pytest.raises(InputError) as raised:
        load_scenario(scenario)
    assert [finding.id for finding in raised.value.findings] == ["playbook.bpmn"]
