"""One conversation through the proxy: two pipes, one for each way.

A pipe reads, stamps every chunk with the moment at which it is due, and a second task writes it then.  What may wait in
between is bounded; a pipe that is full stops reading, so that back-pressure reaches the sender as it would without us.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from injectors.proxy.behaviour import Behaviour, Way
from injectors.proxy.rewriting import Exchange

CHUNK = 65_536
WAITING_BYTES = 4 * 1024 * 1024
"""How much one pipe holds back at most."""


@dataclass(slots=True)
class Carried:
    """Bytes that went through, and conversations."""

    to_server: int = 0
    to_client: int = 0
    conversations: int = 0
    refused: int = 0

    def add(self, way: Way, count: int) -> None:
        if way is Way.TO_SERVER:
            self.to_server += count
        else:
            self.to_client += count


class Pipe:
    """One way of one conversation."""

    def __init__(
        self,
        way: Way,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        behaviour: Callable[[], Behaviour],
        carried: Carried,
        exchange: Exchange,
    ) -> None:
        self._way = way
        self._reader = reader
        self._writer = writer
        self._behaviour = behaviour
        self._carried = carried
        self._exchange = exchange
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._waiting_bytes = 0
        self._changed = asyncio.Event()
        self._last_due = 0.0

    async def run(self) -> None:
        """Until the sender hangs up and everything is written, or the line breaks."""
        writing = asyncio.create_task(self._write())
        try:
            await self._read()
            await writing
        finally:
            writing.cancel()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while chunk := await self._reader.read(CHUNK):
            behaviour = self._behaviour()
            if behaviour.silences(self._way):
                continue
            chunk = self._exchange.passes(self._way, chunk, behaviour)
            if not chunk:
                continue
            due = loop.time() + behaviour.delay_s(self._way, random.random())
            self._last_due = max(self._last_due, due)
            self._put(self._last_due, chunk)
            while self._waiting_bytes > WAITING_BYTES:
                await self._room()
        if rest := self._exchange.rest(self._way):
            self._put(self._last_due, rest)
        slow = self._behaviour().slow_close
        hears = loop.time() + (slow.delay_ms / 1000.0 if slow is not None else 0.0)
        self._put(max(self._last_due, hears), b"")

    def _put(self, due: float, chunk: bytes) -> None:
        self._waiting.append((due, chunk))
        self._waiting_bytes += len(chunk)
        self._changed.set()

    async def _room(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _write(self) -> None:
        """An empty chunk is the end of the stream."""
        loop = asyncio.get_running_loop()
        while True:
            while not self._waiting:
                await self._room()
            due, chunk = self._waiting.popleft()
            if (left := due - loop.time()) > 0:
                await asyncio.sleep(left)
            if not chunk:
                await self._hang_up()
                return
            await self._send(chunk)
            self._waiting_bytes -= len(chunk)
            self._changed.set()

    async def _send(self, chunk: bytes) -> None:
        bandwidth = self._behaviour().bandwidth
        self._carried.add(self._way, len(chunk))
        if bandwidth is None or not bandwidth.way.covers(self._way):
            self._writer.write(chunk)
            await self._writer.drain()
            return
        step = max(1, min(len(chunk), bandwidth.bytes_per_s // 50))
        loop = asyncio.get_running_loop()
        free_at = loop.time()
        for start in range(0, len(chunk), step):
            part = chunk[start : start + step]
            self._writer.write(part)
            await self._writer.drain()
            free_at += len(part) / bandwidth.bytes_per_s
            await asyncio.sleep(max(0.0, free_at - loop.time()))

    async def _hang_up(self) -> None:
        if self._writer.can_write_eof():
            self._writer.write_eof()
            await self._writer.drain()
        else:
            # TLS knows no half-closed connection.
            self._writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with a reset instead of an orderly close: close() with a linger of 0 (socket(7)).

    One that is being closed already is left to that.
    """
    if writer.is_closing():
        return
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
