"""Files of labels."""

from pathlib import Path

import pytest

from scenarios.history.failure_modes import load_taxonomy
from scenarios.triage.labels import Label, read_labels
from timeline.findings import InputError

TAXONOMY = load_taxonomy()


def test_labels_have_a_mode_and_may_have_a_second_and_a_doubt(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("incident,mode,confidence,second\na,storage,sure,\nb,halt,unsure,late\nc,,sure,\n")
    assert read_labels(path, TAXONOMY) == {"a": Label("storage"), "b": Label("halt", "late", sure=False)}


def test_labels_that_cannot_be_meant_are_told_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text("id,mode,second\n1,storrage,\n2,,\n3,bug,\n3,load,\n4\n5,bug,bugg\n")
    with pytest.raises(InputError) as raised:
        read_labels(path, TAXONOMY)
    assert sorted(f.place.line or 0 for f in raised.value.findings) == [2, 5, 6, 7]
    assert "did you mean 'storage'" in str(raised.value)


def test_a_file_without_modes_says_which_columns_it_has(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("id,mod\n1,bug\n")
    with pytest.raises(InputError, match="no column 'mode'"):
        read_labels(path, TAXONOMY)
