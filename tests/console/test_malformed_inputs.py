"""Thirty-odd ways to get a file wrong: each ends with status 2, its place and what to do; nothing is left behind.

Each case takes a sound exercise (the smallest shipped one, copied), makes one mistake, and gives it to the real
commands `run` and `check`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.main import main
from scenarios.shipped import shipped_playbooks, shipped_scenarios
from tests.e2e.commands import blackstart
from topologies.shipped import shipped_estates

TOPOLOGY = "estate/topology.yaml"
ORGANISATION = "estate/organisation.yaml"
RULES = "estate/alerts/rules/shop.yaml"
ALERTMANAGER = "estate/alerts/alertmanager.yaml"
SCENARIO = "crash.yaml"
PLAYBOOK = "playbook.yaml"


@dataclass(frozen=True)
class Mistake:
    """`file` is broken by `make`; the message has to name `place` (a file, mostly with a line) and to say `says`."""

    name: str
    file: str
    make: Callable[[Path], object]
    place: str
    says: str


def replaced(old: str, new: str) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return make


def written(content: str | bytes) -> Callable[[Path], object]:
    raw = content if isinstance(content, bytes) else content.encode()
    return lambda path: path.write_bytes(raw)


def bomb() -> str:
    levels = ["l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    return "\n".join(levels + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 40)])


MISTAKES = [
    # files as such
    Mistake("empty file", TOPOLOGY, written(""), "topology.yaml: ", "empty"),
    Mistake("file that is missing", ORGANISATION, Path.unlink, "organisation.yaml: ", "no such file"),
    Mistake("folder in place of a file", ORGANISATION, lambda p: (p.unlink(), p.mkdir()), "organisation.yaml: ", "dir"),
    Mistake("bytes that are no text", TOPOLOGY, written(b"title: \xff\xfe\n"), "topology.yaml:1: ", "UTF-8"),
    Mistake("binary zeros", TOPOLOGY, written(b"title: a\x00b\n"), "topology.yaml:1:9", "not allowed"),
    Mistake("file of ten megabytes", RULES, written(b"#" * 10_000_000), "shop.yaml: ", "8 MiB"),
    # YAML
    Mistake("tab for indentation", TOPOLOGY, replaced("  lab:", "\tlab:"), "topology.yaml:11:1", "spaces only"),
    Mistake(
        "quote that stays open",
        PLAYBOOK,
        replaced("title: Crash", "title: 'Crash"),
        "playbook.yaml:2:8",
        "closing quote",
    ),
    Mistake("bracket that stays open", ORGANISATION, replaced("[push, phone]", "[push, phone"), ORGANISATION, "']'"),
    Mistake("text with a colon", TOPOLOGY, replaced("title: Web shop", "title: Web: shop"), TOPOLOGY, "in quotes"),
    Mistake(
        "key given twice", TOPOLOGY, replaced("title: Web shop", "title: A\n    title: B"), TOPOLOGY, "given twice"
    ),
    Mistake(
        "tag that makes an object",
        TOPOLOGY,
        replaced("title: Web", "title: !!python/name:os.system Web"),
        TOPOLOGY,
        "remove the tag",
    ),
    Mistake("alias bomb", PLAYBOOK, written(bomb()), f"{PLAYBOOK}:5:", "expand"),
    Mistake("nesting without end", SCENARIO, written("[" * 5_000), f"{SCENARIO}:1:65", "levels"),
    Mistake("two documents", SCENARIO, replaced("faults:", "---\nfaults:"), SCENARIO, "two files"),
    # formats and types
    Mistake("list in place of a map", SCENARIO, written("- one\n- two\n"), f"{SCENARIO}:1:1", "expected a map"),
    Mistake(
        "file of another kind",
        PLAYBOOK,
        replaced("blackstart/playbook/1", "blackstart/estate/1"),
        f"{PLAYBOOK}:1:9",
        "blackstart/playbook/1",
    ),
    Mistake("version from the future", TOPOLOGY, replaced("estate/1", "estate/7"), "topology.yaml:2:9", "version 1"),
    Mistake("field that is missing", SCENARIO, replaced("duration: 2h\n", ""), SCENARIO, "'duration' is missing"),
    Mistake(
        "field that does not exist",
        TOPOLOGY,
        replaced("capacity_rps: 120", "capacity: 120"),
        TOPOLOGY,
        "did you mean 'capacity_rps'",
    ),
    Mistake(
        "kind that does not exist", TOPOLOGY, replaced("kind: cache", "kind: cash"), TOPOLOGY, "did you mean 'cache'"
    ),
    Mistake("text for a number", TOPOLOGY, replaced("latency_ms: 80", "latency_ms: quick"), TOPOLOGY, "a number"),
    Mistake("number for a duration", TOPOLOGY, replaced("rto: 1h", "rto: 60"), TOPOLOGY, "like 90s"),
    Mistake(
        "distribution that does not exist",
        TOPOLOGY,
        replaced("restart: uniform", "restart: unifrom"),
        TOPOLOGY,
        "did you mean 'uniform'",
    ),
    Mistake(
        "share above one",
        ORGANISATION,
        replaced("failure: 0.02", "failure: 2"),
        ORGANISATION,
        "less than or equal to 1",
    ),
    Mistake(
        "more needed than there are",
        TOPOLOGY,
        replaced("{count: 2, needed: 1}", "{count: 1, needed: 2}"),
        TOPOLOGY,
        "only 1",
    ),
    Mistake("moment without offset", SCENARIO, replaced("10:00:00+01:00", "10:00:00"), SCENARIO, "offset"),
    Mistake(
        "time zone that does not exist",
        ORGANISATION,
        replaced("Europe/Vienna", "Europe/Viena"),
        ORGANISATION,
        "did you mean 'Europe/Vienna'",
    ),
    Mistake(
        "id with blanks",
        TOPOLOGY,
        replaced("  cache:\n    title", "  Price Cache:\n    title"),
        TOPOLOGY,
        "price-cache",
    ),
    Mistake(
        "condition that does not exist",
        PLAYBOOK,
        replaced("    after: [assess]", "    after: [assess]\n    when: {sen: {kind: fault.started}}"),
        PLAYBOOK,
        "did you mean 'seen'",
    ),
    # names
    Mistake(
        "dependency on nothing",
        TOPOLOGY,
        replaced("      db: {type: hard}", "      dbb: {type: hard}"),
        TOPOLOGY,
        "or 'db'?",
    ),
    Mistake(
        "person that does not exist",
        ORGANISATION,
        replaced("people: [shop-lead,", "people: [shop-leader,"),
        ORGANISATION,
        "did you mean 'shop-lead'",
    ),
    Mistake(
        "fault that does not exist",
        SCENARIO,
        replaced("fault: crash", "fault: crahs"),
        SCENARIO,
        "did you mean 'crash'",
    ),
    Mistake(
        "estate that does not exist",
        SCENARIO,
        replaced("estate: estate", "estate: corner-lb"),
        f"{SCENARIO}:",
        "did you mean 'corner-lab'",
    ),
    Mistake(
        "measure that does not exist",
        SCENARIO,
        replaced("measure: rto_met", "measure: rto_meet"),
        SCENARIO,
        "did you mean 'rto_met'",
    ),
    Mistake(
        "task that does not exist",
        SCENARIO,
        replaced("[fail-over, verify]", "[fail-over, verfy]"),
        SCENARIO,
        "did you mean 'verify'",
    ),
    # native files
    Mistake(
        "expression that does not parse",
        RULES,
        replaced("expr: up == 0", "expr: up == == 0"),
        RULES,
        "not a PromQL expression",
    ),
    Mistake("rule without expression", RULES, replaced("        expr: up == 0\n", ""), RULES, "expr"),
    Mistake(
        "receiver that does not exist",
        ALERTMANAGER,
        replaced("receiver: shop-mail", "receiver: shop-male"),
        ALERTMANAGER,
        "shop-mail",
    ),
]


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    """A sound exercise in a folder of its own."""
    shutil.copytree(shipped_estates()["corner-lab"], tmp_path / "estate")
    shutil.copy(shipped_playbooks()["database-crash"], tmp_path / PLAYBOOK)
    text = shipped_scenarios()["corner-lab-crash"].read_text()
    text = text.replace("estate: corner-lab", "estate: estate").replace("database-crash", PLAYBOOK)
    (tmp_path / SCENARIO).write_text(text)
    return tmp_path


def status_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as leaving:
        main([*arguments])
    return leaving.value.code


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
@pytest.mark.parametrize("command", ["run", "check"])
def test_mistake_ends_with_status_2_its_place_and_what_to_do(
    exercise: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    mistake: Mistake,
) -> None:
    monkeypatch.chdir(exercise)
    mistake.make(exercise / mistake.file)
    before = sorted(exercise.rglob("*"))
    assert status_of(command, SCENARIO) == 2
    said = "".join(capsys.readouterr())
    assert f"{mistake.place}" in said
    assert mistake.says in said
    assert "Traceback" not in said
    assert sorted(exercise.rglob("*")) == before


def test_there_are_at_least_thirty_kinds_of_mistake() -> None:
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES) >= 30


def test_sound_exercise_passes_the_check(exercise: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(exercise)
    assert status_of("check", SCENARIO, "--quiet") == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "datacenter-loss"], "did you mean 'datacentre-loss'"),
        (["run", SCENARIO, "--set", "estate.functions.orderin.rto=1h"], "did you mean estate.functions.ordering.rto?"),
        (["run", SCENARIO, "--set", "nonsense"], "path=value"),
        (["run", SCENARIO, "--seed", "minus one"], "--seed"),
        (["run", SCENARIO, "--sed", "1"], "--sed"),
        (["check", "corner-lb"], "did you mean 'corner-lab'"),
        (["explain", "dependency.cicle"], "did you mean 'dependency.cycle'"),
        (["schema", "organization"], "did you mean 'organisation'"),
        (["chekc", SCENARIO], "chekc"),
    ],
)
def test_wrong_argument_ends_with_status_2_and_what_was_meant(
    exercise: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(exercise)
    before = sorted(exercise.rglob("*"))
    assert status_of(*arguments) == 2
    said = "".join(capsys.readouterr())
    assert says in said
    assert "Traceback" not in said
    assert sorted(exercise.rglob("*")) == before


def test_mistake_in_a_process_of_its_own_leaves_nothing_and_ends_with_status_2(exercise: Path) -> None:
    replaced("kind: cache", "kind: cash")(exercise / TOPOLOGY)
    done: subprocess.CompletedProcess[str] = blackstart("run", SCENARIO, "--out", "result", cwd=exercise)
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean 'cache'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (exercise / "result").exists()
