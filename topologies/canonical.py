"""One order for what has none: the order in which a file lists its maps must not change a result."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def canonical(model: M) -> M:
    """The same model with every map in it sorted by key; sequences keep their order, which means something."""
    return model.model_copy(update={name: _sorted(value) for name, value in model})


def _sorted(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return canonical(value)
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, tuple):
        return tuple(_sorted(item) for item in value)
    return value
