"""Slow scripts on a Redis server, one after another, until a moment of the boot clock.

While a script runs, the server answers nobody.  Each is a loop of a length that was measured first and is bounded by a
count, so that the last one ends by itself soon after whoever sent it is gone.
"""

from __future__ import annotations

import sys
import time

from redis import Redis

from injectors.bound_services import BoundRedis
from injectors.clients.redis import conversation
from injectors.companions.bounds import bind, is_over, parser, say_that_it_holds
from injectors.disobedience import KnobError

SCRIPT = "local x = 0 for i = 1, tonumber(ARGV[1]) do x = (x + i) % 1000003 end return x"
FIRST = 200_000
"""Turns of the loop that measures."""
AT_MOST = 2_000_000_000


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--server", required=True, type=BoundRedis.model_validate_json)
    arguments.add_argument("--busy-ms", required=True, type=int)
    arguments.add_argument("--pause-ms", required=True, type=int)
    given = arguments.parse_args()
    bind(given.until)
    with conversation(given.server, given.token) as client:
        turns = FIRST
        while not is_over(given.until):
            took_ms = max(0.1, _run(client, turns))
            # Closer to the wanted length each time, as fast as the server is now; never by more than a factor of 20.
            turns = min(AT_MOST, int(turns * min(20.0, given.busy_ms / took_ms)))
            if took_ms > given.busy_ms / 2:
                say_that_it_holds()
            time.sleep(given.pause_ms / 1000)


def _run(client: Redis, turns: int) -> float:
    started = time.perf_counter()
    client.eval(SCRIPT, 0, str(turns))
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    try:
        main()
    except KnobError as error:
        sys.exit(str(error))
