"""The file of failure modes and of the rules that find them, as `failure_modes.yaml` is one."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from timeline.findings import nearest
from topologies.fields import Model
from topologies.loading.document import read_document
from topologies.loading.validation import validate

SHIPPED = Path(__file__).with_suffix(".yaml")
UNCLASSIFIED = "unclassified"
TextField = Literal["title", "cause", "service", "component"]
"""What of a record a rule may look at."""


class Kind(StrEnum):
    """Whether a mode says why, or only how a service failed."""

    CAUSE = "cause"
    SYMPTOM = "symptom"


class Mode(Model):
    """A class of failure; `after` is its name in the published source."""

    title: str
    kind: Kind = Kind.CAUSE
    after: str | None = None


def _pattern(text: str | None) -> str | None:
    try:
        re.compile(text or "")
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


class Rule(Model):
    """What speaks for a mode: one of `words`, or `pattern`, in one of `fields`, and none of `unless` there.

    Words are whole words or phrases, whatever their capitals; a `*` at the end of a word stands for any ending.
    """

    mode: str
    weight: float = Field(default=1.0, gt=0)
    words: tuple[str, ...] = ()
    pattern: Annotated[str | None, AfterValidator(_pattern)] = None
    unless: tuple[str, ...] = ()
    fields: tuple[TextField, ...] = ("title", "cause")

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.words and self.pattern is None:
            raise ValueError("a rule needs words or a pattern")
        return self


class Taxonomy(Model):
    """Modes and rules by id."""

    format: Literal["blackstart/failure-modes/1"]
    title: str = ""
    modes: dict[str, Mode]
    rules: dict[str, Rule]

    @model_validator(mode="after")
    def _known_modes(self) -> Taxonomy:
        for id, rule in self.rules.items():
            if rule.mode not in self.modes:
                raise ValueError(f"rule {id!r} is for a mode {rule.mode!r}; {nearest(rule.mode, self.modes)}")
        if UNCLASSIFIED in self.modes:
            raise ValueError(f"{UNCLASSIFIED!r} is what is left without a mode, and can be none")
        return self


@cache
def shipped_taxonomy() -> Taxonomy:
    """The shipped file, read once."""
    return load_taxonomy(SHIPPED)


def load_taxonomy(path: Path = SHIPPED) -> Taxonomy:
    """A file of failure modes; the shipped one by default.  Raises InputError with every disagreement."""
    return validate(read_document(path), Taxonomy)
