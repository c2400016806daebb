"""ServiceNow: the log with one row an update, and the table."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.history.importers.moments import DateOrder
from tests.scenarios.history.importers.building import imported
from timeline.findings import InputError

HEADER = (
    "number,incident_state,reassignment_count,reopen_count,sys_mod_count,opened_at,sys_updated_by,sys_updated_at,"
    "category,cmdb_ci,priority,assignment_group,closed_code,problem_id,resolved_at,closed_at"
)
OVER = "Network,code 5,?,01-03-2016 11:29,05-03-2016 12:00"
BEGUN = "29-02-2016 01:16"
ROWS = [
    f"INC1,New,0,0,0,{BEGUN},Ann,29-02-2016 01:23,Mail,?,3 - Moderate,{OVER.replace('Network', 'Desk')}",
    f"INC1,Active,1,0,1,{BEGUN},Ann,29-02-2016 02:00,Mail,?,2 - High,{OVER}",
    f"INC1,Resolved,1,0,2,{BEGUN},Ben,29-02-2016 03:00,Mail,?,2 - High,{OVER}",
    f"INC1,Active,1,1,3,{BEGUN},Ben,01-03-2016 10:00,Mail,?,2 - High,{OVER}",
    f"INC1,Resolved,1,1,4,{BEGUN},Ben,01-03-2016 11:29,Mail,?,2 - High,{OVER}",
    f"INC1,Closed,1,1,5,{BEGUN},Ben,05-03-2016 12:00,Mail,?,2 - High,{OVER}",
    "INC2,New,0,0,0,02-03-2016 10:00,?,02-03-2016 10:05,?,db-1,1 - Critical,?,?,PRB7,?,?",
]


def log(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def test_rows_of_an_incident_become_one_record(tmp_path: Path) -> None:
    done = imported(tmp_path, "servicenow-log", log(*ROWS))
    first = done.records["INC1"]
    assert (done.summary.incidents, done.summary.rows, done.summary.refused) == (2, 7, [])
    assert (first.reassignments, first.reopenings, first.updates) == (1, 1, 5)
    assert (first.service, first.component, first.cause) == ("Mail", None, "code 5")
    assert f"{first.resolved_at:%d %H:%M} {first.closed_at:%d %H:%M}" == "01 11:29 05 12:00"


def test_what_was_known_at_the_opening_comes_from_the_first_row(tmp_path: Path) -> None:
    first = imported(tmp_path, "servicenow-log", log(*ROWS)).records["INC1"]
    assert (first.priority, first.priority_rank, first.team) == ("3 - Moderate", 3, "Desk")


def test_the_acknowledgement_is_the_first_row_that_is_no_longer_new(tmp_path: Path) -> None:
    done = imported(tmp_path, "servicenow-log", log(*ROWS))
    assert f"{done.records['INC1'].acknowledged_at:%d %H:%M}" == "29 02:00"
    assert done.records["INC2"].acknowledged_at is None


def test_question_marks_are_missing_and_open_incidents_stay_open(tmp_path: Path) -> None:
    second = imported(tmp_path, "servicenow-log", log(*ROWS)).records["INC2"]
    assert (second.resolved_at, second.closed_at, second.team, second.service, second.parent) == (
        None,
        None,
        None,
        None,
        "PRB7",
    )


def test_steps_follow_the_states_and_not_the_repeated_columns(tmp_path: Path) -> None:
    done = imported(tmp_path, "servicenow-log", log(*ROWS))
    assert done.moments_of("INC1") == [
        ("opened", "02-29 01:16"),
        ("assigned", "02-29 01:23"),
        ("assigned", "02-29 02:00"),
        ("acknowledged", "02-29 02:00"),
        ("state", "02-29 02:00"),
        ("resolved", "02-29 03:00"),
        ("reopened", "03-01 10:00"),
        ("resolved", "03-01 11:29"),
        ("closed", "03-05 12:00"),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_matter(seed: int, tmp_path: Path) -> None:
    mixed = ROWS.copy()
    random.Random(seed).shuffle(mixed)
    (tmp_path / "mixed").mkdir()
    straight = imported(tmp_path, "servicenow-log", log(*ROWS))
    shuffled = imported(tmp_path / "mixed", "servicenow-log", log(*mixed))
    assert [(s.kind, s.at, s.before, s.after) for s in straight.steps] == [
        (s.kind, s.at, s.before, s.after) for s in shuffled.steps
    ]
    assert straight.records["INC1"].acknowledged_at == shuffled.records["INC1"].acknowledged_at


def test_bad_rows_are_refused_with_line_and_column_and_the_rest_counts(tmp_path: Path) -> None:
    bad = [
        ROWS[0].replace("29-02-2016 01:23", "30-02-2016 01:23"),
        ROWS[1].replace("INC1", "?"),
        ROWS[2].replace(",2,29-02", ",two,29-02"),
        ROWS[3].replace("29-02-2016 01:16", "?"),
        ROWS[4],
        ROWS[4],
    ]
    done = imported(tmp_path, "servicenow-log", log(*bad))
    assert done.reasons == {
        2: "updated_at: '30-02-2016 01:23' is not a moment",
        3: "the row names no incident",
        4: "mod_count: 'two' is not a count",
        5: "opened_at is missing",
        7: "the row repeats line 6",
    }
    assert (done.summary.rows, done.summary.incidents) == (6, 1)


FIELDS = st.tuples(
    st.sampled_from(["INC1", "INC2", "INC3", "?", ""]),
    st.sampled_from(["New", "Active", "Resolved", "Closed", "?"]),
    st.sampled_from(["0", "1", "2", "x", "?"]),
    st.sampled_from(["29-02-2016 01:16", "01-03-2016 10:00", "?", "30-02-2016 00:00"]),
    st.sampled_from(["29-02-2016 01:23", "02-03-2016 10:00", "?", "soon"]),
)


@settings(max_examples=40)
@given(rows=st.lists(FIELDS, min_size=1, max_size=12), seed=st.integers(0, 5))
def test_rows_used_and_rows_refused_are_all_rows_in_any_order(
    rows: list[tuple[str, ...]], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    header = "number,incident_state,sys_mod_count,opened_at,sys_updated_at"
    written = [",".join(row) for row in rows]
    done = imported(tmp_path_factory.mktemp("log"), "servicenow-log", log(*written, header=header))
    used = sum((record.updates or 0) + 1 for record in done.records.values())
    assert done.summary.rows == len(rows) == used + len(done.summary.refused)
    random.Random(seed).shuffle(written)
    again = imported(tmp_path_factory.mktemp("log"), "servicenow-log", log(*written, header=header))
    assert [(id, r.updates) for id, r in again.records.items()] == [(id, r.updates) for id, r in done.records.items()]


def test_times_are_of_the_stated_zone(tmp_path: Path) -> None:
    without = imported(tmp_path, "servicenow-log", log(*ROWS))
    stated = imported(tmp_path, "servicenow-log", log(*ROWS), zone="Europe/Rome")
    assert "history.no-zone" in without.remarks
    assert stated.remarks == set()
    assert f"{stated.records['INC1'].opened_at:%d %H:%M}" == "29 00:16"


def test_dates_that_could_be_either_are_told(tmp_path: Path) -> None:
    row = "INC1,New,0,0,0,02-03-2016 01:16,Ann,02-03-2016 01:23,Mail,?,3,Desk,?,?,?,?"
    open_question = imported(tmp_path, "servicenow-log", log(row))
    stated = imported(tmp_path, "servicenow-log", log(row), order=DateOrder.MONTH_FIRST)
    assert "history.date-order" in open_question.remarks
    assert open_question.record.opened_at.month == 3
    assert (stated.record.opened_at.month, "history.date-order" in stated.remarks) == (2, False)


def test_one_late_date_settles_the_order_of_the_whole_file(tmp_path: Path) -> None:
    rows = [f"INC{n},New,0,0,0,02/03/2016 01:16,Ann,02/03/2016 01:23,Mail,?,3,Desk,?,?,?,?" for n in range(300)]
    late = "INC999,New,0,0,0,02/29/2016 01:16,Ann,02/29/2016 01:23,Mail,?,3,Desk,?,?,?,?"
    done = imported(tmp_path, "servicenow-log", log(*rows, late))
    assert done.records["INC0"].opened_at.month == 2
    assert not done.summary.refused


def test_people_become_pseudonyms_on_request(tmp_path: Path) -> None:
    plain = imported(tmp_path, "servicenow-log", log(*ROWS))
    hidden = imported(tmp_path, "servicenow-log", log(*ROWS), key=b"secret")
    assert {s.actor for s in plain.steps} == {None, "Ann", "Ben"}
    assert not {"Ann", "Ben"} & {s.actor for s in hidden.steps}
    assert len({s.actor for s in hidden.steps}) == 3


def test_an_end_before_the_start_is_told_and_gives_no_time(tmp_path: Path) -> None:
    done = imported(tmp_path, "servicenow-log", log(ROWS[0].replace("01-03-2016 11:29", "28-02-2016 11:29")))
    assert "history.ends-before-start" in done.remarks
    assert done.record.restore_time is None


def test_a_file_without_the_needed_columns_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="opened_at"):
        imported(tmp_path, "servicenow-log", log("INC1,New", header="number,incident_state"))


def test_an_import_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        imported(tmp_path, "servicenow-log", "a,b\n1,2\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["export"]


TABLE_HEADER = (
    "number,short_description,priority,category,cmdb_ci,assignment_group,opened_at,resolved_at,closed_at,close_code,"
    "reassignment_count,reopen_count,sys_mod_count"
)
TABLE = f"""{TABLE_HEADER}
INC1,Mail is slow,2 - High,Mail,mx-1,Desk,2026-03-01 10:00:00,2026-03-01 12:00:00,2026-03-05 12:00:00,Solved,1,0,7
INC2,Printer,4 - Low,Print,,Desk,2026-03-02 10:00:00,,,,0,0,1
INC1,Mail is slow again,2 - High,Mail,mx-1,Desk,2026-03-01 10:00:00,,,,1,0,8
"""


def test_a_table_has_one_row_an_incident(tmp_path: Path) -> None:
    done = imported(tmp_path, "servicenow", TABLE, zone="UTC")
    first = done.records["INC1"]
    assert (first.title, first.component, first.team, first.updates) == ("Mail is slow", "mx-1", "Desk", 7)
    assert first.restore_time is not None
    assert first.restore_time.total_seconds() == 7200
    assert done.reasons == {4: "line 2 has the same id, INC1"}
    assert done.records["INC2"].resolved_at is None


def test_labels_of_a_list_export_are_understood(tmp_path: Path) -> None:
    text = (
        "Number,Short description,Opened,Resolved,Priority\nINC1,Mail,13/03/2026 10:00,13/03/2026 12:00,1 - Critical\n"
    )
    done = imported(tmp_path, "servicenow", text, zone="Europe/Rome")
    assert (done.record.title, done.record.priority_rank, done.record.opened_at.hour) == ("Mail", 1, 9)


def test_objects_of_the_table_api_are_read_with_their_references(tmp_path: Path) -> None:
    done = imported(
        tmp_path,
        "servicenow",
        {
            "result": [
                {
                    "number": {"value": "INC1", "display_value": "INC1"},
                    "opened_at": {"value": "2026-03-01 10:00:00", "display_value": "01.03.2026 11:00"},
                    "assignment_group": {"link": "https://example.service-now.com/x", "display_value": "Desk"},
                    "priority": {"value": "2", "display_value": "2 - High"},
                    "resolved_at": {"value": "", "display_value": ""},
                },
                {"number": "INC2", "opened_at": "2026-03-02 10:00:00", "category": "Mail"},
            ]
        },
    )
    first = done.records["INC1"]
    assert (first.team, first.priority, first.opened_at.hour, first.resolved_at) == ("Desk", "2 - High", 10, None)
    assert done.records["INC2"].service == "Mail"
