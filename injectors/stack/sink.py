"""The receiver of notifications: everything that Alertmanager sends is kept, with the moment at which it arrived."""

from __future__ import annotations

import argparse
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from injectors.stack.layout import HOST, Port

MAX_BODY = 4 * 1024 * 1024


def _handler(notifications: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def do_POST(self) -> None:
            arrived_ms = time.time_ns() // 1_000_000
            length = min(int(self.headers.get("Content-Length", 0)), MAX_BODY)
            line = {"arrived_ms": arrived_ms, "path": self.path, "body": json.loads(self.rfile.read(length))}
            with notifications.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """What arrives is kept, not logged."""

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notifications", required=True, type=Path)
    parser.add_argument("--pid-file", required=True, type=Path)
    given = parser.parse_args()
    given.notifications.touch()
    server = ThreadingHTTPServer((HOST, Port.SINK), _handler(given.notifications))
    given.pid_file.write_text(f"{os.getpid()}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
