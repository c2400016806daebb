"""Ids from names: safe, unique, and the same whatever the order of the rows.

A thing brings its names from the shortest to the fullest (`db`, `shop-db`, `shop-statefulset-db`).  It takes the first
that nobody else claims.  Where two claim the same, the one that is called exactly so keeps it, and the others go on to
their next name; whoever has none left takes its last one with a few digits of the hash of its key.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256

_LONGEST = 80
_DIGITS = 6


def slug(name: str) -> str:
    """A name as an id, without dots, which divide the steps of a path; empty where nothing of it can stand in one."""
    ascii_only = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", ascii_only).strip("-_")[:_LONGEST].strip("-_")


def assign_ids(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Key to id, for keys with their names."""
    tried = dict.fromkeys(names, 0)
    while True:
        claims: dict[str, list[str]] = defaultdict(list)
        for key, given in names.items():
            claims[_name_at(key, given, tried[key])].append(key)
        contested = {id: keys for id, keys in claims.items() if len(keys) > 1}
        if not contested:
            return {keys[0]: id for id, keys in claims.items()}
        for id, keys in contested.items():
            exact = [key for key in keys if tried[key] < len(names[key]) and names[key][tried[key]] == id]
            for key in keys:
                if len(exact) != 1 or key != exact[0]:
                    tried[key] += 1


def _name_at(key: str, names: Sequence[str], attempt: int) -> str:
    """The name of an attempt.  After the last name come ever longer parts of the hash."""
    slugs = [slug(name) for name in names]
    if attempt < len(slugs) and slugs[attempt]:
        return slugs[attempt]
    base = next((known for known in reversed(slugs) if known), "thing")
    digits = sha256(key.encode()).hexdigest()[: _DIGITS * max(1, attempt - len(slugs) + 1)]
    return f"{base[: _LONGEST - len(digits) - 1].strip('-_')}-{digits}"
