"""Runs one proxy until it is told to end; see `injectors.proxy.server`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

from injectors.addresses import Address, private_address
from injectors.proxy.server import Proxy


async def _serve(listen: Address, upstream: Address, control: Path) -> None:
    serving = asyncio.create_task(Proxy(upstream).serve(listen, control))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m injectors.proxy", description=__doc__)
    parser.add_argument("--listen", required=True, type=private_address, metavar="ADDRESS:PORT")
    parser.add_argument("--upstream", required=True, type=private_address, metavar="ADDRESS:PORT")
    parser.add_argument("--control", required=True, type=Path, metavar="SOCKET")
    given = parser.parse_args()
    asyncio.run(_serve(given.listen, given.upstream, given.control))


if __name__ == "__main__":
    main()
