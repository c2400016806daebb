"""`blackstart estate import`: what it writes, says and refuses; drift between what is documented and what is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.main import main
from topologies.importers.estate import ESTATE_FORMATS

COMPOSE = """\
services:
  web: {image: nginx, depends_on: [orders], environment: {OLD_URL: "http://legacy:80"}}
  orders: {image: acme/orders, environment: {DB_HOST: db}}
  legacy: {image: acme/legacy}
  db: {image: postgres}
"""
SEEN = {
    "data": [
        {"parent": "web", "child": "orders", "callCount": 100},
        {"parent": "orders", "child": "db", "callCount": 250},
        {"parent": "orders", "child": "mailer", "callCount": 10},
        {"parent": "web", "child": "db", "callCount": 3},
    ]
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "seen.json").write_text(json.dumps(SEEN))
    return tmp_path


def status_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as leaving:
        main(list(arguments))
    return leaving.value.code


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    capsys.readouterr()
    assert status_of(*arguments, "--json") == status
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("files")
def test_drift_shows_what_is_only_documented_and_what_is_only_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("estate", "import", "compose", "compose.yaml", "-o", "documented", "-q") == 0
    assert status_of("estate", "import", "jaeger", "seen.json", "-o", "seen", "-q") == 0
    found = answer(capsys, "estate", "diff", "documented", "seen", status=1)
    assert found["stale_edges"] == [["web", "legacy"]]
    assert found["missing_edges"] == [["orders", "mailer"], ["web", "db"]]
    assert (found["gone"], found["new"]) == (["components.legacy"], ["components.mailer"])
    assert {"path": "orders -> db.calls", "before": None, "after": 2.5} in found["changed"]


@pytest.mark.usefixtures("files")
def test_the_answer_accounts_for_every_record(capsys: pytest.CaptureFixture[str]) -> None:
    command = ("estate", "import", "compose", "compose.yaml", "-o", "shop", "--timezone", "Europe/Vienna")
    said = answer(capsys, *command)
    assert said["nodes"] == {"read": 4, "kept": 4, "merged": 0, "left_out": 0, "mentioned": 0}
    assert said["edges"]["read"] == said["edges"]["kept"] == 3
    assert "criticality" not in {unknown["fact"] for unknown in said["unknown"]}
    written = json.loads(Path("shop/import.json").read_text())
    assert [edge["evidence"][0]["place"].rpartition("/")[2] for edge in written["dependencies"]] == [
        "compose.yaml:3:55",
        "compose.yaml:2:68",
        "compose.yaml:2:23",
    ]
    assert Path("shop/topology.yaml").read_text().startswith("# Imported (compose): 4 things read")
    assert sorted(path.name for path in Path("shop").iterdir()) == ["import.json", "topology.yaml"]


@pytest.mark.usefixtures("files")
def test_an_imported_estate_can_be_drawn_and_assessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("estate", "import", "compose", "compose.yaml", "-o", "shop", "-q") == 0
    assert status_of("estate", "draw", "shop", "-o", "shop.svg", "-q") == 0
    assert "orders" in Path("shop.svg").read_text()
    assert answer(capsys, "estate", "impact", "shop", "--fault", "crash")["faults"]


def test_importers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    listed = answer(capsys, "list", "importers")
    assert [row["id"] for row in listed if row["imports"] == "estate"] == list(ESTATE_FORMATS)
    assert {"csv", "servicenow", "backstage", "compose", "kubernetes", "jaeger", "service-graph"} <= set(ESTATE_FORMATS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["compos", "compose.yaml", "-o", "new"], "did you mean 'compose'"),
        (["compose", "compos.yaml", "-o", "new"], "did you mean 'compose.yaml'"),
        (["compose", "compose.yaml"], "give -o DIR"),
        (["compose", "compose.yaml", "-o", "."], "there is something here already"),
        (["compose", "compose.yaml", "-o", "new", "--timezone", "Europe/Wien"], "not a time zone"),
        (["compose", "compose.yaml", "-o", "new", "--mapping", "m.yaml"], "needs no mapping"),
        (["compose", "compose.yaml", "--propose", "m.yaml"], "formats with one: csv, servicenow"),
        (["jaeger", "compose.yaml", "-o", "new"], "compose.yaml:1:1: error: expected a list"),
        (["kubernetes", "empty", "-o", "new"], "there is no *.yaml or *.yml or *.json in this folder"),
    ],
)
def test_what_cannot_be_imported_ends_with_status_2_and_leaves_nothing(
    files: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    (files / "empty").mkdir()
    before = sorted(files.rglob("*"))
    assert status_of("estate", "import", *arguments) == 2
    said = "".join(capsys.readouterr())
    assert says in said
    assert "Traceback" not in said
    assert sorted(files.rglob("*")) == before


def test_a_proposal_is_written_once(files: Path) -> None:
    (files / "edges.csv").write_text("source,target,type\na,b,calls\n")
    command = ("estate", "import", "csv", "edges.csv", "--propose", "mapping.yaml")
    assert status_of(*command) == 0
    (files / "mapping.yaml").write_text((files / "mapping.yaml").read_text().replace("calls: hard", "calls: left-out"))
    assert status_of(*command) == 2
    assert status_of("estate", "import", "csv", "edges.csv", "--mapping", "mapping.yaml", "-o", "new", "-q") == 0
    assert json.loads((files / "new/import.json").read_text())["edges"]["left_out"] == 1
