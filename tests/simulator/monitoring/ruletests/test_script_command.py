"""`blackstart alerts script`: totals, status, and input that is no script."""

from __future__ import annotations

import pytest

from console.commands.alerts_script import script
from timeline.findings import InputError


@pytest.mark.parametrize(
    ("text", "status", "last"),
    [
        ("load 1m\n  x 1\n\neval instant at 0 x\n  x 1\n", 0, "1 passed, 0 failed, 0 skipped"),
        ("eval instant at 0 vector(1)\n  {} 2\n", 1, "0 passed, 1 failed, 0 skipped"),
        ("eval instant at 0 limitk(1, x)\n", 0, "0 passed, 0 failed, 1 skipped"),
    ],
)
def test_the_last_line_has_the_totals(tmp_path, capsys, text, status, last):
    path = tmp_path / "own.test"
    path.write_text(text)
    assert script([path]) == status
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_what_is_no_script_is_bad_input_with_its_line(tmp_path):
    path = tmp_path / "own.test"
    path.write_text("load 1m\n  x 1\n\nlaod 1m\n")
    with pytest.raises(InputError) as caught:
        script([path])
    assert caught.value.findings[0].place.line == 4
