"""Obligations that apply to an organisation: shipped ones by name, own ones by file, and what is wrong with either."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from timeline.findings import InputError
from topologies.loading.estate import load_estate
from topologies.shipped import shipped_estates, shipped_obligations

DUTY = """
obligations:
  NAME:
    role: incident-manager
    channel: phone
    classification: 10m
    reports:
      REPORT: {writing: 30m}
"""
OWN = """format: blackstart/obligations/1
title: Own reports
regime: OWN
source: house rule 7
owed_when: dora-major
reports:
  note: {title: Note, source: house rule 7, starts: classified, limits: [{within: 1h, of: classified}]}
"""


def lab(folder: Path, text: str, own: str | None = None) -> Path:
    """The shipped laboratory with more in its organisation, and a file of its own obligations."""
    estate = folder / "lab"
    shutil.copytree(shipped_estates()["corner-lab"], estate)
    organisation = estate / "organisation.yaml"
    organisation.write_text(organisation.read_text() + text)
    if own is not None:
        (estate / "own.yaml").write_text(own)
    return estate


def duty(name: str, report: str, extra: str = "") -> str:
    return DUTY.replace("NAME", name).replace("REPORT", report) + extra


def refused(estate: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        load_estate(estate)
    return [(finding.message, finding.hint) for finding in error.value.findings]


def test_a_shipped_obligation_applies_by_its_name(tmp_path: Path) -> None:
    loaded = load_estate(lab(tmp_path, duty("dora", "initial")))
    assert list(loaded.obligations) == ["dora"]
    assert [Path(document.name).name for document in loaded.obligation_documents] == ["dora.yaml"]


def test_nothing_applies_where_nothing_is_stated() -> None:
    loaded = load_estate("corner-lab")
    assert (dict(loaded.obligations), loaded.obligation_documents) == ({}, ())


def test_an_obligation_of_ones_own_is_named_as_its_file(tmp_path: Path) -> None:
    estate = lab(tmp_path, duty("own", "note", "obligation_files: [own.yaml]\n"), OWN)
    assert load_estate(estate).obligations["own"].regime == "OWN"


def test_a_name_that_is_none_suggests_the_nearest(tmp_path: Path) -> None:
    ((message, hint),) = refused(lab(tmp_path, duty("dorra", "initial")))
    assert message == "there is no obligation 'dorra'"
    assert "'dora'" in hint


def test_a_report_that_the_regime_does_not_want_suggests_the_nearest(tmp_path: Path) -> None:
    ((message, hint),) = refused(lab(tmp_path, duty("dora", "inital")))
    assert message == "DORA wants no report 'inital'"
    assert "'initial'" in hint


def test_a_regime_that_goes_by_severity_wants_to_know_which(tmp_path: Path) -> None:
    ((message, _),) = refused(lab(tmp_path, duty("nis2", "final")))
    assert message == "NIS2 goes by severity, and it is not said from which one"


def test_a_file_that_is_not_there_is_reported_where_it_is_named(tmp_path: Path) -> None:
    found = refused(lab(tmp_path, "obligation_files: [owm.yaml]\n", OWN))
    assert any("there is no file 'owm.yaml'" in message and "own.yaml" in hint for message, hint in found)


def test_clocks_are_checked_where_they_stand(tmp_path: Path) -> None:
    estate = lab(tmp_path, duty("own", "note", "obligation_files: [own.yaml]\n"), OWN.replace("1h", "1 our"))
    with pytest.raises(InputError) as error:
        load_estate(estate)
    (finding,) = error.value.findings
    assert finding.place.file.endswith("own.yaml")
    assert finding.place.line == 7
    assert "'1 our' is not a duration" in finding.message


def test_shipped_obligations_are_of_the_wheel() -> None:
    assert all(path.is_file() for path in shipped_obligations().values())
