"""Knobs of a PostgreSQL server: a setting made with ALTER SYSTEM, and whether a standby applies what it receives."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from injectors.bound_services import BoundPostgreSQL
from injectors.clients.postgresql import rows, session
from injectors.knobs.knob import Knob, KnobError, wait_until

SettingName = Literal[
    "default_transaction_read_only",
    "enable_bitmapscan",
    "enable_indexonlyscan",
    "enable_indexscan",
    "primary_conninfo",
    "recovery_min_apply_delay",
]
"""Settings that a reload is enough for; no other may be named."""
APPLYING, PAUSED = "applying", "paused"

_OWN = """
    select setting from pg_file_settings
    where name = :name and sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1
"""


class PostgreSQLSetting(Knob):
    """What ALTER SYSTEM says about a setting; null where it says nothing, so that the files of the server hold."""

    knob: Literal["postgresql-setting"] = "postgresql-setting"
    server: BoundPostgreSQL
    name: SettingName

    @property
    def key(self) -> str:
        host, port = self.server.address
        return f"postgresql/{host}:{port}/setting/{self.name}"

    def read(self) -> JsonValue:
        found = rows(self.server, _OWN, name=self.name)
        value = found[0][0] if found else None
        if isinstance(value, str) and "password" in value.lower().replace("passfile", ""):
            raise KnobError(f"{self.name} holds a password, which would get into the journal; a passfile would not")
        return value if isinstance(value, str) else None

    def write(self, value: JsonValue) -> None:
        with session(self.server) as connection:
            loaded = connection.run("select pg_conf_load_time()")
            if isinstance(value, str):
                quoted = value.replace("'", "''")
                connection.run(f"alter system set {self.name} = '{quoted}'")
            elif value is None:
                connection.run(f"alter system reset {self.name}")
            else:
                raise KnobError(f"{value!r} is no setting of PostgreSQL")
            connection.run("select pg_reload_conf()")
        # A new session takes over the moment at which its parent, the server itself, has read the files.
        wait_until(f"reload of {self.key}", lambda: rows(self.server, "select pg_conf_load_time()") > loaded)


class PostgreSQLReplay(Knob):
    """Whether a standby applies what it receives."""

    knob: Literal["postgresql-replay"] = "postgresql-replay"
    server: BoundPostgreSQL

    @property
    def key(self) -> str:
        host, port = self.server.address
        return f"postgresql/{host}:{port}/replay"

    def read(self) -> JsonValue:
        ((recovers,),) = rows(self.server, "select pg_is_in_recovery()")
        if not recovers:
            raise KnobError(f"{self.key}: this server is no standby")
        ((state,),) = rows(self.server, "select pg_get_wal_replay_pause_state()")
        # One that was asked to pause and has not got there yet counts as paused: it has to be asked to go on.
        return APPLYING if state == "not paused" else PAUSED

    def write(self, value: JsonValue) -> None:
        rows(self.server, f"select pg_wal_replay_{'pause' if value == PAUSED else 'resume'}()")
        shown = "paused" if value == PAUSED else "not paused"
        wait_until(
            f"{self.key} {value}",
            lambda: rows(self.server, "select pg_get_wal_replay_pause_state()") == [[shown]],
        )
