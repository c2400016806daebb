"""Names of a history to components of an estate: proposed by rule, and nothing lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.faults import FAULTS
from scenarios.history.failure_modes import load_taxonomy
from scenarios.history.record import IncidentRecord
from studies.replay import mapping_text, place, propose, read_mapping
from studies.replay.mapping import FAULTS_OF_MODE, OTHERWISE, UNNAMED, Rule
from tests.studies.replay.building import topology
from timeline.findings import InputError
from topologies.estate import Estate

ESTATE = Estate.model_validate(
    {
        **topology(),
        "components": {
            **topology()["components"],
            "payments-db": {"title": "Database of payments", "kind": "database", "recovery": {"restart": "1m"}},
            "feed": {"title": "Market data", "kind": "service"},
        },
    }
)


def record(id: str, service: str | None, mode: str | None = None, component: str | None = None) -> IncidentRecord:
    opened = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=len(id))
    return IncidentRecord(
        id=id,
        service=service,
        component=component,
        failure_mode=mode,
        opened_at=opened,
        source="csv",
        source_line=1,
    )


@pytest.mark.parametrize(
    ("name", "component", "rule"),
    [
        ("payments_DB", "payments-db", Rule.ID),
        ("order api", "api", Rule.TITLE),
        ("Payments (database)", "payments-db", Rule.WORDS),
        ("Ordr API", "api", Rule.SPELLING),
    ],
)
def test_a_name_is_matched_by_the_first_rule_that_tells(name: str, component: str, rule: Rule) -> None:
    line = propose([record("1", name)], ESTATE).services[name]
    assert (line.component, line.rule) == (component, rule)


def test_a_name_that_means_nothing_is_not_guessed() -> None:
    assert propose([record("1", "Payroll"), record("2", None)], ESTATE).services == {}


def test_what_is_left_is_dealt_out_only_where_asked_the_busiest_first() -> None:
    records = [record("1", "Payroll"), record("2", "Mail"), record("3", "Mail"), record("4", "Order API")]
    dealt = propose(records, ESTATE, deal=True).services
    assert {name: (line.component, line.rule) for name, line in dealt.items()} == {
        "Order API": ("api", Rule.TITLE),
        "Mail": ("api", Rule.DEALT),
        "Payroll": ("payments-db", Rule.DEALT),
    }


def test_the_component_of_a_record_goes_before_its_service() -> None:
    placed = place(
        [record("1", "Order API", component="payments-db")], propose([record("1", "payments-db")], ESTATE), ESTATE
    )
    assert placed.incidents[0].pair.target == "payments-db"


def test_a_fault_is_the_first_of_its_mode_that_somebody_can_end_there() -> None:
    records = [record("1", "api", "network"), record("2", "api", "upgrade"), record("3", "api", "unheard of")]
    faults = [one.pair.fault for one in place(records, propose(records, ESTATE), ESTATE).incidents]
    assert faults == ["hang", "crash", "crash"]


def test_what_nobody_could_end_is_counted_with_its_reason() -> None:
    records = [record("1", "feed", "bug"), record("2", "feed", "bug"), record("3", "Payroll")]
    placed = place(records, propose(records, ESTATE), ESTATE)
    assert [(one.name, one.mode, one.reason, one.records) for one in placed.unmapped] == [
        ("feed", "bug", "no fault of this mode fits feed", 2),
        ("Payroll", None, "no component stands for it", 1),
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["api", "Payroll", "feed", "payments db", None]), st.sampled_from([*FAULTS_OF_MODE, None])
        )
    ),
    st.booleans(),
)
def test_every_record_is_replayed_or_counted(rows: list[tuple[str | None, str | None]], deal: bool) -> None:
    records = [record(str(number), service, mode) for number, (service, mode) in enumerate(rows)]
    placed = place(records, propose(records, ESTATE, deal=deal), ESTATE)
    assert len(placed.incidents) + placed.left_out == len(records)
    assert {one.id for one in placed.incidents} <= {one.id for one in records}
    if deal:
        assert {one.name for one in placed.unmapped} <= {"feed"}, "it is named, and nothing that happens to it is ended"


def test_a_mapping_is_read_as_it_was_written(tmp_path: Path) -> None:
    mapping = propose([record("1", "order api"), record("2", UNNAMED)], ESTATE)
    (tmp_path / "m.yaml").write_text(mapping_text(mapping))
    assert read_mapping(tmp_path / "m.yaml", ESTATE) == mapping


def test_a_mapping_names_only_what_is_there(tmp_path: Path) -> None:
    text = "format: blackstart/replay-mapping/1\nservices:\n  Mail: {component: apo}\nfailure_modes: {bug: [crush]}\n"
    (tmp_path / "m.yaml").write_text(text)
    with pytest.raises(InputError) as refused:
        read_mapping(tmp_path / "m.yaml", ESTATE)
    assert [(f.place.line, f.hint) for f in refused.value.findings] == [
        (3, "did you mean 'api'?"),
        (4, "did you mean 'crash'?"),
    ]


def test_every_failure_mode_and_kind_of_the_table_exists() -> None:
    assert set(FAULTS_OF_MODE) == set(load_taxonomy().modes)
    assert {kind for kinds in (*FAULTS_OF_MODE.values(), OTHERWISE) for kind in kinds} <= set(FAULTS)
