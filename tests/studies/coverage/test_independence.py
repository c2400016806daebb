"""What must not matter does not: unused things, the order of files and rules, the number of processes."""

import json
from pathlib import Path

from studies.coverage.document import document
from tests.studies.coverage.building import RULES, TOPOLOGY, found, kiosk, studied


def told(folder: Path, *, topology: str = TOPOLOGY, rules: str = RULES, jobs: int = 1) -> dict[str, object]:
    """The whole answer, without places: these are where the files say."""
    given = kiosk(folder, topology=topology, rules=rules)
    coverage = studied(given, mutate=True, kinds=("crash", "hang"), jobs=jobs)
    whole = document(coverage, found(given, coverage))
    for finding in whole["findings"]:
        del finding["file"], finding["line"], finding["column"]
    return json.loads(json.dumps(whole))


def test_more_processes_give_the_same_answer(tmp_path: Path) -> None:
    assert told(tmp_path / "one") == told(tmp_path / "two", jobs=2) | {"estate": "one"}


def test_an_unused_component_changes_no_cell(tmp_path: Path) -> None:
    unused = TOPOLOGY.replace("\n  cache: {", "\n  aside: {title: Unused, kind: network}\n  cache: {", 1)
    plain, more = told(tmp_path / "one"), told(tmp_path / "two", topology=unused)
    for part in ("faults", "expectations", "false_alerts", "mutants", "findings"):
        assert plain[part] == more[part], part


def test_the_order_of_components_of_independent_groups_and_of_rules_changes_nothing(tmp_path: Path) -> None:
    head, web, rest = RULES.partition("  - name: web")
    first, between, last = (web + rest).partition("  - name: rest")
    alerts = last.split("      - alert: ")
    shuffled = head + between + alerts[0] + "".join("      - alert: " + a for a in reversed(alerts[1:])) + first
    cache = "  cache: {title: Cache without an exporter, kind: cache, site: room}\n"
    moved = TOPOLOGY.replace(cache, "").replace("  db: {title", f"{cache}  db: {{title", 1)
    plain, other = told(tmp_path / "one"), told(tmp_path / "two", topology=moved, rules=shuffled)
    by_id = {one["id"]: one for one in other.pop("mutants")}  # type: ignore[attr-defined, index, union-attr]
    for mutant in plain.pop("mutants"):  # type: ignore[attr-defined]
        assert by_id.pop(mutant["id"]) == mutant
    assert not by_id
    assert plain == other | {"estate": "one"}
