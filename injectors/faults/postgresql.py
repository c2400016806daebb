"""Faults of a PostgreSQL server, by what it offers itself: settings, sessions, locks, replay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, get_args

from pydantic import Field

from injectors.bound_services import BoundPostgreSQL
from injectors.faults.live import LiveFault, Part, Prepared, Turn, live, refuse
from injectors.faults.starved import companion
from injectors.knobs.postgresql import PAUSED, PostgreSQLReplay, PostgreSQLSetting, SettingName
from scenarios.faults.parameters import Nothing
from topologies.fields import DurationMs, Model

_SETTING_BACK = "ALTER SYSTEM says again what it said before, and the server reads it"
_SCANS: tuple[SettingName, ...] = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


class Leaves(Model):
    leaves: int = Field(default=0, ge=0, le=1_000)
    """So many sessions are left to others, beside those that the server keeps for superusers."""


class Tables(Model):
    tables: tuple[Annotated[str, Field(pattern=r"^\w+(\.\w+)?$")], ...] = ()
    """All of the database when left out."""


class Behind(Model):
    lag: Annotated[DurationMs, Field(gt=0, le=24 * 3_600_000)] = 60_000


def _server(prepared: Prepared) -> BoundPostgreSQL:
    server = prepared.target.postgresql
    assert server is not None, "the fault needs a PostgreSQL"
    return server


def _settings(prepared: Prepared, *names: SettingName, value: str) -> list[Turn]:
    return [Turn(PostgreSQLSetting(server=_server(prepared), name=name), value) for name in names]


def _sessions(leaves: Leaves, prepared: Prepared) -> Sequence[Turn]:
    arguments = ["--server", _server(prepared).model_dump_json(), "--leaves", str(leaves.leaves)]
    return [companion("postgresql_connections", arguments, prepared)]


def _locked(wanted: Tables, prepared: Prepared) -> Sequence[Turn]:
    tables = [argument for table in wanted.tables for argument in ("--table", table)]
    return [companion("postgresql_lock", ["--server", _server(prepared).model_dump_json(), *tables], prepared)]


def _standby(prepared: Prepared) -> PostgreSQLReplay:
    """Raises KnobError where the server is no standby."""
    replay = PostgreSQLReplay(server=_server(prepared))
    if replay.read() == PAUSED:
        raise refuse(f"{prepared.id!r} does not apply what it receives already.")
    return replay


def _cut(_: Nothing, prepared: Prepared) -> Sequence[Turn]:
    _standby(prepared)
    return _settings(prepared, "primary_conninfo", value="")


def _behind(behind: Behind, prepared: Prepared) -> Sequence[Turn]:
    _standby(prepared)
    return _settings(prepared, "recovery_min_apply_delay", value=f"{behind.lag}ms")


assert set(_SCANS) < set(get_args(SettingName)), "each is a setting that may be turned"

for fault in (
    LiveFault(
        id="postgresql-sessions",
        kind="connection-exhaustion",
        title="All sessions of the server are taken but those kept for superusers",
        needs=(Part.POSTGRESQL,),
        parameters=Leaves,
        turns=_sessions,
        undone="the sessions end, by themselves too when the time is up",
    ),
    LiveFault(
        id="postgresql-lock",
        kind="hang",
        title="Tables are locked: whoever needs them waits",
        needs=(Part.POSTGRESQL,),
        parameters=Tables,
        turns=_locked,
        undone="the session that holds the lock ends, by itself too when the time is up",
    ),
    LiveFault(
        id="postgresql-read-only",
        kind="read-only",
        title="New transactions may not write (default_transaction_read_only)",
        needs=(Part.POSTGRESQL,),
        parameters=Nothing,
        turns=lambda _, prepared: _settings(prepared, "default_transaction_read_only", value="on"),
        undone=_SETTING_BACK,
    ),
    LiveFault(
        id="postgresql-no-index",
        kind="slow",
        title="Queries are planned as if there were no indexes",
        needs=(Part.POSTGRESQL,),
        parameters=Nothing,
        turns=lambda _, prepared: _settings(prepared, *_SCANS, value="off"),
        undone=_SETTING_BACK,
    ),
    LiveFault(
        id="postgresql-cut",
        kind="replication-stopped",
        title="Standby no longer asks its primary for anything (primary_conninfo)",
        needs=(Part.POSTGRESQL,),
        parameters=Nothing,
        turns=_cut,
        undone=f"{_SETTING_BACK}; the standby catches up as long as the primary has kept what it missed",
    ),
    LiveFault(
        id="postgresql-replay-paused",
        kind="replication-stopped",
        title="Standby receives and does not apply (pg_wal_replay_pause)",
        needs=(Part.POSTGRESQL,),
        parameters=Nothing,
        turns=lambda _, prepared: [Turn(_standby(prepared), PAUSED)],
        undone="it applies again, beginning with what it received meanwhile",
    ),
    LiveFault(
        id="postgresql-behind",
        kind="replication-lag",
        title="Standby applies later by so much (recovery_min_apply_delay)",
        needs=(Part.POSTGRESQL,),
        parameters=Behind,
        turns=_behind,
        undone=_SETTING_BACK,
    ),
):
    live(fault)
