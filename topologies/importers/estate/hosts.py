"""Host names in values of the environment and in arguments: weaker evidence of who calls whom.

`http://cart:8080/`, `postgres://user@db/shop` and `kafka:9092` name a host by their form.  A bare `redis` does so only
where the variable says that it holds one (`REDIS_HOST`, `CART_SERVICE_ADDR`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from topologies.importers.estate.draft import Confidence

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?"
_AUTHORITY = re.compile(rf"://(?:[^/\s@]*@)?({_HOST})")
_ADDRESS = re.compile(rf"(?<![\w.:/@-])({_HOST}):\d{{2,5}}(?!\d)|@\(?({_HOST}):\d{{2,5}}(?!\d)")
_HOLDS_A_HOST = re.compile(
    r"(?:^|[_.-])(?:host|hosts|hostname|addr|address|addresses|url|uri|server|servers|endpoint|endpoints|broker|brokers|"
    r"dsn|node|nodes|upstream|backend|service|bootstrap|peer|peers|target|location)s?\d*$",
    re.IGNORECASE,
)
_BARE = re.compile(rf"\s*{_HOST}(?:\s*,\s*{_HOST})*\s*")


@dataclass(frozen=True, slots=True)
class Named:
    """A known thing that a value names by its host."""

    key: str
    host: str
    confidence: Confidence


def hosts_named(variable: str, value: str, known: Mapping[str, str]) -> Iterator[Named]:
    """The known things that a value names; `known`: host name in lower case to key.  Each thing once."""
    found: dict[str, Named] = {}
    for host, confidence in _hosts(variable, value):
        key = known.get(host.casefold().rstrip("."))
        if key is not None:
            found.setdefault(key, Named(key, host, confidence))
    yield from found.values()


def _hosts(variable: str, value: str) -> Iterator[tuple[str, Confidence]]:
    for match in _AUTHORITY.finditer(value):
        yield match.group(1), "medium"
    for match in _ADDRESS.finditer(value):
        yield match.group(1) or match.group(2), "medium"
    if _HOLDS_A_HOST.search(variable) and _BARE.fullmatch(value):
        for host in value.split(","):
            yield host.strip(), "low"
