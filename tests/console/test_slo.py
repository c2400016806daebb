"""`blackstart alerts slo`, and the SLOs of an estate, as a user meets them."""

import json
import shutil
from pathlib import Path

import pytest

from console.main import main
from tests.simulator.monitoring.slo.building import WORKBOOK, alert, pair, slo
from topologies.shipped import shipped_estates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "api.slo.yaml").write_text(slo())
    (tmp_path / "rules.yaml").write_text(alert(WORKBOOK))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(str(left.value.code))


def test_generated_rules_pass_their_own_tests_and_their_own_check(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weekly = slo(target="target: 0.99", window="1w")
    (folder / "api.slo.yaml").write_text(weekly)
    assert status("alerts", "slo", "generate", "api.slo.yaml", "-o", "made.yaml", "--tests", "made_test.yaml") == 0
    assert "rules for 1 objective" in capsys.readouterr().err
    assert status("alerts", "test", "made_test.yaml") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 0 failed"
    assert status("alerts", "slo", "check", "api.slo.yaml", "--rules", "made.yaml") == 0


def test_rules_go_to_standard_output_and_nothing_else_does(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status("alerts", "slo", "generate", "api.slo.yaml") == 0
    printed = capsys.readouterr().out
    (folder / "made.yaml").write_text(printed)
    assert status("check", "made.yaml") == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["generate", "missing.yaml", "-o", "out.yaml"], "missing.yaml: error: there is no such file"),
        (["generate", "rules.yaml", "-o", "out.yaml"], "rules.yaml:1:1: error: this is no object of OpenSLO"),
        (["generate", "service.yaml", "-o", "out.yaml"], "there is no SLO in these files"),
        (["generate", "short.yaml", "-o", "out.yaml"], "short.yaml:9:25: error: the window of 'api' is 1d"),
        (["generate", "api.slo.yaml", "-o", "nowhere/out.yaml"], "there is no such folder"),
        (["generate", "api.slo.yaml", "-o", "out.yaml", "--tests", "nowhere/t.yaml"], "there is no such folder"),
        (["generate", "odd.yaml", "-o", "out.yaml", "--tests", "t.yaml"], "no example series"),
        (["generate", "api.slo.yaml", "--tests", "t.yaml"], "give -o"),
        (["check", "api.slo.yaml"], "--rules"),
        (["check", "api.slo.yaml", "--rules", "api.slo.yaml"], "api.slo.yaml:"),
        (["check", "api.slo.yaml", "--rules", "rules.yaml", "--bad-ratio", "2"], "bad-ratio"),
    ],
)
def test_bad_input_ends_with_2_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    (folder / "service.yaml").write_text("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: api}\nspec: {}\n")
    (folder / "short.yaml").write_text(slo(window="1d"))
    (folder / "odd.yaml").write_text(slo().replace('http_requests_total{job="api", code=~"5.."}', "a + b"))
    before = sorted(folder.iterdir())
    assert status("alerts", "slo", *arguments) == 2
    assert says in " ".join(capsys.readouterr().err.split())
    assert sorted(folder.iterdir()) == before


def test_check_tells_findings_and_when_each_alert_fires(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rules.yaml").write_text(alert(pair("14.4 * 0.001", "1h", "5m")))
    assert status("alerts", "slo", "check", "api.slo.yaml", "--rules", "rules.yaml", "--bad-ratio", "0.02") == 1
    printed = capsys.readouterr().out
    assert "[slo.unseen-burn]" in printed
    row = next(line for line in printed.splitlines() if line.startswith("api "))
    assert row.split()[:3] == ["api", "0.02", "ApiBurns"]
    assert "43 min 12 s" in row
    assert row.count("2.0%") >= 1


@pytest.mark.usefixtures("folder")
def test_check_as_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["alerts", "slo", "check", "api.slo.yaml", "--rules", "rules.yaml", "--bad-ratio", "1", "--json"]
    assert status(*arguments) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["findings"] == []
    (one,) = document["alerts"]
    assert one["fires_after_s"] == pytest.approx(51.84)
    assert one["budget_spent_ratio"] == pytest.approx(0.02)
    assert 51 < one["run"]["fires_after_s"] < 180


def test_an_indicator_without_example_series_is_judged_by_the_formula_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "odd.yaml").write_text(slo().replace('http_requests_total{job="api", code=~"5.."}', "a + b"))
    assert status("alerts", "slo", "generate", "odd.yaml", "-o", "odd_rules.yaml") == 0
    assert status("alerts", "slo", "check", "odd.yaml", "--rules", "odd_rules.yaml", "--json") == 0
    printed = capsys.readouterr()
    assert "slo.no-example" in printed.err
    assert {one["run"] for one in json.loads(printed.out)["alerts"]} == {None}


def estate(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the shipped bank with one change in an SLO."""
    target = tmp_path / "bank"
    shutil.copytree(shipped_estates()["meridian-bank"], target)
    path = target / "alerts/slos/channels.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return target


def test_the_shipped_rules_measure_the_shipped_slos(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("check", "meridian-bank", "--json") == 0
    found = {f["id"] for f in json.loads(capsys.readouterr().out)["findings"] if f["id"].startswith("slo.")}
    assert found == {"slo.unseen-burn", "slo.delayed-by-for"}


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("service: api-gateway", "service: api-gate", 2, "did you mean 'api-gateway'"),
        ("type: Prometheus", "type: CloudWatch", 2, "'CloudWatch'; only Prometheus"),
        ('code=~"5.."', 'code=~"5.."}}', 2, "not a PromQL expression"),
        ('code=~"5.."', 'code=~"4.."', 0, "slo.no-burn-alert"),
        ("target: 0.999", "target: 0.9", 0, "slo.other-objective"),
    ],
)
def test_the_slos_of_an_estate_are_checked_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, code: int, says: str
) -> None:
    assert status("check", str(estate(tmp_path, old, new))) == code
    assert says in capsys.readouterr().out


def test_an_slo_file_that_is_missing_is_told_at_the_topology(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = estate(tmp_path, "kind: SLO", "kind: SLO")
    (bank / "alerts/slos/channels.yaml").rename(bank / "alerts/slos/channel.yaml")
    assert status("check", str(bank)) == 2
    printed = capsys.readouterr().out
    assert "topology.yaml:" in printed
    assert "did you mean 'alerts/slos/channel.yaml'" in printed


def test_findings_explain_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    for id in ("slo.unseen-burn", "slo.source", "error_budget_spent_before_page"):
        assert status("explain", id) == 0
    assert "Prometheus" in capsys.readouterr().out
