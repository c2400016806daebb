"""Parameters that several kinds of fault share."""

from __future__ import annotations

from pydantic import Field

from topologies.fields import Model


class Nothing(Model):
    """Takes no parameters."""


class Scope(Model):
    """How many replicas are hit; all when left out."""

    replicas: int | None = Field(default=None, ge=1)
