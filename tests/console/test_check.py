"""`blackstart check`, `explain` and `schema` as users meet them: status, streams, and what --watch does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.explanations import explanations
from console.main import main
from scenarios.checks import SCENARIO_CHECKS
from topologies.checks import ESTATE_CHECKS
from topologies.shipped import shipped_estates


def status_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as leaving:
        main([*arguments])
    return leaving.value.code


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["corner-lab"], 0),
        (["corner-lab", "--fail-on", "warning"], 1),
        (["corner-lab", "--fail-on", "info", "--quiet"], 1),
        (["corner-lab-crash"], 0),
        (["nothing-like-it"], 2),
        (["nothing-like-it", "corner-lab"], 2),
    ],
)
def test_status_says_whether_something_was_found_at_the_asked_severity(arguments: list[str], status: int) -> None:
    assert status_of("check", *arguments) == status


def test_findings_go_to_standard_output_and_the_summary_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    status_of("check", "corner-lab")
    out, err = capsys.readouterr()
    assert "warning: the loss of 'lab' alone stops ordering [dependency.single-point]" in out
    assert err.startswith("3 warnings;")


def test_quiet_leaves_only_what_decides_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    status_of("check", "corner-lab", "--quiet")
    assert capsys.readouterr() == ("", "")


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("check", "corner-lab", "no-such-thing", "--json") == 2
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert document["readable"] is False
    assert {finding["id"] for finding in document["findings"]} == {
        "dependency.single-point",
        "redundancy.shares-fate",
        "alertmanager.dead-mans-switch.none",
        "input.not-found",
    }


def test_folder_is_checked_file_by_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text("format: blackstart/playbook/1\ntitle: A\ntasks: {}\n")
    (tmp_path / "b.yaml").write_text("format: blackstart/playbok/1\n")
    (tmp_path / "rules.yaml").write_text("groups: [{name: g, rules: [{alert: A, expr: 'up =='}]}]\n")
    (tmp_path / "routes.yml").write_text("route: {receiver: gone}\nreceivers: [{name: here}]\n")
    assert status_of("check", str(tmp_path)) == 2
    out = capsys.readouterr().out
    assert "a.yaml" not in out
    assert "did you mean 'blackstart/playbook/1'" in out
    assert "rules.yaml:1:" in out
    assert "routes.yml:1:" in out


@pytest.mark.parametrize(
    "file", ["topology.yaml", "organisation.yaml", "alerts/alertmanager.yaml", "alerts/expectations.yaml"]
)
def test_each_file_of_an_estate_can_be_checked_by_itself(file: str) -> None:
    assert status_of("check", str(shipped_estates()["corner-lab"] / file)) == 0


def test_watch_checks_again_when_a_file_has_changed(tmp_path: Path) -> None:
    from console.commands.check import watched_state

    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    before = watched_state([str(tmp_path)])
    assert watched_state([str(tmp_path)]) == before
    file.write_text("a: 12\n")
    changed = watched_state([str(tmp_path)])
    assert changed != before
    file.unlink()
    assert watched_state([str(tmp_path)]) not in (before, changed)


def test_every_finding_of_a_check_can_be_explained() -> None:
    assert {*ESTATE_CHECKS, *SCENARIO_CHECKS} <= {
        id for id, found in explanations().items() if found.title and found.text
    }


def test_explain_prints_title_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("explain", "standby.looser-than-rpo") == 0
    out = capsys.readouterr().out
    assert out.startswith("standby.looser-than-rpo (finding)\n")
    assert "recovery point objective" in out


def test_schema_is_written_whole_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "scenario.schema.json"
    assert status_of("schema", "scenario", "--out", str(out)) == 0
    assert json.loads(out.read_text())["title"] == "Scenario"
    assert list(tmp_path.iterdir()) == [out]


def test_rules_that_prometheus_3_understands_otherwise_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "groups:\n- name: g\n  rules:\n"
        "  - {alert: Fine, expr: 'rate(x_bucket{le=\"1.0\"}[5m]) > 1'}\n"
        "  - {alert: Old, expr: 'rate(x_bucket{le=\"1\"}[5m]) > 1'}\n"
    )
    assert status_of("check", str(rules)) == 0
    out = capsys.readouterr().out
    assert f"{rules}:5:" in out
    assert out.count("[version.") == 1
    assert "Old" in out
    assert "[version.number-label]" in out
    assert status_of("check", str(rules), "--fail-on", "warning") == 1
    assert status_of("explain", "version.number-label") == 0
