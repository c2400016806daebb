"""The shipped rules and routes are what the real tools accept."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.services import require
from topologies.loading.estate import load_estate
from topologies.shipped import shipped_estates

ESTATES = shipped_estates()
RULES = [
    pytest.param(folder / rules, id=f"{name}/{Path(rules).stem}")
    for name, folder in ESTATES.items()
    for rules in load_estate(name).topology.monitoring.rules
]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("rules", RULES)
def test_promtool_accepts_the_shipped_rules(rules: Path) -> None:
    checked = run(require("promtool"), "check", "rules", rules)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ESTATES)
def test_amtool_accepts_the_shipped_configuration(name: str) -> None:
    configuration = load_estate(name).topology.monitoring.alertmanager
    assert configuration is not None
    checked = run(require("amtool"), "check-config", ESTATES[name] / configuration)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=DeadMansSwitch", "severity=none", "team=platform"], "dead-mans-switch"),
        (["alertname=SiteOnBattery", "severity=critical", "team=platform", "site=dc-north"], "platform-pager"),
        (["alertname=UtilityFeedLost", "severity=warning", "team=platform", "site=dc-north"], "service-desk-queue"),
        (["alertname=ServiceDown", "severity=critical", "team=core-systems"], "core-systems-pager"),
        (["alertname=JourneyProbeFails", "severity=critical", "team=digital-channels"], "digital-channels-pager"),
        (["alertname=ContactCentreDown", "severity=critical", "team=service-desk"], "service-desk-pager"),
        (["alertname=LatencyHigh", "severity=warning", "team=core-systems"], "service-desk-queue"),
        (["alertname=ServiceDown", "severity=critical", "team=nobody"], "service-desk-queue"),
    ],
)
def test_amtool_routes_alerts_of_the_bank_to_their_owners(labels: list[str], receiver: str) -> None:
    configuration = ESTATES["meridian-bank"] / "alerts/alertmanager.yaml"
    routed = run(require("amtool"), "config", "routes", "test", f"--config.file={configuration}", *labels)
    assert routed.stdout.split() == [receiver]
