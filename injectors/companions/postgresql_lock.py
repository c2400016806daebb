"""Tables of a PostgreSQL database that are locked against everybody else, until a moment of the boot clock.

What asks for the lock waits behind whoever uses a table, and lets go after a moment so as not to hold up others
meanwhile; then it asks again.
"""

from __future__ import annotations

import sys
import time

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection, identifier

from injectors.bound_services import BoundPostgreSQL
from injectors.clients.postgresql import session
from injectors.companions.bounds import bind, is_over, parser, say_that_it_holds
from injectors.disobedience import KnobError

LOOK_S = 0.2
_ALL = """
    select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1
"""
_LOCK_NOT_AVAILABLE = "55P03"


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--server", required=True, type=BoundPostgreSQL.model_validate_json)
    arguments.add_argument("--table", action="append", default=[])
    given = arguments.parse_args()
    bind(given.until)
    while not is_over(given.until):
        with session(given.server, given.token) as connection:
            tables = [".".join(map(identifier, table.split("."))) for table in given.table] or [
                name for (name,) in connection.run(_ALL)
            ]
            if not tables:
                sys.exit(f"database {given.server.database} has no tables that could be locked")
            if _locked(connection, tables):
                say_that_it_holds()
                while not is_over(given.until):
                    connection.run("select 1")
                    time.sleep(LOOK_S)


def _locked(connection: Connection, tables: list[str]) -> bool:
    connection.run("begin")
    connection.run("set local lock_timeout = '500ms'")
    try:
        connection.run(f"lock table {', '.join(tables)} in access exclusive mode")
    except DatabaseError as error:
        if error.args[0].get("C") != _LOCK_NOT_AVAILABLE:
            raise
        connection.run("rollback")
        time.sleep(LOOK_S)
        return False
    return True


if __name__ == "__main__":
    try:
        main()
    except KnobError as error:
        sys.exit(str(error))
