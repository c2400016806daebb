"""Drafts of profiles: what rules and scrapes say is taken, everything else is marked and does not load."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from console.main import main
from simulator.monitoring.rules import groups_of
from simulator.monitoring.telemetry.drafts import (
    Draft,
    draft_from_rules,
    draft_from_scrape,
    parse_exposition,
    written,
)
from timeline.findings import InputError
from topologies.loading.document import parse_document
from topologies.loading.validation import validate
from topologies.telemetry import TelemetryProfile

SCRAPE = r"""
# HELP app_jobs Jobs that run
# TYPE app_jobs gauge
app_jobs{queue="mail",note="a \"b\" \\ c"} 3 1700000000000
# TYPE app_requests_total counter
app_requests_total{code="200"} 1.5e3
# TYPE app_seconds histogram
app_seconds_bucket{le="0.5"} 2
app_seconds_bucket{le="2"} 3
app_seconds_bucket{le="+Inf"} 4
app_seconds_sum 3
app_seconds_count 4
# TYPE app_size summary
app_size{quantile="0.5"} 1
odd 4
process_open_fds 3
"""


def rules(*expressions: str) -> Draft:
    lines = ["groups:", "- name: g", "  rules:"]
    for n, expression in enumerate(expressions):
        lines += [f"  - alert: A{n}", f"    expr: '{expression}'"]
    return draft_from_rules(groups_of([parse_document("\n".join(lines), "rules.yaml")]))


def metric(draft: Draft, name: str) -> tuple[str | None, list[dict[str, str]]]:
    found = next(m for m in draft.metrics if m.name == name)
    return found.type, [dict(s.labels) for s in found.series]


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("rate(app_x[5m]) > 1", "counter"),
        ("deriv(app_x[5m]) > 1", "gauge"),
        ("app_x > 1", "gauge"),
        ("app_x > rate(app_x[5m]) + deriv(app_x[5m])", None),
    ],
)
def test_functions_say_the_type(expression: str, kind: str | None) -> None:
    assert metric(rules(expression), "app_x")[0] == kind


def test_a_name_that_ends_in_total_is_a_counter() -> None:
    assert metric(rules("app_x_total > 1"), "app_x_total")[0] == "counter"


@pytest.mark.parametrize(
    ("selector", "labels"),
    [
        ('{code="500"}', [{"code": "500"}]),
        ('{code=~"500|502"}', [{"code": "500"}, {"code": "502"}]),
        ('{code=~"5.."}', [{"code": "???"}]),
        ('{code!="200"}', [{"code": "???"}]),
        ('{job="app",instance="x"}', [{}]),
        ("", [{}]),
    ],
)
def test_matchers_name_label_values(selector: str, labels: list[dict[str, str]]) -> None:
    assert metric(rules(f"app_x{selector} > 1"), "app_x")[1] == labels


def test_a_selector_that_says_less_adds_no_series() -> None:
    assert metric(rules('app_x{code="500"} / app_x > 1'), "app_x")[1] == [{"code": "500"}]


def test_series_of_a_metric_share_their_label_names() -> None:
    found = metric(rules('app_x{code="500"} > 1', 'app_x{path="/"} > 1'), "app_x")[1]
    assert found == [{"code": "500", "path": "???"}, {"code": "???", "path": "/"}]


def test_a_bucket_makes_a_histogram_of_all_its_parts() -> None:
    draft = rules('rate(app_x_bucket{le="0.3"}[5m]) / rate(app_x_count[5m]) < 0.9')
    (found,) = draft.metrics
    assert (found.name, found.type, found.buckets) == ("app_x", "histogram", (0.3,))


def test_what_a_shipped_profile_shows_is_left_out() -> None:
    draft = rules("node_load1 > 4 and app_x > 1", "up == 0")
    assert [m.name for m in draft.metrics] == ["app_x"]
    assert draft.shown == {"node_load1": "node"}


def test_a_scrape_gives_types_labels_buckets_and_values() -> None:
    draft = draft_from_scrape([parse_exposition(SCRAPE, "scrape")])
    assert [(m.name, m.type) for m in draft.metrics] == [
        ("app_jobs", "gauge"),
        ("app_requests_total", "counter"),
        ("app_seconds", "histogram"),
        ("odd", None),
    ]
    assert draft.metrics[0].series[0].labels == {"queue": "mail", "note": 'a "b" \\ c'}
    assert draft.metrics[1].series[0].remark == "read 1500"
    assert draft.metrics[2].buckets == (0.5, 2.0)
    assert draft.shown == {"process_open_fds": "http-server"}


@pytest.mark.parametrize("draft", [rules('rate(app_x{code=~"5.."}[5m]) > 1'), rules("app_x > 1")])
def test_a_draft_does_not_load_until_it_is_filled_in(draft: Draft) -> None:
    text = written(draft, "own")
    with pytest.raises(InputError, match="still to be filled in"):
        validate(parse_document(text, "own.yaml"), TelemetryProfile)
    body = text.replace('code: "???"', 'code: "500"').replace('signals: ["???"]', "signals: [failed_rps]")
    assert set(validate(parse_document(body, "own.yaml"), TelemetryProfile).metrics) == {"app_x"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("app_x", "no value"),
        ("app_x five", "'five' is not a value"),
        ("{a=1} 3", "name of a metric"),
        ("app_x{a=1} 3", "labels cannot be read"),
        ('app_x{a="1" 3', "labels cannot be read"),
    ],
)
def test_a_line_that_is_none_is_told_with_its_place(line: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_exposition(f"ok 1\n{line}\n", "scrape.txt")
    (finding,) = caught.value.findings
    assert (str(finding.place), said in finding.message) == ("scrape.txt:2:1", True)


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x85\u2028\u2029"), max_size=8)
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: not name.startswith("__"))
"""Labels that begin with two underscores are reserved; the client library refuses some of them."""


@given(st.dictionaries(NAMES, TEXTS, max_size=3), st.floats(allow_nan=False), st.booleans())
def test_samples_read_as_the_client_library_reads_them(labels: dict[str, str], value: float, stamped: bool) -> None:
    escaped = {k: v.replace("\\", r"\\").replace('"', r"\"") for k, v in labels.items()}
    inside = ",".join(f'{name}="{text}"' for name, text in escaped.items())
    line = f"app_x{{{inside}}} {value}{' 1700000000000' if stamped else ''}\n"
    ours = parse_exposition(line, "scrape").samples[0]
    (theirs,) = next(iter(text_string_to_metric_families(line))).samples
    assert (ours.name, dict(ours.labels), ours.value) == (theirs.name, theirs.labels, theirs.value)


def run(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["new", "profile", *arguments])
    return ended.value.code


def test_the_command_writes_a_file_named_after_the_profile(tmp_path: Path) -> None:
    scrape = tmp_path / "scrape.txt"
    scrape.write_text(SCRAPE)
    assert run("app", "--from-scrape", str(scrape), "--out", str(tmp_path)) == 0
    assert (tmp_path / "app.yaml").read_text().count("app_jobs:") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["app"], "either from rules or from a scrape"),
        (["app", "--from-scrape", "nowhere.txt"], "no such file"),
        (["App!", "--from-scrape", "s.txt"], "cannot be the name"),
        (["taken", "--from-scrape", "s.txt"], "exists"),
        (["app", "--from-scrape", "known.txt"], "nothing to draft"),
        (["app", "--from-scrape", "s.txt", "--out", "nowhere"], "no such folder"),
    ],
)
def test_what_cannot_be_drafted_is_told_and_writes_nothing(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.txt").write_text("app_x 1\n")
    Path("known.txt").write_text("node_load1 1\n")
    Path("taken.yaml").write_text("mine")
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["known.txt", "s.txt", "taken.yaml"]
    assert Path("taken.yaml").read_text() == "mine"
