"""Conditions on the outside: steady state before and after, guards in between."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from injectors.addresses import require_private
from injectors.binding import Binding, Condition

MAX_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a condition held, and what was seen."""

    title: str
    holds: bool
    seen: str


def check_all(conditions: tuple[Condition, ...], binding: Binding) -> list[Held]:
    """Each condition, asked once."""
    return [check(condition, binding) for condition in conditions]


def check(condition: Condition, binding: Binding) -> Held:
    """Asks once.  What cannot be asked does not hold."""
    seconds = condition.within / 1000
    try:
        if condition.http is not None:
            status, _ = get(condition.http, seconds)
            return Held(condition.title, status == condition.status, f"status {status}")
        assert condition.query is not None, "a condition asks one question"
        series = query(binding.monitoring.prometheus or "", condition.query, seconds)
        return Held(condition.title, series > 0, f"{series} series")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Held(condition.title, False, f"no answer: {error or type(error).__name__}")


def get(address: str, seconds: float) -> tuple[int, bytes]:
    """Status and body of a GET, connected to a private address only.  Raises OSError, HTTPException, SafetyRefused."""
    return _asked("GET", address, None, seconds)


def post(address: str, body: object, seconds: float) -> tuple[int, bytes]:
    """As `get`, a POST of JSON."""
    return _asked("POST", address, json.dumps(body).encode(), seconds)


def _asked(method: str, address: str, body: bytes | None, seconds: float) -> tuple[int, bytes]:
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(require_private(parts.hostname or ""), parts.port, timeout=seconds)
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        headers = {"Host": parts.netloc, **({"Content-Type": "application/json"} if body is not None else {})}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read(MAX_ANSWER)
    finally:
        connection.close()


def query(prometheus: str, expression: str, seconds: float) -> int:
    """How many series an instant query gives.  Raises ValueError where the answer is none of Prometheus."""
    status, body = get(f"{prometheus}/api/v1/query?query={quote(expression)}", seconds)
    answer = json.loads(body)
    if status != 200 or answer.get("status") != "success":
        raise ValueError(f"Prometheus refused the query: {answer.get('error', status)}")
    return len(answer["data"]["result"])
