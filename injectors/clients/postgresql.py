"""One short session with a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from injectors.addresses import require_private
from injectors.bound_services import BoundPostgreSQL, password_of
from injectors.disobedience import KnobError

PATIENCE_S = 5.0
APPLICATION = "blackstart"


@contextmanager
def session(bound: BoundPostgreSQL, application: str = APPLICATION) -> Iterator[Connection]:
    """A session of its own in which writing is allowed, whatever the defaults of the server say.

    Raises KnobError where there is none to be had, and for whatever the server refuses in it.
    """
    host, port = bound.address
    try:
        connection = Connection(
            bound.user,
            host=require_private(host),
            port=port,
            database=bound.database,
            password=password_of(bound),
            timeout=PATIENCE_S,
            application_name=application,
            startup_params={"options": "-c default_transaction_read_only=off"},
        )
    except (OSError, InterfaceError, DatabaseError) as error:
        raise KnobError(f"no session with PostgreSQL at {host}:{port}: {_said(error)}") from None
    try:
        yield connection
    except (OSError, InterfaceError, DatabaseError) as error:
        raise KnobError(f"PostgreSQL at {host}:{port}: {_said(error)}") from None
    finally:
        with suppress(OSError, InterfaceError):
            connection.close()


def rows(bound: BoundPostgreSQL, statement: str, **values: object) -> list[list[Any]]:
    """What one statement gives, in a session of its own.  Raises KnobError."""
    with session(bound) as connection:
        return connection.run(statement, **values) or []


def _said(error: Exception) -> str:
    """The server's message alone: the whole error would hold more than anybody reads."""
    fields = error.args[0] if error.args else ""
    return str(fields.get("M", fields)) if isinstance(fields, dict) else str(error)
