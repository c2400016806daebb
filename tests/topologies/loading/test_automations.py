"""Files of automations: read with the organisation, wrong ones refused at their place, circles found beforehand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import blackstart
from timeline.findings import Finding, InputError
from topologies.loading.estate import load_estate
from topologies.shipped import shipped_estates

HEAD = "format: blackstart/automations/1\nautomations:\n"
WHEN = "when: {seen: {kind: incident.declared}}"


def rule(id: str, do: str = "{ticket: {}}", when: str = WHEN, more: str = "") -> str:
    return f"  {id}:\n    title: a rule\n    {when}\n    do: [{do}]\n{more}"


def lab(folder: Path, *files: str, lifecycle: bool = False) -> Path:
    estate = folder / "lab"
    shutil.copytree(shipped_estates()["corner-lab"], estate)
    names = [f"auto-{number}.yaml" for number in range(len(files))]
    for name, text in zip(names, files, strict=True):
        (estate / name).write_text(HEAD + text)
    organisation = estate / "organisation.yaml"
    extra = f"\nautomation_files: [{', '.join(names)}]\n" + ("lifecycle: {}\n" if lifecycle else "")
    organisation.write_text(organisation.read_text() + extra)
    return estate


def refused(estate: Path) -> list[Finding]:
    with pytest.raises(InputError) as error:
        load_estate(estate)
    return list(error.value.findings)


def test_all_files_together_are_the_organisation_s(tmp_path: Path) -> None:
    loaded = load_estate(lab(tmp_path, rule("one"), rule("two")))
    assert list(loaded.automations) == ["one", "two"]
    assert [Path(d.name).name for d in loaded.automation_documents] == ["auto-0.yaml", "auto-1.yaml"]


@pytest.mark.parametrize(
    ("text", "line", "id", "message"),
    [
        (rule("one", do="{page: {policy: shpo}}"), 6, "reference.unknown", "there is no policy 'shpo'"),
        (rule("one", do="{}"), 6, "model.bad-value", "an action has exactly one key"),
        (rule("one", do="{page: {policy: shop}, ticket: {}}"), 6, "model.bad-value", "an action has exactly one key"),
        (rule("one", do="{pgae: {policy: shop}}"), 6, "model.unknown-key", "pgae"),
        (rule("one", when="when: {seen: {kind: incident.delcared}}"), 5, "model.bad-value", "not a kind of event"),
        (rule("one", more="    stages: [mitigatin]\n"), 7, "model.not-one-of", "mitigatin"),
        (rule("one", more="    at_most: 0\n"), 7, "model.out-of-range", "at_most"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(tmp_path: Path, text: str, line: int, id: str, message: str) -> None:
    found = refused(lab(tmp_path, text))
    assert [(f.place.line, f.id) for f in found] == [(line, id)]
    assert message in found[0].message or message in found[0].place.source_line


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    (found,) = refused(lab(tmp_path, rule("one"), rule("one")))
    assert found.id == "automation.name-taken"
    assert found.place.file.endswith("auto-1.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    estate = lab(tmp_path, rule("one"))
    (estate / "auto-0.yaml").unlink()
    assert [f.id for f in refused(estate)] == ["input.not-found"]


def known(value: str) -> str:
    return f"when: {{known: {{subject: 'field:x', state: {value}}}}}"


def sets(value: str) -> str:
    return f"{{set: {{field: x, value: {value}}}}}"


@pytest.mark.parametrize(
    ("rules", "circles"),
    [
        ([("a", "p", "q"), ("b", "q", "p")], ["'a' sets itself off again, by way of b"]),
        ([("a", "p", "q"), ("b", "q", "r"), ("c", "r", "p")], ["'a' sets itself off again, by way of b, c"]),
        ([("a", "p", "p")], ["'a' sets itself off again"]),
        ([("a", "p", "q"), ("b", "q", "r")], []),
        ([("a", "p", "q"), ("b", "p", "q")], []),
    ],
)
def test_automations_that_set_each_other_off_are_found_before_anything_runs(
    tmp_path: Path, rules: list[tuple[str, str, str]], circles: list[str]
) -> None:
    text = "".join(rule(id, sets(value), known(waits)) for id, waits, value in rules)
    found = [f for f in blackstart.check(lab(tmp_path, text)) if f.id == "automation.loop"]
    assert [f.message.removeprefix("the automation ") for f in found] == circles


@pytest.mark.parametrize(("lifecycle", "found"), [(False, 1), (True, 0)])
def test_a_stage_that_nobody_keeps_is_waited_for_in_vain(tmp_path: Path, lifecycle: bool, found: int) -> None:
    estate = lab(tmp_path, rule("one", more="    stages: [mitigating]\n"), lifecycle=lifecycle)
    assert len([f for f in blackstart.check(estate) if f.id == "automation.stage-never-kept"]) == found
