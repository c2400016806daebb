"""Whether the table of sources speaks of parameters that exist."""

from __future__ import annotations

from collections.abc import Iterator

from timeline.findings import Severity, nearest
from topologies.checks.catalogue import Remark, estate_check
from topologies.loading.document import Document
from topologies.loading.estate import LoadedEstate
from topologies.loading.nodes import MappingNode, Node, SequenceNode


@estate_check("source.unknown-path", Severity.WARNING)
def source_of_nothing(estate: LoadedEstate) -> Iterator[Remark]:
    """The table of sources names a parameter that is not there.

    Source and confidence then belong to nothing, and the parameter that was meant counts as assumed.
    """
    for document in (estate.topology_document, estate.organisation_document):
        yield from sources_of_nothing(document)


def sources_of_nothing(document: Document) -> Iterator[Remark]:
    """A remark for each entry of `sources` whose path leads nowhere in the document."""
    sources = document.node(["sources"])
    if not isinstance(sources, MappingNode):
        return
    for path in sources.entries:
        wrong = _first_wrong(document.root, path)
        if wrong is not None:
            name, known = wrong
            place = document.place(["sources", path], key=True)
            yield Remark(place, f"there is nothing at {path!r}", nearest(name, known))


def _first_wrong(node: Node, path: str) -> tuple[str, list[str]] | None:
    """The first step that leads nowhere, with what is there instead; ids may contain dots, the longest one counts."""
    while path:
        if isinstance(node, SequenceNode):
            known = [str(index) for index in range(len(node.items))]
        else:
            known = list(node.entries) if isinstance(node, MappingNode) else []
        fitting = [name for name in known if path == name or path.startswith(f"{name}.")]
        if not fitting:
            return path.partition(".")[0], known
        name = max(fitting, key=len)
        if isinstance(node, SequenceNode):
            node = node.items[int(name)]
        elif isinstance(node, MappingNode):
            node = node.entries[name].value
        path = path[len(name) + 1 :]
    return None
