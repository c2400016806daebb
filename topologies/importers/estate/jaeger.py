"""Jaeger's graph of dependencies: the answer of `/api/dependencies`, `{"data": [{parent, child, callCount}, ...]}`.

`parent` called `child`, so it depends on it.  Counts of one pair in several files (days) are added.  Only services that
called or were called within the span of the query are in it: an edge that is missing was not seen, which does not say
that it is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from topologies.importers.estate.draft import Draft, Edge, Evidence
from topologies.importers.estate.files import Located, all_documents, as_model, records_in
from topologies.importers.estate.rates import calls_per_request, says_calls
from topologies.importers.foreign import Foreign

FORMAT = "jaeger"
_PATTERNS = ("*.json",)


class _Link(Foreign):
    parent: str = Field(min_length=1)
    child: str = Field(min_length=1)
    call_count: float = Field(default=0, alias="callCount", ge=0, allow_inf_nan=False)
    source: str = ""


def read_files(paths: Sequence[str], _: Path | None) -> Draft:
    """Raises InputError with everything that cannot be read."""
    return read(all_documents(paths, _PATTERNS))


def read(sources: Sequence[Located]) -> Draft:
    """The graph of all documents together."""
    draft = Draft(FORMAT)
    counts: dict[tuple[str, str], float] = defaultdict(float)
    links = [
        (document.place(path), as_model(document, path, record, _Link))
        for document in sources
        for path, record in records_in(document, "data", "dependencies")
    ]
    for _, link in links:
        counts[link.parent, link.child] += link.call_count
    rates = calls_per_request(counts)
    for place, link in links:
        draft.mention(link.parent, place)
        draft.mention(link.child, place)
        evidence = Evidence(place, says_calls(link.call_count), "measured", "high")
        draft.edge(Edge(link.parent, link.child, evidence, calls=rates.get((link.parent, link.child))))
    return draft
