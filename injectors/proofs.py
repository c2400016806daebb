"""Proofs of non-production: read from the target itself, bound to the instance, and read again before each action.

A proof is never remembered.  What is remembered is whom it was read from (*instance*): when another process answers at
the same place later, the proof of the first says nothing about it.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from injectors.addresses import require_private
from injectors.binding import Target
from injectors.clients.postgresql import rows
from injectors.clients.redis import conversation
from injectors.disobedience import KnobError
from injectors.identity import ProcessGone, ProcessIdentity, descendants, environment_of, read_pid_file
from injectors.listening import listener_of
from timeline.findings import SafetyRefused

ASK_PATIENCE_S = 3.0
MAX_MARKER = 4_096


@dataclass(frozen=True, slots=True)
class Proven:
    """A target that said that it may be broken, just now."""

    target: str
    process: ProcessIdentity
    """Who said so."""
    instance: str = ""
    """What a service calls itself beyond its process: a system identifier of PostgreSQL, a run id of Redis."""


def prove(id: str, target: Target, before: Proven | None = None) -> Proven:
    """Reads the proof.  Raises SafetyRefused where it cannot be read, says something else, or is another's than
    `before`."""
    try:
        said = _read(target)
    except (_NotProven, ProcessGone, KnobError) as missing:
        raise SafetyRefused([f"Target {id!r} does not prove that it may be broken: {missing}."]) from None
    if said.says.strip() != target.proof.says:
        raise SafetyRefused([f"Target {id!r} says {said.says.strip()[:60]!r}, not {target.proof.says!r}."])
    if before is not None and before.process != said.process:
        raise SafetyRefused([f"Target {id!r} is not the process any more that the plan was made for."])
    if before is not None and before.instance != said.instance:
        raise SafetyRefused([f"Target {id!r} is not the instance any more that the plan was made for."])
    return Proven(id, said.process, said.instance)


@dataclass(frozen=True, slots=True)
class _Said:
    """What was read, and from whom."""

    process: ProcessIdentity
    says: str
    instance: str = ""


class _NotProven(Exception):
    pass


def _read(target: Target) -> _Said:
    proof = target.proof
    if proof.header is not None:
        return _header(target, proof.header)
    if proof.comment is not None:
        return _comment(target, proof.comment)
    if proof.key is not None:
        return _key(target, proof.key)
    if target.process is None:
        raise _NotProven("its binding names no process to read the proof from")
    process = read_pid_file(target.process.pid_file)
    if proof.environment is not None:
        try:
            value = environment_of(process).get(proof.environment)
        except PermissionError:
            raise _NotProven("its environment may not be read") from None
        if value is None:
            raise _NotProven(f"it was started without {proof.environment}")
        return _Said(process, value)
    assert proof.marker is not None, "a proof has one way to ask"
    return _Said(process, _marker(process, proof.marker))


def _marker(process: ProcessIdentity, marker: Path) -> str:
    """A file as the process sees it: from its own root and working folder."""
    if marker.is_absolute():
        path = Path(f"/proc/{process.pid}/root") / marker.relative_to("/")
    else:
        path = Path(f"/proc/{process.pid}/cwd") / marker
    try:
        with path.open("r", encoding="utf-8", errors="replace") as file:
            text = file.read(MAX_MARKER)
    except OSError as error:
        raise _NotProven(f"{marker.name}: {error.strerror}") from None
    if not process.alive:
        raise _NotProven("its process has ended")
    return text


def _header(target: Target, name: str) -> _Said:
    if target.http is None:
        raise _NotProven("its binding names no address to ask")
    parts = urlsplit(target.http)
    host = require_private(parts.hostname or "")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    process = _answering(target, port)
    connection = (http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection)(
        host, port, timeout=ASK_PATIENCE_S
    )
    try:
        connection.request("GET", target.proof.path, headers={"Host": parts.netloc})
        value = connection.getresponse().getheader(name)
    except (OSError, http.client.HTTPException) as error:
        raise _NotProven(f"it does not answer over HTTP: {error}") from None
    finally:
        connection.close()
    if value is None:
        raise _NotProven(f"its answer has no header {name}")
    return _Said(process, value)


def _comment(target: Target, database: str) -> _Said:
    server = target.postgresql
    if server is None:
        raise _NotProven("its binding names no PostgreSQL to ask")
    process = _answering(target, server.address[1])
    found = rows(server, _COMMENT, name=database)
    if not found or found[0][0] is None:
        raise _NotProven(f"its database {database} has no comment, or is not there")
    says, system = found[0]
    return _Said(process, says, str(system))


_COMMENT = """
    select shobj_description(oid, 'pg_database'), (select system_identifier from pg_control_system())
    from pg_database where datname = :name
"""


def _key(target: Target, key: str) -> _Said:
    server = target.redis
    if server is None:
        raise _NotProven("its binding names no Redis to ask")
    process = _answering(target, server.address[1])
    with conversation(server) as client:
        says = client.get(key)
        run_id = client.info("server")["run_id"]
    if says is None:
        raise _NotProven(f"its Redis has no key {key}")
    return _Said(process, str(says), str(run_id))


def _answering(target: Target, port: int) -> ProcessIdentity:
    """The target's process, which listens there itself or by one of its children."""
    listener = listener_of(port)
    if listener is None:
        raise _NotProven(f"no process of this machine that can be seen listens on port {port}")
    if target.process is None:
        return listener
    process = read_pid_file(target.process.pid_file)
    if listener != process and listener not in descendants(process):
        raise _NotProven("another process than its own answers at its address")
    return process
