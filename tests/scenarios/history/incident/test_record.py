"""The sample incident as a whole: its scores by hand, what does not matter, what stays unknown, what is hidden."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reports.index import TimelineIndex
from reports.milestones import Milestone, of_exercise
from reports.scoring import score
from scenarios.history.importers.pseudonyms import Names
from scenarios.history.incident import read_incident
from scenarios.history.incident.rows import Fate
from tests.scenarios.history.incident.building import SAMPLE, copy_of_sample, record_of, told
from timeline.journal import Timeline
from timeline.store import encode


def written(timeline: Timeline) -> list[str]:
    return [encode(event) for event in timeline]


@pytest.mark.parametrize(
    ("measure", "by_hand"),
    [
        # Down from 10:01 to 10:49; the RTO is 45 minutes.
        ("recovery_time_achieved", 48 * 60),
        ("rto_met", 0),
        ("rpo_met", 1),
        # Dead at 10:00; the page of 10:03:42 on a clock that is 37 s ahead was delivered at 10:03:05.
        ("time_to_detect", 185),
        ("time_to_alert", 120),
        # Acknowledged at 10:11:37 on the same clock.
        ("time_to_acknowledge", 11 * 60),
        # From 10:01 to the chat at 10:13; the role is taken half a minute later.
        ("time_to_declare", 12 * 60),
        ("roles_filled_within", 30),
        ("time_to_find_cause", 20 * 60),
        ("time_to_mitigate", 50 * 60),
        ("time_to_restore", 49 * 60),
        # One of two answered; the user wrote at 10:07, 3:55 after the first page arrived.
        ("pages_answered", 0.5),
        ("pages_per_incident", 2),
        ("detection_lead", 235),
        ("alert_precision", 0.5),
        ("first_assignment_accuracy", 0),
        ("financial_loss", 48 / 60 * 900),
    ],
)
def test_the_scorer_finds_what_a_person_reckons(measure: str, by_hand: float) -> None:
    assert score(read_incident(SAMPLE).timeline).measure(measure).value == pytest.approx(by_hand)


def test_a_record_says_that_it_is_one() -> None:
    scores = score(read_incident(SAMPLE).timeline)
    assert {scores.evidence_class, *(m.evidence_class for m in scores.measures)} == {"record"}
    assert not scores.objectives_met


def test_no_row_is_lost() -> None:
    record = read_incident(SAMPLE)
    for source in record.sources:
        fates = [row.fate for row, _ in record.rows if row.file == source.name]
        assert source.used + source.context + source.refused == source.rows == len(fates), source.name
        counted = (fates.count(Fate.USED), fates.count(Fate.CONTEXT), fates.count(Fate.REFUSED))
        assert counted == (source.used, source.context, source.refused), source.name
    lines = [json.loads(line) for line in record.source_lines().splitlines()]
    assert all(line["reasons"] for line in lines if line["fate"] == "refused")
    seqs = {seq for line in lines for seq in line["events"]}
    assert seqs == set(range(1, len(record.timeline) - 1))  # all but the beginning and the end


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), offset=st.integers(-120, 120))
def test_the_order_of_rows_does_not_matter_and_a_clock_that_is_ahead_is_set_back(seed: int, offset: int) -> None:
    shuffled = random.Random(seed)
    with TemporaryDirectory() as name:
        folder = copy_of_sample(Path(name))
        for table in ("pages.csv", "tickets.csv"):
            heading, *lines = (folder / table).read_text().splitlines()
            shuffled.shuffle(lines)
            (folder / table).write_text("\n".join([heading, *lines]) + "\n")
        chat = folder / "slack/inc-orders/2026-03-10.json"
        messages = json.loads(chat.read_text())
        shuffled.shuffle(messages)
        for message in messages:
            message["ts"] = f"{float(message['ts']) + offset:.6f}"
        chat.write_text(json.dumps(messages, indent=1))
        manifest = YAML(typ="safe").load(folder / "incident.yaml")
        manifest["files"]["slack"]["offset"] = f"{offset}s"
        files = list(manifest["files"].items())
        shuffled.shuffle(files)
        manifest["files"] = dict(files)
        for group in (manifest, *manifest["functions"].values(), *manifest["faults"].values()):
            group.update({k: v.isoformat() for k, v in group.items() if hasattr(v, "isoformat")})
        (folder / "incident.yaml").write_text(json.dumps(manifest))
        changed = read_incident(folder).timeline
    assert written(changed) == written(read_incident(SAMPLE).timeline)


_MINUTES = st.integers(-30, 180)
_PAGE_ROWS = st.lists(
    st.tuples(_MINUTES, st.sampled_from(["a", "b", ""]), st.sampled_from(["sent", "delivered", "acknowledged", "?"])),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(rows=_PAGE_ROWS, seconds=st.integers(-300, 300))
def test_any_pages_give_a_timeline_in_order_with_every_row_accounted_for(
    rows: list[tuple[int, str, str]], seconds: int
) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "rows.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["at", "person", "event"])
            for minute, person, event in rows:
                writer.writerow([1773136800 + 60 * minute, person, event])
        record = record_of(Path(name), "pages.csv", path.read_text(), {"kind": "pages", "offset": f"{seconds}s"})
    moments = [event.at_ms for event in record.timeline]
    assert moments == sorted(moments)
    (report,) = record.sources
    assert report.rows == len(rows) == report.used + report.context + report.refused
    good = {
        (minute, who, event)
        for minute, who, event in rows
        if who and event != "?" and 0 <= 60 * minute - seconds <= 7200
    }
    assert len(told(record, "page")) == len(good)


def test_without_a_fault_nothing_is_claimed_about_one(tmp_path: Path) -> None:
    folder = copy_of_sample(tmp_path)
    text = (folder / "incident.yaml").read_text()
    begin, end = text.index("faults:"), text.index("incidents:\n")
    (folder / "incident.yaml").write_text(text[:begin] + text[end:])
    scores = score(read_incident(folder).timeline)
    from_faults = ("time_to_detect", "time_to_restore", "alert_precision", "alert_recall", "time_to_declare")
    assert [scores.measure(id).value for id in from_faults] == [None] * len(from_faults)
    assert scores.measure("recovery_time_achieved").value == 48 * 60
    index = TimelineIndex(read_incident(folder).timeline)
    moments = {milestone: event.at_ms // 60_000 for milestone in Milestone if (event := of_exercise(index, milestone))}
    assert moments == {
        "impact": 1,
        "alerted": 2,
        "detected": 3,
        "acknowledged": 11,
        "declared": 13,
        "restored": 49,
        "mitigated": 50,
        "resolved": 58,
    }


def test_the_absence_of_a_source_is_no_fact(tmp_path: Path) -> None:
    folder = copy_of_sample(tmp_path)
    text = (folder / "incident.yaml").read_text()
    kept = [line for line in text.splitlines() if "pages.csv" not in line and "data_lost" not in line]
    (folder / "incident.yaml").write_text("\n".join(kept) + "\n")
    scores = score(read_incident(folder).timeline)
    unknown = (
        "pages_per_incident",
        "escalations_exhausted",
        "time_to_acknowledge",
        "recovery_point_achieved",
        "rpo_met",
    )
    assert [scores.measure(id).value for id in unknown] == [None] * len(unknown)
    assert all(not sample.censored for measure in scores.measures for sample in measure.samples)


def test_a_pseudonym_stands_for_a_name_in_every_place() -> None:
    hidden, shown = read_incident(SAMPLE, Names(b"key")), read_incident(SAMPLE)
    text = "\n".join(written(hidden.timeline)) + hidden.source_lines()
    for name in ("Duty One", "Lead Two", "Manager Three", "Buyer Four", "U0LEAD", "U0MGR", '"lead"'):
        assert name not in text
    assert "Manager Three" in shown.source_lines()
    assert [e.kind for e in hidden.timeline] == [e.kind for e in shown.timeline]
    assert score(hidden.timeline).measure("pages_answered").value == 0.5
    other = read_incident(SAMPLE, Names(b"another"))
    assert written(other.timeline) != written(hidden.timeline)
