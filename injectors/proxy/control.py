"""How a proxy or a resolver is told what to do: one JSON document a line, over a UNIX socket of its owner's alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

PATIENCE_S = 2.0
MAX_LINE = 65_536


class Request(BaseModel):
    """Shows a slot, or sets it (`sets`) to `value`; without a slot, asks what was carried."""

    model_config = ConfigDict(extra="forbid")

    slot: str | None = None
    sets: bool = False
    value: JsonValue = None


class Answer(BaseModel):
    """The value of the slot, what was carried, or why not."""

    value: JsonValue = None
    carried: dict[str, int] | None = None
    error: str = ""


class Refused(Exception):
    """The proxy cannot do what it is told."""


class ProxyUnreachable(Exception):
    """Nobody answers behind a control socket, or not in time."""


@contextlib.asynccontextmanager
async def serve_control(path: Path, answer: Callable[[Request], Answer]) -> AsyncIterator[None]:
    """Answers requests while the context lasts."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(_answered(line, answer).model_dump_json().encode() + b"\n")
                await writer.drain()
        writer.close()

    path.unlink(missing_ok=True)
    before = os.umask(0o077)
    try:
        server = await asyncio.start_unix_server(converse, path, limit=MAX_LINE)
    finally:
        os.umask(before)
    try:
        async with server:
            yield
    finally:
        path.unlink(missing_ok=True)


def _answered(line: bytes, answer: Callable[[Request], Answer]) -> Answer:
    try:
        return answer(Request.model_validate_json(line))
    except Refused as error:
        return Answer(error=str(error))
    except ValidationError as error:
        return Answer(error=error.errors()[0]["msg"])


def ask(path: Path, request: Request) -> Answer:
    """What the proxy behind a socket answers.  Raises ProxyUnreachable, also for a request that it does not accept."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(path))
            connection.sendall(request.model_dump_json().encode() + b"\n")
            with connection.makefile("rb") as lines:
                answer = Answer.model_validate_json(lines.readline(MAX_LINE))
    except (OSError, ValidationError) as error:
        raise ProxyUnreachable(f"nobody answers at {path.name}: {error}") from None
    if answer.error:
        raise ProxyUnreachable(f"what listens at {path.name} refuses: {answer.error}")
    return answer
