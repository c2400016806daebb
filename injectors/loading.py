"""A binding from its file, checked: names that lead somewhere, paths made absolute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from injectors.binding import Binding, resolved
from injectors.faults import LIVE_FAULTS
from timeline.findings import Finding, Severity, nearest
from topologies.loading.document import Document, read_document
from topologies.loading.estate import build
from topologies.loading.gathering import Gathered


def load_binding(path: Path, components: Set[str] | None) -> Binding:
    """Raises InputError with everything that is wrong.

    `components` are those of the estate that is played on; None where nothing is played and any name will do.
    """
    gathered = Gathered()
    document = read_document(path)
    known = {} if components is None else {"component": components}
    binding = build(document, Binding, known, gathered)
    if binding is not None:
        gathered.add(_unknown_faults(document, {id: target.faults for id, target in binding.targets.items()}))
    gathered.complete()
    assert binding is not None, "what cannot be built has been reported"
    return resolved(binding, path.parent)


def _unknown_faults(document: Document, chosen: Mapping[str, Mapping[str, object]]) -> Iterator[Finding]:
    for target, faults in chosen.items():
        for fault in faults:
            if fault not in LIVE_FAULTS:
                yield Finding(
                    "live.unknown-fault",
                    Severity.ERROR,
                    document.place(["targets", target, "faults", fault], key=True),
                    f"there is no live fault {fault!r}",
                    nearest(fault, LIVE_FAULTS) or "`blackstart list faults --live` shows them",
                )
