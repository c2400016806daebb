"""What a model says about the value at a path: its fields, its items, the names it may refer to.

Validation tells what is wrong with a value; this module tells what was possible there instead.  It reads the
type annotations of the models, so that suggestions, references, overlays and schemas never disagree with them.

    Shape.of(Estate).at(["components", "core-db", "site"]).references       # ("site",)
    Shape.of(Estate).at(["components", "core-db"]).fields.keys()            # title, kind, site, ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from topologies.fields import RefTo
from topologies.loading.nodes import Step


@dataclass(frozen=True)
class Shape:
    """The alternatives that an annotation allows: plain types, each with the metadata that annotates it."""

    alternatives: tuple[tuple[Any, tuple[Any, ...]], ...]

    @classmethod
    def of(cls, annotation: Any, metadata: Sequence[Any] = ()) -> Shape:
        return cls(tuple(_flatten(annotation, tuple(metadata))))

    @cached_property
    def models(self) -> tuple[type[BaseModel], ...]:
        return tuple(t for t, _ in self.alternatives if isinstance(t, type) and issubclass(t, BaseModel))

    @cached_property
    def fields(self) -> dict[str, Shape]:
        """The fields of the models, by the name that files use."""
        return {
            written_name(name, info): Shape.of(info.annotation, info.metadata)
            for model in self.models
            for name, info in model.model_fields.items()
        }

    @cached_property
    def references(self) -> tuple[str, ...]:
        """The kinds of thing whose ids this value may be; empty when it is not a reference."""
        return tuple(
            kind for _, metadata in self.alternatives for m in metadata if isinstance(m, RefTo) for kind in m.kinds
        )

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The closed list of values, where there is one."""
        found: list[str] = []
        for plain, _ in self.alternatives:
            if get_origin(plain) is Literal:
                found += [str(value) for value in get_args(plain)]
            elif isinstance(plain, type) and issubclass(plain, Enum):
                found += [str(member.value) for member in plain]
        return tuple(found)

    @cached_property
    def keys(self) -> Shape | None:
        """The shape of the keys, where any id is a key."""
        return next((Shape.of(get_args(t)[0]) for t, _ in self.alternatives if _is_mapping(t)), None)

    @cached_property
    def entries(self) -> Shape | None:
        """The shape of the values of a map of ids."""
        return next((Shape.of(get_args(t)[1]) for t, _ in self.alternatives if _is_mapping(t)), None)

    @cached_property
    def items(self) -> Shape | None:
        """The shape of the items of a list."""
        return next((Shape.of(get_args(t)[0]) for t, _ in self.alternatives if _is_sequence(t)), None)

    def child(self, step: Step) -> Shape | None:
        """One step down; None where the model has nothing."""
        if isinstance(step, int):
            return self.items
        return self.fields.get(step) or self.entries

    def at(self, path: Sequence[Step]) -> Shape | None:
        shape: Shape | None = self
        for step in path:
            shape = shape.child(step) if shape is not None else None
        return shape


def written_name(name: str, info: FieldInfo) -> str:
    """How files write a field: its alias where it has one."""
    return info.alias or name


def _flatten(annotation: Any, metadata: tuple[Any, ...]) -> list[tuple[Any, tuple[Any, ...]]]:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _flatten(inner, (*metadata, *more))
    if get_origin(annotation) in (Union, UnionType):
        return [pair for option in get_args(annotation) for pair in _flatten(option, metadata)]
    return [] if annotation is NoneType else [(annotation, metadata)]


def _is_mapping(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _is_sequence(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, (tuple, list))
