"""The service catalogue (CMDB) where it is not what the estate is: edges that it lacks, and edges that are gone.

People act on what the catalogue says: where to look for a cause, which functions an incident may concern, what stands
on what is broken.  The systems do not read it.  `topologies.drift` finds the same differences between two estates, as
between an import of last year and one of today.
"""

from __future__ import annotations

from typing import Annotated

from topologies.fields import ComponentId, Model, RefTo

DependentId = Annotated[str, RefTo("component", "site")]


class CataloguedEdge(Model):
    """One dependency, as the catalogue would name it."""

    dependent: DependentId
    dependency: ComponentId

    def __str__(self) -> str:
        return f"{self.dependent} -> {self.dependency}"


class Catalogue(Model):
    """Drift of the catalogue; nothing in it: it is kept true."""

    missing: tuple[CataloguedEdge, ...] = ()
    """Dependencies that there are, and that the catalogue does not have."""
    stale: tuple[CataloguedEdge, ...] = ()
    """Dependencies that the catalogue has, and that are gone."""
