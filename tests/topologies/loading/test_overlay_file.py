"""Overlay files: what they set, whose word it is, and what is told of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

import blackstart
from timeline.findings import InputError
from topologies.loading.estate import load_estate
from topologies.loading.overlay_file import FORMAT, Overlay, OverlayValue, overlay_text, read_overlay

HEAD = "format: blackstart/overlay/1\nvalues:\n"


def written(folder: Path, values: str) -> Path:
    path = folder / "overlay.yaml"
    path.write_text(HEAD + values)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_estate("corner-lab", settings=read_overlay(path))
    return str(caught.value)


def test_values_are_set_in_their_order_and_null_removes(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "  organisation.people.owner.answer.day: {value: 7m}\n"
        "  estate.standby_pairs.db.standby: {value: null}\n"
        "  estate.functions.ordering.rto: {value: 20m, basis: expert, source: the owner}\n",
    )
    loaded = load_estate("corner-lab", settings=read_overlay(path))
    assert loaded.organisation.people["owner"].answer.day.text == "7m"
    assert loaded.topology.standby_pairs["db"].standby is None
    assert loaded.topology.functions["ordering"].rto == 1_200_000


def test_a_setting_of_the_command_line_wins(tmp_path: Path) -> None:
    path = written(tmp_path, "  estate.functions.ordering.rto: {value: 20m}\n")
    loaded = load_estate("corner-lab", settings=[*read_overlay(path), "estate.functions.ordering.rto=5m"])
    assert loaded.topology.functions["ordering"].rto == 300_000


def test_its_sources_join_the_table_of_sources(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "  organisation.people.owner.answer.day: {value: 7m, basis: fitted, confidence: high, source: 312 pages}\n",
    )
    loaded = blackstart.load("corner-lab-crash", settings=read_overlay(path))
    source = loaded.sources["organisation.people.owner.answer.day"]
    assert (source.basis, source.confidence, source.source) == ("fitted", "high", "312 pages")
    assert loaded.sources["organisation.people"].basis == "assumed"


def test_a_setting_says_itself_as_on_the_command_line(tmp_path: Path) -> None:
    (setting,) = read_overlay(written(tmp_path, "  estate.functions.ordering.rto: {value: 20m}\n"))
    (again,) = read_overlay(written(tmp_path, "  estate.functions.ordering.rto: {value: '20m'}\n"))
    assert str(setting) == str(again) == 'estate.functions.ordering.rto="20m"'
    said = load_estate("corner-lab", settings=[str(setting)])
    assert said.topology.functions["ordering"].rto == 1_200_000


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("  organisation.people.ownr.answer.day: {value: 7m}\n", "overlay.yaml:3:3: error: there is nothing at"),
        ("  organisation.people.ownr.answer.day: {value: 7m}\n", "did you mean organisation.people.owner.answer.day?"),
        ("  estate.functions.ordering.rto: {value: 20x}\n", "overlay.yaml:3:42: error: '20x' is not a duration"),
        ("  estat.functions.ordering.rto: {value: 20m}\n", "overlay.yaml:3:3: error: no path begins with 'estat'"),
        ("  estate: {value: 20m}\n", "overlay.yaml:3:3: error: 'estate' alone is no path"),
        ("  estate.functions.ordering.rto: {valu: 20m}\n", "did you mean 'value'?"),
        ("  estate.functions.ordering.rto: {value: 20m, basis: guessed}\n", "overlay.yaml:3:54"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(values: str, told: str, tmp_path: Path) -> None:
    assert told in refusal(written(tmp_path, values))


def test_an_overlay_that_was_written_is_read_back(tmp_path: Path) -> None:
    value = OverlayValue(value="7m", low="6m", high="8m", n=12, basis="fitted", confidence="low", source="a: b #c")
    overlay = Overlay(
        format=FORMAT,
        title="Fitted to x",
        values={"organisation.people.owner.answer.day": value},
        left_alone={"scenario.faults": "stated"},
    )
    path = tmp_path / "overlay.yaml"
    path.write_text(overlay_text(overlay))
    (setting,) = read_overlay(path)
    assert setting.path == "organisation.people.owner.answer.day"
    assert setting.source is not None
    assert setting.source.source == "a: b #c"
