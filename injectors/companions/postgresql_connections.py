"""Sessions of a PostgreSQL server that are opened, held and never used, until a moment of the boot clock.

All are taken but those that the server keeps for superusers, which our own hands need, and `--leaves` more.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress

from pg8000.exceptions import InterfaceError
from pg8000.native import Connection

from injectors.bound_services import BoundPostgreSQL
from injectors.clients.postgresql import session
from injectors.companions.bounds import bind, is_over, parser, say_that_it_holds
from injectors.disobedience import KnobError

LOOK_S = 0.2
_FREE = """
    select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - (select count(*) from pg_stat_activity where backend_type = 'client backend')
"""


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--server", required=True, type=BoundPostgreSQL.model_validate_json)
    arguments.add_argument("--leaves", required=True, type=int)
    given = arguments.parse_args()
    bind(given.until)
    while not is_over(given.until):
        # When the server was away everything begins anew.
        try:
            with ExitStack() as held:
                _hold(held, given.server, given.token, given.leaves, given.until)
        except KnobError:
            time.sleep(LOOK_S)


def _hold(held: ExitStack, server: BoundPostgreSQL, token: str, leaves: int, until_boot_ms: int) -> None:
    first = held.enter_context(session(server, token))
    while not is_over(until_boot_ms):
        free = _free(first)
        # Another may be quicker to take one of those that are free.
        with suppress(KnobError):
            for _ in range(free - leaves):
                held.enter_context(session(server, token))
        say_that_it_holds()
        time.sleep(LOOK_S)


def _free(connection: Connection) -> int:
    try:
        ((free,),) = connection.run(_FREE)
    except (OSError, InterfaceError) as error:
        raise KnobError(str(error)) from None
    return int(free)


if __name__ == "__main__":
    main()
