"""The shop's visitors: so many requests a second at its entrance, evenly, for as long as it runs."""

from __future__ import annotations

import argparse
import http.client
import os
import threading
import time
from pathlib import Path

from injectors.stack.layout import HOST, Port

AT_ONCE = 32
PATIENCE_S = 3.0


def _visit(room: threading.Semaphore) -> None:
    connection = http.client.HTTPConnection(HOST, Port.GATEWAY, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return
    finally:
        connection.close()
        room.release()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=10.0, help="requests a second")
    parser.add_argument("--pid-file", required=True, type=Path)
    given = parser.parse_args()
    given.pid_file.write_text(f"{os.getpid()}\n")
    room = threading.Semaphore(AT_ONCE)
    due = time.monotonic()
    while True:
        due += 1.0 / given.rate
        time.sleep(max(0.0, due - time.monotonic()))
        if room.acquire(blocking=False):
            threading.Thread(target=_visit, args=(room,), daemon=True).start()


if __name__ == "__main__":
    main()
