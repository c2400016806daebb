"""Names that look like production are refused, whatever else is proven: a list made in a hurry is the likeliest fault.

`non-production` and the like are fine: the word counts only where nothing before it turns it round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from injectors.addresses import require_private
from injectors.binding import Binding
from timeline.findings import SafetyRefused

_PRODUCTION = {"prod", "prd", "production", "live"}
_TURNED_ROUND = {"non", "not", "no"}


def looks_like_production(name: str) -> bool:
    """Whether a part of the name is a word for production."""
    words = re.findall(r"[a-z]+", name.lower())
    pairs = zip(["", *words], words, strict=False)
    return any(word in _PRODUCTION and before not in _TURNED_ROUND for before, word in pairs)


def require_harmless(binding: Binding) -> None:
    """Raises SafetyRefused with every name that looks like production and every address that is not private."""
    reasons = [
        f"The {what} {name!r} looks like production." for what, name in _names(binding) if looks_like_production(name)
    ]
    for host in dict.fromkeys(_hosts(binding)):
        try:
            require_private(host)
        except SafetyRefused as refused:
            reasons += refused.reasons
    if reasons:
        raise SafetyRefused(reasons)


def _names(binding: Binding) -> Iterator[tuple[str, str]]:
    yield "environment", binding.environment
    for id, target in binding.targets.items():
        yield "target", id
        yield "component", target.component
        yield "proof", target.proof.says
    for host in dict.fromkeys(_hosts(binding)):
        yield "host", host


def _hosts(binding: Binding) -> Iterator[str]:
    addresses = [binding.monitoring.prometheus, binding.monitoring.alertmanager]
    addresses += [target.http for target in binding.targets.values()]
    addresses += [condition.http for condition in (*binding.steady_state, *binding.guards)]
    for address in addresses:
        if address is not None:
            yield urlsplit(address).hostname or ""
    for target in binding.targets.values():
        if target.process is not None and target.process.start is not None and target.process.start.listens is not None:
            yield target.process.start.listens[0]
        for service in (target.postgresql, target.redis):
            if service is not None:
                yield service.address[0]
