"""CSV files by a mapping, and the mapping that is proposed."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.importers.mapping import FORMAT_LINE, Mapping
from scenarios.history.importers.proposal import Proposal, propose
from scenarios.history.record import TimeBasis
from tests.scenarios.history.importers.building import imported
from timeline.findings import InputError
from topologies.loading.document import parse_document
from topologies.loading.validation import validate


def proposed(folder: Path, text: str) -> Proposal:
    path = folder / "tickets.csv"
    path.write_text(text)
    return propose(Intake(path, Reading()))


def test_columns_become_fields(tmp_path: Path) -> None:
    mapping: dict[str, Any] = {
        "columns": {"id": "no", "opened_at": "start", "resolved_at": "end", "priority": "prio"},
        "time": {"zone": "Europe/Rome", "order": "month-first"},
        "priorities": {"rot": 1},
        "missing": ["nix"],
    }
    done = imported(
        tmp_path, "csv", "no;start;end;prio\nA;07/01/2026 10:00;nix;rot\nB;07/01/2026 10:00;x;rot\n", mapping
    )
    assert done.record.id == "A"
    assert (done.record.opened_at.hour, done.record.resolved_at, done.record.priority_rank) == (8, None, 1)
    assert done.reasons == {3: "resolved_at: 'x' is not a moment"}
    assert done.remarks == set()


def test_rows_without_ids_are_called_by_their_line(tmp_path: Path) -> None:
    done = imported(tmp_path, "csv", "start\n2026-01-01\n2026-01-02\n", {"columns": {"opened_at": "start"}})
    assert sorted(done.records) == ["export:2", "export:3"]


RELATIVE = {
    "columns": {
        "opened_at": "start",
        "resolved_at": "end",
        "impact_from": "start",
        "impact_to": "end",
        "impact_ratio": "status",
    },
    "time": {"basis": "relative"},
}


def test_a_relative_trace_has_distances_only_and_records_without_impact(tmp_path: Path) -> None:
    text = "start,end,status\n0.0,60,0.25\n120.5,180,0\n200,100,0.5\n-5,1,0.5\n5,9,1.5\n6,nan,1\n"
    done = imported(tmp_path, "csv", text, RELATIVE)
    first, second = done.records["export:2"], done.records["export:3"]
    assert first.time_basis is TimeBasis.RELATIVE
    assert (first.impact_ratio, first.restore_time and first.restore_time.total_seconds()) == (0.25, 60)
    assert (second.impact_ratio, second.impact_from, second.resolved_at is None) == (0.0, None, False)
    assert done.records["export:4"].restore_time is None
    assert done.records["export:7"].resolved_at is None
    assert done.reasons == {
        5: "opened_at: '-5' is out of range",
        6: "impact_ratio: 1.5 is no share from 0 to 1",
    }
    assert done.summary.relative
    assert "history.ends-before-start" in done.remarks


LOG = {"kind": "log", "columns": {"id": "case", "activity": "what", "at": "when", "group": "who"}}
CASES = """case,what,when,who
2,fix,2026-01-02 10:00:00,net
1,open,2026-01-01 10:00:00,desk
2,open,2026-01-02 09:00:00,desk
1,close,2026-01-03 10:00:00,desk
1,fix,2026-01-01 12:00:00,net
2,fix,soon,net
,fix,2026-01-01 12:00:00,net
3,,2026-01-01 12:00:00,net
"""


def test_a_log_without_meanings_ends_a_case_with_its_last_event_and_says_so(tmp_path: Path) -> None:
    done = imported(tmp_path, "csv", CASES, LOG, zone="UTC")
    first = done.records["1"]
    assert f"{first.opened_at:%d %H} {first.resolved_at:%d %H}" == "01 10 03 10"
    assert (first.team, first.reassignments, first.updates) == ("desk", 2, 2)
    assert done.remarks == {"history.assumed-end"}
    assert done.reasons == {7: "'soon' is not a moment", 8: "the row names no case", 9: "the row has no activity"}
    assert done.summary.rows == 8 == sum(r.updates + 1 for r in done.records.values() if r.updates is not None) + 3


def test_a_log_with_meanings_knows_what_is_open(tmp_path: Path) -> None:
    mapping = {
        **LOG,
        "activities": {"opened": ["open"], "resolved": ["fix"], "closed": ["close"], "reopened": ["again"]},
    }
    text = CASES + "2,again,2026-01-02 11:00:00,net\n"
    done = imported(tmp_path, "csv", text, mapping, zone="UTC")
    first, second = done.records["1"], done.records["2"]
    assert f"{first.resolved_at:%d %H} {first.closed_at:%d %H}" == "01 12 03 10"
    assert (second.resolved_at, second.reopenings) == (None, 1)
    assert done.remarks == set()
    assert done.moments_of("2")[-1] == ("reopened", "01-02 11:00")


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"columns": {"id": "a"}}, "a table needs the column of 'opened_at'"),
        ({"columns": {"opend_at": "a"}}, "did you mean 'opened_at'"),
        ({"kind": "log", "columns": {"id": "a", "activity": "b", "at": "c", "closed_at": "d"}}, "no field of a log"),
        ({"columns": {"opened_at": "a"}, "since_opening": {"priority": {"column": "b"}}}, "no moment after"),
    ],
)
def test_mappings_that_cannot_be_meant_say_why(mapping: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Mapping.model_validate({"format": FORMAT_LINE, **mapping})


def test_a_column_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'started'"):
        imported(tmp_path, "csv", "started,end\n", {"columns": {"opened_at": "startd"}})


def test_a_proposal_is_a_file_that_reads_back_as_the_same_mapping(tmp_path: Path) -> None:
    proposal = proposed(
        tmp_path,
        "Ticket No,Created on,Fixed date,Severity: level,minutes_to_ack,Application,Summary,yes\n"
        "T1,13/02/2026 10:00,13/02/2026 12:00,high,5,shop,broken,1\nT2,14/02/2026 10:00,,low,9,shop,slow,2\n",
    )
    text = proposal.to_yaml()
    assert validate(parse_document(text, "mapping.yaml"), Mapping) == proposal.mapping
    assert proposal.mapping.columns == {
        "id": "Ticket No",
        "opened_at": "Created on",
        "resolved_at": "Fixed date",
        "service": "Application",
        "title": "Summary",
    }
    assert proposal.mapping.since_opening["acknowledged_at"].unit == "m"
    assert str(proposal.mapping.time.order) == "day-first"
    assert "left out: Severity: level, yes" in text


def test_a_log_is_told_from_a_table_by_cases_that_come_back(tmp_path: Path) -> None:
    log = proposed(tmp_path, "CaseID,ActivityID,CompleteTimestamp\n1,1,2026-01-01 10:00\n1,2,2026-01-01 11:00\n")
    table = proposed(tmp_path, "case,action,created\n1,a,2026-01-01 10:00\n2,b,2026-01-01 11:00\n")
    assert (str(log.mapping.kind), str(table.mapping.kind)) == ("log", "table")
    assert log.mapping.columns == {"id": "CaseID", "activity": "ActivityID", "at": "CompleteTimestamp"}


def test_names_alone_do_not_decide(tmp_path: Path) -> None:
    """`status` is a state here, and no share; `end` holds no moments."""
    proposal = proposed(tmp_path, "start,end,status\n2026-01-01,left,open\n2026-01-02,right,closed\n")
    assert proposal.mapping.columns == {"opened_at": "start"}


def test_seconds_from_a_start_are_a_relative_trace(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, "start_time,end_time,status,service\n0.0,10.0,0.5,a\n140000000.0,140000010.0,1.0,a\n")
    assert str(proposal.mapping.time.basis) == "relative"
    assert proposal.mapping.columns["impact_from"] == "start_time"


def test_activities_whose_names_say_it_are_proposed(tmp_path: Path) -> None:
    states = ("New", "In progress", "Resolved", "Closed")
    text = "case,state,updated_at\n" + "".join(f"1,{name},2026-01-0{day}\n" for day, name in enumerate(states, 1))
    activities = proposed(tmp_path, text).mapping.activities
    assert (activities.opened, activities.acknowledged, activities.resolved, activities.closed) == (
        ("New",),
        ("In progress",),
        ("Resolved",),
        ("Closed",),
    )


def test_a_file_without_any_time_of_opening_cannot_be_mapped(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column tells when"):
        proposed(tmp_path, "a,b\n1,2\n")
