"""Each fault of a service is felt while it lasts by somebody who knows nothing of it, and is gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from injectors.binding import Proof
from injectors.faults.live import of_kind
from injectors.identity import boot_ms
from injectors.knobs import KnobError
from injectors.knobs.companion import PRESENT, Companion
from injectors.knobs.postgresql import PostgreSQLReplay, PostgreSQLSetting
from injectors.live_timeline import LiveClock, live_timeline
from injectors.proofs import Proven, prove
from injectors.running import Runner
from injectors.undo.journal import Change
from injectors.undo.points import Point
from tests.injectors.lab import until
from tests.injectors.plans import planned
from tests.injectors.service_lab import Cache, PostgreSQL
from tests.injectors.service_ways import SERVICE_WAYS, Services, snapshot, stock, well
from timeline.findings import SafetyRefused


@pytest.mark.prove  # some wait for the services now and then longer than a suite can
@pytest.mark.parametrize("id", SERVICE_WAYS)
def test_it_is_felt_and_then_is_gone(services: Services, id: str) -> None:
    way = SERVICE_WAYS[id]
    assert not way.is_felt(services)
    before = snapshot(services)
    plan = planned(way.binding(id, services), first={"fault": way.kind, "duration": "700ms"})
    assert [fault.fault.id for fault in plan.faults] == [id]
    felt = []

    def look(point: Point, _change: Change) -> None:
        if point is Point.MARKED:
            felt.append(way.is_felt(services))

    clock = LiveClock()
    with live_timeline(services.lab.folder / "timeline.jsonl", clock) as timeline:
        result = Runner(plan, services.lab.root, services.lab.root / "run", timeline, clock, look).run()
    assert not result.refused
    assert felt[-1]
    assert result.done == ["first@orders-1"]
    assert not result.left
    until(lambda: snapshot(services) == before)
    stock(services)
    assert not way.is_felt(services)
    assert well(services)


# Proofs


def test_a_database_proves_itself_by_its_comment(databases: tuple[PostgreSQL, PostgreSQL]) -> None:
    primary, standby = databases
    first = prove("orders-1", primary.target())
    second = prove("orders-1", standby.target())
    assert first.instance == second.instance, "a standby is a copy of the same system"
    assert first.process != second.process
    prove("orders-1", primary.target(), first)
    another = Proven(first.target, first.process, "7000000000000000000")
    with pytest.raises(SafetyRefused, match="not the instance any more"):
        prove("orders-1", primary.target(), another)
    with pytest.raises(SafetyRefused, match="another process than its own"):
        prove("orders-1", primary.target(process=standby.process))


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        (Proof(says="lab", comment="nowhere"), "is not there"),
        (Proof(says="lab", comment="template0"), "says 'unmodifiable"),
        (Proof(says="lab", key="deployment"), "names no Redis"),
    ],
)
def test_a_database_that_says_something_else_is_refused(
    databases: tuple[PostgreSQL, PostgreSQL], proof: Proof, reason: str
) -> None:
    with pytest.raises(SafetyRefused, match=reason):
        prove("orders-1", databases[0].target(proof=proof))


def test_a_cache_proves_itself_by_a_key(caches: tuple[Cache, Cache]) -> None:
    first = prove("orders-1", caches[0].target())
    assert first.instance == caches[0].client.info("server")["run_id"]
    with pytest.raises(SafetyRefused, match="has no key"):
        prove("orders-1", caches[0].target(proof=Proof(says="lab", key="elsewhere")))
    with pytest.raises(SafetyRefused, match="says 'lab', not 'test'"):
        prove("orders-1", caches[0].target(proof=Proof(says="test", key="deployment")))


# What cannot be


def test_what_any_process_can_meet_comes_before_what_only_a_service_can() -> None:
    assert [fault.id for fault in of_kind("hang")] == ["stopped", "postgresql-lock"]
    assert of_kind("slow")[0].id == "latency"


def test_a_primary_is_no_standby(databases: tuple[PostgreSQL, PostgreSQL]) -> None:
    with pytest.raises(KnobError, match="no standby"):
        PostgreSQLReplay(server=databases[0].bound).read()


def test_a_password_does_not_get_into_a_journal(databases: tuple[PostgreSQL, PostgreSQL]) -> None:
    standby = databases[1]
    knob = PostgreSQLSetting(server=standby.bound, name="primary_conninfo")
    before = knob.read()
    assert isinstance(before, str)
    assert "passfile" in before
    try:
        knob.write(f"{before} password=secret")
        with pytest.raises(KnobError, match="holds a password") as error:
            knob.read()
        assert "secret" not in str(error.value)
    finally:
        knob.write(before)
    assert knob.read() == before


def test_a_companion_that_cannot_hold_says_why(databases: tuple[PostgreSQL, PostgreSQL]) -> None:
    arguments = ("--server", databases[0].bound.model_dump_json(), "--table", "no_such_table")
    companion = Companion(
        module="injectors.companions.postgresql_lock", token="3" * 24, arguments=arguments, until_boot_ms=2**50
    )
    with pytest.raises(KnobError, match="no_such_table"):
        companion.write(PRESENT)
    assert companion.read() != PRESENT


def test_what_is_held_ends_by_itself_when_the_time_is_up(databases: tuple[PostgreSQL, PostgreSQL]) -> None:
    primary = databases[0]
    arguments = ("--server", primary.bound.model_dump_json(), "--table", "orders")
    companion = Companion(
        module="injectors.companions.postgresql_lock",
        token="4" * 24,
        arguments=arguments,
        until_boot_ms=boot_ms() + 4_000,
    )
    companion.write(PRESENT)
    until(lambda: companion.read() != PRESENT, 10)
    assert primary.asked("select count(*) from orders", patience_s=2.0) == [[200_000]]


def test_a_service_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    nobody = PostgreSQL(tmp_path, 1, tmp_path / "pid")
    with pytest.raises(KnobError, match="no session"):
        PostgreSQLSetting(server=nobody.bound, name="enable_indexscan").read()
