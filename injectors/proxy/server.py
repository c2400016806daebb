"""The proxy: a process that stands before one address of one target and does to its connections what it is told.

    python -m injectors.proxy --listen 127.0.0.1:8081 --upstream 127.0.0.1:18081 --control run/orders.proxy

It is told over a UNIX socket (`injectors.proxy.control`).  It listens and connects on private addresses only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import asdict
from pathlib import Path

from pydantic import JsonValue

from injectors.addresses import Address
from injectors.proxy.behaviour import Behaviour, Way
from injectors.proxy.certificates import exercise_tls, target_tls
from injectors.proxy.control import Answer, Refused, Request, serve_control
from injectors.proxy.forwarding import Carried, Pipe, reset
from injectors.proxy.rewriting import Exchange

CONNECT_PATIENCE_S = 5.0


class Proxy:
    """Forwards from one address to another."""

    def __init__(self, upstream: Address) -> None:
        self._upstream = upstream
        self._behaviour = Behaviour()
        self._carried = Carried()
        self._open: set[asyncio.StreamWriter] = set()
        self._tls: ssl.SSLContext | None = None

    async def serve(self, listen: Address, control: Path) -> None:
        """Until it is cancelled."""
        server = await asyncio.start_server(self._converse, *listen, backlog=512)
        async with server, serve_control(control, self._answer):
            await server.serve_forever()

    def _answer(self, request: Request) -> Answer:
        """Shows or sets a slot; a change also reaches the conversations in progress."""
        if request.slot is None:
            return Answer(carried=asdict(self._carried))
        if request.slot not in Behaviour.model_fields:
            raise Refused(f"there is no slot {request.slot!r}")
        if request.sets:
            self._set(request.slot, request.value)
        return Answer(value=self._behaviour.model_dump(mode="json")[request.slot])

    def _set(self, slot: str, value: JsonValue) -> None:
        """Raises Refused where it cannot be done; then nothing has changed."""
        behaviour = Behaviour.model_validate({**self._behaviour.model_dump(), slot: value}, strict=False)
        if behaviour.certificate != self._behaviour.certificate:
            self._tls = exercise_tls(behaviour.certificate) if behaviour.certificate is not None else None
        self._behaviour = behaviour
        # Also what was begun with another certificate has to begin anew.
        if behaviour.closed is not None or slot == "certificate":
            for writer in list(self._open):
                self._end(writer)

    async def _converse(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        # When the proxy ends, its conversations end with it.
        with contextlib.suppress(asyncio.CancelledError):
            await self._forward(client, to_client)

    async def _forward(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self._carried.conversations += 1
        if self._behaviour.closed is not None:
            self._carried.refused += 1
            self._end(to_client)
            return
        try:
            async with asyncio.timeout(CONNECT_PATIENCE_S):
                tls = self._tls
                if tls is not None:
                    # At once, before anything of what the client says has been read.
                    await to_client.start_tls(tls)
                server, to_server = await asyncio.open_connection(
                    *self._upstream, ssl=target_tls() if tls is not None else None
                )
        except (OSError, TimeoutError):
            # As the upstream would have been found without a proxy: nobody there.
            reset(to_client)
            return
        ends = {to_client, to_server}
        self._open |= ends
        exchange = Exchange()
        pipes = (
            Pipe(Way.TO_SERVER, client, to_server, self._current, self._carried, exchange),
            Pipe(Way.TO_CLIENT, server, to_client, self._current, self._carried, exchange),
        )
        try:
            async with asyncio.TaskGroup() as group:
                for pipe in pipes:
                    group.create_task(pipe.run())
        except* (ConnectionError, OSError):
            for writer in ends:
                reset(writer)
        finally:
            self._open -= ends
            for writer in ends:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    def _current(self) -> Behaviour:
        return self._behaviour

    def _end(self, writer: asyncio.StreamWriter) -> None:
        closed = self._behaviour.closed
        if closed is not None and closed.how == "reset":
            reset(writer)
        else:
            writer.close()
