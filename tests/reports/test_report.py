"""The documents of a run: self-contained, every link leads somewhere, the same bytes from the same timeline."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

import blackstart
from reports.figures import draw
from reports.folder import write_reports
from reports.html import html_report
from reports.index import TimelineIndex
from reports.junit import junit_xml
from reports.scoring import score, score_index
from tests.reports import independent_scores
from tests.reports.building import Story, long_story, objective, of_every_kind, target
from timeline.journal import Timeline
from timeline.store import TimelineFile

_VOID = {"meta", "br", "col", "img", "hr", "input", "link"}


class Page(HTMLParser):
    """What a browser would find: links, ids, elements left open, anything that could be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.loaded: list[str] = []
        self.elements: Counter[str] = Counter()
        self.words = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        for name, value in attrs:
            if name in ("href", "xlink:href"):
                (self.links if tag == "a" else self.loaded).append(value or "")
            elif name in ("src", "srcset", "action", "data", "poster"):
                self.loaded.append(value or "")
            elif name == "id":
                self.ids[value or ""] += 1
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        expected = self._open.pop()
        assert tag == expected, f"</{tag}> where <{expected}> is open"

    def handle_data(self, data: str) -> None:
        self.words += data


def page_of(timeline: Timeline) -> str:
    index = TimelineIndex(timeline)
    return html_report(index, score_index(index), draw(index))


@pytest.fixture(scope="module")
def lab() -> Timeline:
    return blackstart.simulate("corner-lab-crash", seed=1)


@pytest.fixture(scope="module", params=["corner lab", "every kind", "nothing happened", "incomplete"])
def timeline(request: pytest.FixtureRequest, lab: Timeline) -> Timeline:
    made: dict[str, Callable[[], Timeline]] = {
        "corner lab": lambda: lab,
        "every kind": of_every_kind,
        "nothing happened": lambda: Story().end(60),
        "incomplete": lambda: Timeline(lab[: len(lab) // 2]),
    }
    return made[request.param]()


@pytest.fixture(scope="module")
def text(timeline: Timeline) -> str:
    return page_of(timeline)


def test_the_page_is_well_formed_and_its_ids_are_unique(text: str) -> None:
    assert [id for id, count in Page(text).ids.items() if count > 1] == []


def test_every_link_leads_to_a_place_on_the_page(text: str) -> None:
    page = Page(text)
    assert [link for link in page.links if link.removeprefix("#") not in page.ids] == []


def test_nothing_is_loaded_from_elsewhere(text: str) -> None:
    page = Page(text)
    assert [reference for reference in page.loaded if not reference.startswith("#")] == []
    assert [found for found in re.findall(r"url\(\s*['\"]?([^)'\"]*)", text) if not found.startswith("#")] == []
    assert "@import" not in text
    assert page.elements["script"] == 0


def test_every_event_is_an_anchor(timeline: Timeline, text: str) -> None:
    ids = Page(text).ids
    assert all(f"e{event.seq}" in ids for event in timeline)


def test_only_a_run_that_reached_its_end_looks_complete(timeline: Timeline, text: str) -> None:
    ended = timeline[-1].kind == "exercise.ended"
    assert ("did not reach its end" in Page(text).words) is not ended


def test_numbers_of_targets_and_measures_stand_beside_links(lab: Timeline) -> None:
    """Each row of a table that shows a value of the scores links to at least one event."""
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page_of(lab), re.DOTALL)
    values = [row for row in rows if 'class="num"' in row and "<th" not in row]
    assert len(values) > 30
    assert [row for row in values if 'href="#e' not in row and "never disrupted" not in row] == []


def test_marks_of_the_figures_lead_to_events_that_exist(lab: Timeline) -> None:
    cited = {int(seq) for figure in draw(TimelineIndex(lab)) for seq in re.findall(r'href="#e(\d+)"', figure.svg)}
    assert len(cited) > 10
    assert max(cited) < len(lab)


def test_figures_are_xml_and_name_their_ids_after_themselves(timeline: Timeline) -> None:
    for figure in draw(TimelineIndex(timeline)):
        root = ElementTree.fromstring(figure.svg)
        ids = [element.get("id", figure.id) for element in root.iter()]
        assert all(id.startswith(figure.id) for id in ids)
        assert figure.caption.endswith(".")


def test_an_event_is_listed_as_people_read_it() -> None:
    story = Story()
    story.add(1, "alert.firing", "alert:A", labels=(("site", "north"), ("team", "ops")), value=0.0, active_at_ms=30_000)
    story.add(2, "function.disrupted", "function:payments", rto_ms=5_400_000, mtpd_ms=None)
    words = Page(page_of(story.end(60))).words
    assert "labels: site=north, team=ops · value: 0 · active_at_ms: +00:00:30 (02:10:30)" in words
    assert "level_ratio: 0 · rto_ms: 1 h 30 min · rpo_ms: 1 min" in words
    assert "\\n" not in words


def test_words_of_others_are_shown_as_words() -> None:
    story = Story()
    hostile = '<script>alert("x")</script>'
    story.add(1, "inject.delivered", "inject:i", text=hostile, sender=hostile)
    text = page_of(story.end(60))
    assert "<script" not in text
    assert hostile in Page(text).words


def test_a_very_long_timeline_lists_what_the_page_cites_and_says_so() -> None:
    timeline = long_story(12_000)
    page = Page(page_of(timeline))
    assert [link for link in page.links if link.removeprefix("#") not in page.ids] == []
    assert "of 12,005 events" in page.words
    assert sum(id.startswith("e") and id[1:].isdigit() for id in page.ids) < len(timeline)


_PRINT_DIGEST = """
import hashlib, pathlib, sys
from reports.folder import write_reports
from timeline.store import read_timeline
folder = pathlib.Path(sys.argv[1])
write_reports(read_timeline(folder / "timeline.jsonl"), folder)
whole = hashlib.sha256()
for path in sorted(p for p in folder.rglob("*") if p.is_file()):
    whole.update(path.name.encode() + path.read_bytes())
print(whole.hexdigest())
"""


def test_the_same_timeline_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    digests = set()
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        save(of_every_kind(), folder / "timeline.jsonl")
        ran = subprocess.run(
            [sys.executable, "-c", _PRINT_DIGEST, str(folder)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        digests.add(ran.stdout)
    assert len(digests) == 1


def test_a_run_folder_gets_all_its_documents_and_nothing_half_written(tmp_path: Path, lab: Timeline) -> None:
    scores = write_reports(lab, tmp_path)
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    figures = {f"figures/{figure.id}.svg" for figure in draw(TimelineIndex(lab))}
    assert names == {"scores.json", "report.html", "junit.xml", *figures}
    assert json.loads((tmp_path / "scores.json").read_text())["score"] == scores.score


def test_junit_fails_where_objectives_were_not_met() -> None:
    met, missed = target("time_to_detect", at_most=600.0), target("time_to_detect", at_most=1.0)
    story = Story(objective("kept", met), objective("broken", missed))
    fault = story.add(0, "fault.started", "fault:f")
    story.add(5, "page.delivered", "person:duty-1", fault)
    suite = ElementTree.fromstring(junit_xml(score(story.end(60))))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["broken"]


def test_junit_of_an_incomplete_run_is_an_error_and_passes_nothing() -> None:
    story = Story(objective("kept", target("time_to_detect", at_most=600.0)))
    suite = ElementTree.fromstring(junit_xml(score(story.timeline)))[0]
    assert suite.get("errors") == "1"
    assert all(case.find("error") is not None or case.find("skipped") is not None for case in suite)


@pytest.mark.parametrize("scenario", ["corner-lab-crash", "cloudflare-2019"])
def test_a_script_that_shares_no_code_finds_the_same_headline_scores(scenario: str, tmp_path: Path) -> None:
    timeline = blackstart.simulate(scenario, seed=3)
    path = save(timeline, tmp_path / "timeline.jsonl")
    ran = subprocess.run(
        [sys.executable, "-I", independent_scores.__file__, str(path)], capture_output=True, timeout=60, check=True
    )
    found, scores = json.loads(ran.stdout), score(timeline)
    kept = dict.fromkeys(found["rto_met"], 1.0)
    for sample in scores.measure("rto_met").samples:
        name = sample.subject.removeprefix("function:")
        kept[name] = min(kept[name], sample.value)
    assert found == {
        "complete": scores.complete,
        "time_to_detect": scores.measure("time_to_detect").value,
        "recovery_time_achieved": scores.measure("recovery_time_achieved").value,
        "rto_met": kept,
        "alert_precision": pytest.approx(scores.measure("alert_precision").value),
        "alert_recall": pytest.approx(scores.measure("alert_recall").value),
    }


def save(timeline: Timeline, path: Path) -> Path:
    with TimelineFile(path) as file:
        for event in timeline:
            file(event)
    return path
