"""The resolver: a process that answers over UDP what another resolver, or its own list of names, answers.

    python -m injectors.resolver --listen 127.0.0.1:5353 --upstream 127.0.0.1:53 --control run/names
    python -m injectors.resolver --listen 127.0.0.1:5353 --name orders-db=10.0.0.7 --control run/names

Only who is configured to ask it hears it: nothing of the machine's own resolution of names is touched.  It listens and
asks on private addresses only, and over UDP only: an answer that is cut off stays so.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Mapping
from pathlib import Path

from injectors.addresses import Address, private_address, require_private
from injectors.proxy.control import Answer, Refused, Request, serve_control
from injectors.resolver.behaviour import Lies
from injectors.resolver.messages import (
    NO_ERROR,
    NXDOMAIN,
    SERVFAIL,
    NotAQuestion,
    Question,
    answer,
    read_question,
)

PATIENCE_S = 5.0
AT_ONCE = 512
"""Questions in progress; further ones are not answered, as by a resolver that is overrun."""
_CODES = {"nxdomain": NXDOMAIN, "servfail": SERVFAIL, "address": NO_ERROR}


class Resolver(asyncio.DatagramProtocol):
    """Answers questions."""

    def __init__(self, names: Mapping[str, str], upstream: Address | None) -> None:
        self._names = names
        self._upstream = upstream
        self._lies = Lies()
        self._busy: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    async def serve(self, listen: Address, control: Path) -> None:
        """Until it is cancelled."""
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=listen)
        try:
            async with serve_control(control, self._told):
                await asyncio.Event().wait()
        finally:
            transport.close()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if len(self._busy) >= AT_ONCE:
            return
        with contextlib.suppress(NotAQuestion):
            task = asyncio.get_running_loop().create_task(self._respond(read_question(data), data, addr))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _respond(self, question: Question, data: bytes, asker: Address) -> None:
        lies = self._lies
        if lies.late is not None and lies.late.concerns(question.name):
            await asyncio.sleep(lies.late.delay_ms / 1000)
        if lies.lie is not None and lies.lie.concerns(question.name):
            address = lies.lie.address if lies.lie.says == "address" else None
            said = answer(question, _CODES[lies.lie.says], address)
        else:
            said = await self._truth(question, data)
        if self._transport is not None:
            self._transport.sendto(said, asker)

    async def _truth(self, question: Question, data: bytes) -> bytes:
        if (address := self._names.get(question.name)) is not None:
            return answer(question, NO_ERROR, address)
        if self._upstream is None:
            return answer(question, NXDOMAIN)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await _forwarded(data, self._upstream)
        except (OSError, TimeoutError):
            return answer(question, SERVFAIL)

    def _told(self, request: Request) -> Answer:
        if request.slot not in Lies.model_fields:
            raise Refused(f"there is no slot {request.slot!r}")
        if request.sets:
            self._lies = Lies.model_validate({**self._lies.model_dump(), request.slot: request.value})
        return Answer(value=self._lies.model_dump(mode="json")[request.slot])


class _Asking(asyncio.DatagramProtocol):
    """One question to the upstream: the first answer with its number counts."""

    def __init__(self, id: bytes) -> None:
        self._id = id
        self.answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Address) -> None:  # noqa: ARG002
        if data[:2] == self._id and not self.answered.done():
            self.answered.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.answered.done():
            self.answered.set_exception(exc)


async def _forwarded(data: bytes, upstream: Address) -> bytes:
    """Raises OSError.  A socket of its own, connected: nobody else's answers arrive at it."""
    transport, asking = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Asking(data[:2]), remote_addr=upstream
    )
    try:
        transport.sendto(data)
        return await asking.answered
    finally:
        transport.close()


def _named(text: str) -> tuple[str, str]:
    name, _, address = text.partition("=")
    return name.lower().rstrip("."), require_private(address)


async def _serve(resolver: Resolver, listen: Address, control: Path) -> None:
    serving = asyncio.create_task(resolver.serve(listen, control))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m injectors.resolver", description="A resolver that can lie.")
    parser.add_argument("--listen", required=True, type=private_address, metavar="ADDRESS:PORT")
    parser.add_argument("--upstream", type=private_address, metavar="ADDRESS:PORT")
    parser.add_argument("--name", action="append", default=[], type=_named, metavar="NAME=ADDRESS")
    parser.add_argument("--control", required=True, type=Path, metavar="SOCKET")
    given = parser.parse_args()
    asyncio.run(_serve(Resolver(dict(given.name), given.upstream), given.listen, given.control))


if __name__ == "__main__":
    main()
