"""`blackstart history import`, `describe` and `classify` as users meet them."""

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from console.main import main

LOG = """number,incident_state,sys_mod_count,opened_at,sys_updated_at,category,priority,assignment_group,resolved_at
INC1,New,0,13-03-2026 10:00,13-03-2026 10:01,Mail,2 - High,Desk,13-03-2026 12:00
INC1,Resolved,1,13-03-2026 10:00,13-03-2026 12:00,Mail,2 - High,Desk,13-03-2026 12:00
INC2,New,0,14-03-2026 10:00,14-03-2026 10:01,Network,3 - Moderate,?,?
?,New,0,14-03-2026 10:00,14-03-2026 10:01,Network,3 - Moderate,?,?
"""


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "log.csv").write_text(LOG)
    return tmp_path


@pytest.fixture
def history(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    out = folder / "history.parquet"
    assert run("history", "import", "servicenow-log", folder / "log.csv", "-o", out, "--timezone", "UTC", "-q") == 0
    capsys.readouterr()
    return out


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_an_import_counts_what_it_used_and_what_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "h.parquet"
    assert run("history", "import", "servicenow-log", folder / "log.csv", "-o", out, "--json") == 0
    answer = document(capsys)
    assert (answer["incidents"], answer["rows"]) == (2, 4)
    assert answer["rejected"] == [{"line": 5, "reason": "the row names no incident"}]
    assert (answer["from"], answer["to"]) == ("2026-03-13T10:00:00+00:00", "2026-03-14T10:01:00+00:00")
    assert [finding["id"] for finding in answer["findings"]] == ["history.no-zone"]
    assert pl.read_parquet(out).height == 2


def test_an_import_tells_people_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("history", "import", "servicenow-log", folder / "log.csv", "-o", folder / "h.parquet") == 0
    printed = capsys.readouterr()
    assert "2 incidents from 4 rows, " in printed.out
    assert "1 rows rejected:\n  line 5: the row names no incident" in printed.out
    assert "[history.no-zone]" in printed.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["servicenowlog", "log.csv", "-o", "h.parquet"], "did you mean 'servicenow-log'"),
        (["servicenow-log", "lag.csv", "-o", "h.parquet"], "did you mean 'log.csv'"),
        (["servicenow-log", "log.csv"], "where shall the history go"),
        (["csv", "log.csv", "-o", "h.parquet"], "let --propose make a mapping"),
        (["gcp", "log.csv", "-o", "h.parquet", "--mapping", "m.yaml"], "only csv has a mapping"),
        (["gcp", "log.csv", "--propose"], "a mapping is proposed for csv only"),
        (["servicenow-log", "log.csv", "-o", "h.parquet", "--timezone", "Europe/Roma"], "did you mean 'Europe/Rome'"),
        (["servicenow-log", "log.csv", "-o", "h.parquet", "--encoding", "utf-9"], "no encoding"),
        (["servicenow-log", "log.csv", "-o", "h.parquet", "--pseudonymise", "none"], "the key cannot be used"),
        (["gcp", "log.csv", "-o", "h.parquet"], "log.csv:1:1"),
    ],
)
def test_what_cannot_be_meant_ends_with_2_and_leaves_nothing(
    arguments: list[str],
    says: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    assert run("history", "import", *arguments) == 2
    assert says in capsys.readouterr().err
    assert [entry.name for entry in folder.iterdir()] == ["log.csv"]


def test_a_proposed_mapping_can_be_printed_edited_and_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "t.csv").write_text("Ticket,Opened,Fixed\n1,2026-03-01 10:00,2026-03-01 11:00\n")
    assert run("history", "import", "csv", folder / "t.csv", "--propose") == 0
    proposed = capsys.readouterr().out
    (folder / "m.yaml").write_text(proposed.replace("Fixed", "Opened"))
    assert (
        run("history", "import", "csv", folder / "t.csv", "--mapping", folder / "m.yaml", "-o", folder / "h.parquet")
        == 0
    )
    frame = pl.read_parquet(folder / "h.parquet")
    assert frame["resolved_at"][0] == frame["opened_at"][0]


def test_a_proposed_mapping_can_be_used_at_once_and_is_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "t.csv").write_text("Ticket,Opened,Fixed\n1,2026-03-01 10:00,2026-03-01 11:00\n")
    out = folder / "h.parquet"
    assert run("history", "import", "csv", folder / "t.csv", "--propose", "-o", out, "--json") == 0
    assert document(capsys)["incidents"] == 1
    assert "resolved_at: Fixed" in (folder / "h.mapping.yaml").read_text()


def test_a_mapping_with_a_mistake_is_told_with_its_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "m.yaml").write_text("format: blackstart/history-mapping/1\nkind: tabel\ncolumns: {opened_at: a}\n")
    out = folder / "h.parquet"
    assert run("history", "import", "csv", folder / "log.csv", "--mapping", folder / "m.yaml", "-o", out) == 2
    assert "m.yaml:2:7" in capsys.readouterr().err


def test_people_are_pseudonyms_by_a_key_from_a_file(folder: Path) -> None:
    header, *rows = LOG.splitlines()
    (folder / "log.csv").write_text("\n".join([f"{header},sys_updated_by", *(f"{row},Ann" for row in rows)]))
    (folder / "key").write_text("secret\n")
    out = folder / "h.parquet"
    key = folder / "key"
    assert run("history", "import", "servicenow-log", folder / "log.csv", "-o", out, "--pseudonymise", key, "-q") == 0
    actors = set(pl.read_parquet(folder / "h.steps.parquet")["actor"].drop_nulls())
    assert len(actors) == 1
    assert actors.pop().startswith("person-")


def test_steps_of_an_older_import_do_not_stay(history: Path, folder: Path) -> None:
    assert (folder / "history.steps.parquet").exists()
    (folder / "t.csv").write_text("Ticket,Opened\n1,2026-03-01 10:00\n")
    assert run("history", "import", "csv", folder / "t.csv", "--propose", "-o", history, "-q") == 0
    assert not (folder / "history.steps.parquet").exists()


def test_a_description_as_a_document(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("history", "describe", history, "--json") == 0
    answer = document(capsys)
    assert (answer["incidents"], answer["time_basis"]) == (2, "calendar")
    assert answer["arrivals"]["hour_of_week"][4][10] == 1
    assert sum(map(sum, answer["arrivals"]["hour_of_week"])) == 2
    restore = answer["times"]["restore"]
    assert [(row["priority"], row["incidents"], row["censored"]) for row in restore] == [
        ("all", 2, 1),
        ("2 - High", 1, 0),
        ("3 - Moderate", 1, 1),
    ]
    assert restore[0]["p50_s"] == 7200
    assert [bar["name"] for bar in answer["pareto"]["service"]] == ["Mail", "Network"]


def test_a_description_for_people_with_figures(history: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("history", "describe", history, "--out", folder / "figures") == 0
    printed = capsys.readouterr().out
    for words in ("2 incidents, 2026-03-13 to 2026-03-14", "Time to restore", "Recurrences within 30 days", "2 h"):
        assert words in printed
    page = (folder / "figures" / "history.html").read_text()
    assert page.count("<svg") == page.count("<figcaption>") == 7
    assert '<th scope="row">Mail</th>' in page
    drawn = {path.stem for path in (folder / "figures").glob("*.svg")}
    assert drawn == {
        "hour-of-week",
        "rate",
        "seasons-weekday",
        "seasons-month",
        "services",
        "time-to-acknowledge",
        "time-to-restore",
    }


def test_an_import_of_no_usable_row_ends_with_1_and_cannot_be_described(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "t.csv").write_text("Ticket,Opened\n1,2026-03-01 10:00\n")
    (folder / "m.yaml").write_text("format: blackstart/history-mapping/1\ncolumns: {opened_at: Ticket}\n")
    out = folder / "h.parquet"
    assert run("history", "import", "csv", folder / "t.csv", "--mapping", folder / "m.yaml", "-o", out, "-q") == 1
    assert run("history", "describe", out) == 2
    assert "no incidents" in capsys.readouterr().err


def test_classes_of_failure_and_their_review(history: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, review = folder / "c.parquet", folder / "review.csv"
    assert run("history", "classify", history, "-o", out, "--review", review, "--json") == 0
    answer = document(capsys)
    assert answer["classified_ratio"] == 0.5
    assert {row["mode"]: row["incidents"] for row in answer["modes"]} == {"network": 1, "unclassified": 1}
    review.write_text(review.read_text().replace("INC1,unclassified", "INC1,load"))
    assert run("history", "classify", history, "-o", out, "--corrections", review) == 0
    printed = capsys.readouterr().out
    assert "100.0% of 2 incidents have a failure mode" in printed
    assert "2 set by hand; without that the same is said of 50.0%" in printed
    frame = pl.read_parquet(out).sort("id")
    assert frame["failure_mode"].to_list() == ["load", "network"]
    assert frame["failure_rule"].to_list() == ["correction", "named-as-network"]
    assert (folder / "c.steps.parquet").exists()


def test_classes_are_held_against_labels(history: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = folder / "labels.csv"
    labels.write_text("id,mode,second\nINC1,load,unclassified\nINC2,network,\nINC9,bug,\n")
    assert run("history", "classify", history, "--labels", labels, "--json") == 0
    measured = document(capsys)["labels"]
    assert (measured["labelled"], measured["right"], measured["right_or_second"], measured["answered"]) == (2, 1, 2, 1)
    assert {"label": "load", "answer": "unclassified", "incidents": 1} in measured["confusion"]
    assert run("history", "classify", history, "--labels", labels) == 0
    printed = capsys.readouterr().out
    assert "50.0% of 2 labelled incidents are said as labelled (95 % interval 9.5% to 90.5%)" in printed
    assert "of the 1 that were given a mode, 100.0% as labelled" in printed
    assert "1 modes are given for incidents that are not here: INC9" in printed


def test_rules_of_ones_own(history: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rules.yaml").write_text(
        "format: blackstart/failure-modes/1\nmodes: {post: {title: Post}}\n"
        "rules: {mail: {mode: post, words: [mail], fields: [service]}}\n"
    )
    assert run("history", "classify", history, "-o", folder / "c.parquet", "--rules", folder / "rules.yaml") == 0
    assert "post" in capsys.readouterr().out


def test_every_finding_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    from scenarios.history.explanations import HISTORY_FINDINGS

    modules = (Path(__file__).parents[2] / "scenarios" / "history").rglob("*.py")
    raised = {id for path in modules for id in re.findall(r'"(history\.[a-z-]+)"', path.read_text())}
    assert raised - {"history.parquet"} == {id for id in HISTORY_FINDINGS if id.startswith("history.")}
    assert run("explain", "history.no-zone") == 0
    assert "UTC" in capsys.readouterr().out


def test_importers_are_listed_with_what_they_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "importers", "--json") == 0
    listed = {row["id"]: row["title"] for row in document(capsys) if row["imports"] == "history"}
    assert set(listed) == {
        *("servicenow", "servicenow-log", "pagerduty", "opsgenie", "jsm"),
        *("statuspage", "gcp", "upptime", "xes", "csv"),
    }
    assert listed["gcp"].startswith("Google Cloud")
