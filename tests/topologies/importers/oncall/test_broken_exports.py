"""Whatever is done to an export, the outcome is a roster or an error that names its place: never a traceback."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.response.oncall import OnCall
from tests.conformance.oncall.test_tables import EPOCH, HOLDERS
from tests.topologies.importers.oncall.test_importers import PAGERDUTY, WINDOW
from timeline.findings import Finding, InputError
from timeline.instants import DAY
from topologies.importers.oncall import FORMATS, import_roster

EXPORTS = [PAGERDUTY, *(case[format] for case in HOLDERS for format in FORMATS if format in case and format != "ics")]
CALENDARS = [case["ics"] for case in HOLDERS if "ics" in case]
VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        7,
        1e300,
        "",
        "x",
        "monday",
        "2026-01-01T00:00:00Z",
        "9999-12-31",
        "UTC",
        [],
        [[]],
        {},
        {"id": "x"},
    ]
)


def paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in inner for found in paths(value, (*path, key)))]


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """An export with one or two values changed or taken away."""
    data = deepcopy(draw(st.sampled_from(EXPORTS)))
    for _ in range(draw(st.integers(1, 2))):
        *above, last = draw(st.sampled_from([path for path in paths(data) if path] or [("x",)]))
        place = data
        for key in above:
            place = place[key]
        if draw(st.booleans()) and isinstance(place, dict):
            place.pop(last, None)
        elif isinstance(place, dict | list) and paths(place):
            place[last] = deepcopy(draw(VALUES))
    return data


def remarks_or_errors(file: Path, format: str | None = None) -> Sequence[Finding]:
    """What comes out of a file; a roster must also answer who is on call."""
    try:
        imported = import_roster(file, WINDOW, format)
    except InputError as error:
        return error.findings
    oncall = OnCall(imported.roster, EPOCH)
    for rotation in imported.roster.rotations:
        for at_ms in (0, 70 * DAY):
            assert isinstance(oncall.holders(rotation, at_ms), list)
            assert (oncall.next_change(rotation, at_ms) or at_ms + 1) > at_ms
    return imported.remarks


@given(changed())
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_changed_export_is_read_or_refused(tmp_path: Path, data: Any) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(data))
    assert all(finding.place.file == str(file) for finding in remarks_or_errors(file))


@given(st.sampled_from(CALENDARS), st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_changed_calendar_is_read_or_refused(tmp_path: Path, text: str, data: st.DataObject) -> None:
    lines = text.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        name = lines[number].partition(":")[0]
        lines[number] = data.draw(
            st.sampled_from(["", name, f"{name}:x", "RRULE:FREQ=x", f"{name}:20260301", "RRULE:FREQ=DAILY"])
        )
    file = tmp_path / "export.ics"
    file.write_text("\n".join(lines))
    assert all(finding.place.file == str(file) for finding in remarks_or_errors(file))


@pytest.mark.parametrize("format", list(FORMATS))
@pytest.mark.parametrize("data", [{}, {"schedule": {}}, {"results": [{}]}, {"data": []}])
def test_a_forced_format_reads_or_refuses(tmp_path: Path, format: str, data: Any) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(data))
    remarks_or_errors(file, format)
