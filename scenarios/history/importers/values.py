"""Values out of objects of an API, which may hold anything: what is not as expected is none, or a clear error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from scenarios.history.importers.intake import Intake
from scenarios.history.importers.json_items import Item


def text(data: Mapping[str, Any], *path: str) -> str | None:
    """The text at a path; a number is written out; None where there is none, or an empty one."""
    value: Any = data
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def items(data: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    """The objects of the list at a key; none where there is no list."""
    value = data.get(key)
    return [element for element in value if isinstance(element, Mapping)] if isinstance(value, list) else []


def number(data: Mapping[str, Any], *path: str) -> int | None:
    """The whole number at a path, also where it is written as text."""
    written = text(data, *path)
    return int(written) if written is not None and written.isdecimal() else None


def moment(data: Mapping[str, Any], key: str, intake: Intake) -> datetime | None:
    """The moment at a key, None where there is none.  Raises ValueError naming the key where it cannot be read."""
    written = text(data, key)
    if written is None:
        return None
    try:
        return intake.moments.read(written)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def needed_moment(data: Mapping[str, Any], key: str, intake: Intake) -> datetime:
    """As `moment`; a missing one is a ValueError, too."""
    found = moment(data, key, intake)
    if found is None:
        raise ValueError(f"{key} is missing")
    return found


def identity(item: Item, intake: Intake, *keys: str) -> str | None:
    """The first of these keys that is there; an item without any is refused."""
    found = next((id for key in keys if (id := text(item.data, key))), None)
    if found is None:
        intake.refuse(item.line, f"the item has no {' and no '.join(keys)}")
    return found
