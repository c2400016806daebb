"""Connections that are opened, held and never used, until a moment of the boot clock."""

from __future__ import annotations

import contextlib
import resource
import socket
import time

from injectors.addresses import require_private
from injectors.companions.bounds import bind, is_over, parser, say_that_it_holds

LOOK_S = 0.2


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--address", required=True, metavar="HOST:PORT")
    arguments.add_argument("--connections", required=True, type=int)
    given = arguments.parse_args()
    bind(given.until)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, given.connections + 64), hard))
    host, _, port = given.address.rpartition(":")
    address = (require_private(host), int(port))
    held: list[socket.socket] = []
    while not is_over(given.until):
        held = [connection for connection in held if _is_open(connection)]
        while len(held) < given.connections:
            try:
                held.append(socket.create_connection(address, timeout=1.0))
            except OSError:
                break
        say_that_it_holds()
        time.sleep(LOOK_S)


def _is_open(connection: socket.socket) -> bool:
    """Whether the other end has not hung up."""
    connection.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        try:
            if connection.recv(1, socket.MSG_PEEK) == b"":
                connection.close()
                return False
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                connection.close()
                return False
    return True


if __name__ == "__main__":
    main()
