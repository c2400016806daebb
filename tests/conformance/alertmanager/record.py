"""Records what a real Alertmanager does with the cases: `python -m tests.conformance.alertmanager.record [NAME...]`.

Each case gets processes of its own on loopback, with their data in a temporary folder; they are ended by their id.
Names given as arguments record only these cases.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.conformance.alertmanager.cases import HERE, Case, own_cases

RECORDINGS = HERE / "recordings.json"
AT_ONCE = 4
_READY_WITHIN_S = 30
_STILL_FIRING_S = 3600


class Sink:
    """A webhook server that keeps what arrives, with the moment; `answers` are statuses to give before 200."""

    def __init__(self, answers: dict[str, list[int]]) -> None:
        self.arrived: list[tuple[float, str, dict[str, Any]]] = []
        self._answers = {receiver: list(statuses) for receiver, statuses in answers.items()}
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                moment = time.monotonic()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(sink.take(moment, self.path.split("/")[1], body))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, moment: float, receiver: str, body: dict[str, Any]) -> int:
        statuses = self._answers.get(receiver)
        status = statuses.pop(0) if statuses else 200
        if status == 200:
            self.arrived.append((moment, receiver, body))
        return status

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Process:
    """One prometheus-alertmanager with its own data folder."""

    def __init__(self, folder: Path, config: Path, cluster: list[str]) -> None:
        self.port = _free_port()
        self._command = [
            "prometheus-alertmanager",
            f"--config.file={config}",
            f"--storage.path={folder}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            *cluster,
        ]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _READY_WITHIN_S
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError("prometheus-alertmanager does not come up") from None
                time.sleep(0.02)

    def stop(self) -> None:
        os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=_READY_WITHIN_S)

    def post(self, path: str, body: object) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v2/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=5).close()

    def cluster_ready(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/status", timeout=5) as answer:
            status = json.load(answer)["cluster"]
        return status["status"] == "ready" and len(status["peers"]) > 1


def record(case: Case) -> list[dict[str, Any]]:
    """Plays one case against a real Alertmanager; what arrived, in the form of a recording."""
    with ExitStack() as stack:
        sink = Sink(case.written.get("answers", {}))
        stack.callback(sink.close)
        processes = stack.enter_context(_running(case, sink.port))
        start = time.monotonic()
        wall = time.time()
        for at, action in _schedule(case, wall):
            time.sleep(max(0.0, start + at - time.monotonic()))
            for process in processes:
                action(process)
        time.sleep(max(0.0, start + case.written["until"] - time.monotonic()))
        return [
            _recorded(moment - start, receiver, body) for moment, receiver, body in sorted(sink.arrived, key=_moment)
        ]


@contextmanager
def _running(case: Case, sink_port: int) -> Iterator[list[Process]]:
    with tempfile.TemporaryDirectory() as folder:
        config = case.config()
        for receiver in config["receivers"]:
            for webhook in receiver["webhook_configs"]:
                webhook["url"] = webhook["url"].replace(":1/", f":{sink_port}/")
        path = Path(folder) / "alertmanager.yml"
        path.write_text(json.dumps(config))
        peers = case.written.get("peers", 1)
        ports = [_free_port() for _ in range(peers)]
        processes: list[Process] = []
        try:
            for number in range(peers):
                cluster = ["--cluster.listen-address="]
                if peers > 1:
                    cluster = [
                        f"--cluster.listen-address=127.0.0.1:{ports[number]}",
                        f"--cluster.peer-timeout={case.written['peer_timeout']}s",
                        *(f"--cluster.peer=127.0.0.1:{port}" for port in ports[:number]),
                    ]
                processes.append(Process(Path(folder) / str(number), path, cluster))
            while peers > 1 and not all(process.cluster_ready() for process in processes):
                time.sleep(0.1)
            yield processes
        finally:
            for process in processes:
                process.stop()


def _schedule(case: Case, wall: float) -> list[tuple[float, Any]]:
    """What is done when: alerts of one moment go in one post."""
    actions: list[tuple[float, Any]] = []
    posts: dict[float, list[dict[str, Any]]] = {}
    for alert in case.written.get("alerts", ()):
        at, ends_at = alert["at"], alert.get("ends_at")
        body = {"labels": alert["labels"], "startsAt": _iso(wall + at - alert.get("old", 0))}
        firing = {} if alert.get("once") else {"endsAt": _iso(wall + at + _STILL_FIRING_S)}
        posts.setdefault(at, []).append({**body, **firing})
        if ends_at is not None:
            posts.setdefault(ends_at, []).append({**body, "endsAt": _iso(wall + ends_at)})
    for silence in case.written.get("silences", ()):
        body = {
            "matchers": [{"isRegex": False, "isEqual": True, **matcher} for matcher in silence["matchers"]],
            "startsAt": _iso(wall + silence["at"]),
            "endsAt": _iso(wall + silence["until"]),
            "createdBy": "recorder",
            "comment": case.name,
        }
        actions.append((silence["at"], lambda process, body=body: process.post("silences", body)))
    for at, alerts in posts.items():
        actions.append((at, lambda process, alerts=alerts: process.post("alerts", alerts)))
    if "restart" in case.written:
        actions.append((case.written["restart"], lambda process: (process.stop(), process.start())))
    return sorted(actions, key=lambda action: action[0])


def _recorded(at: float, receiver: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": round(at, 2),
        "receiver": receiver,
        "group": body["groupLabels"],
        "status": body["status"],
        "alerts": [[alert["labels"], alert["status"]] for alert in body["alerts"]],
    }


def _moment(arrival: tuple[float, str, dict[str, Any]]) -> float:
    return arrival[0]


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(names: list[str]) -> None:
    """Records the named cases, or all, and writes them among the recordings."""
    cases = [case for case in own_cases() if not names or case.name in names]
    recordings = json.loads(RECORDINGS.read_text()) if RECORDINGS.exists() else {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for case, recording in zip(cases, pool.map(record, cases), strict=True):
            recordings[case.name] = recording
            print(f"{case.name}: {len(recording)} notifications", file=sys.stderr)
    ordered = {case.name: recordings[case.name] for case in own_cases() if case.name in recordings}
    RECORDINGS.write_text(json.dumps(ordered, indent=1, sort_keys=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
