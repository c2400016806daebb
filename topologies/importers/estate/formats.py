"""What estates can be imported from: the registry of formats.  A new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from timeline.findings import InputError, nearest
from timeline.registry import Registry
from topologies.importers.estate import backstage, jaeger, service_graph
from topologies.importers.estate.compose import reader as compose
from topologies.importers.estate.csv import reader as csv
from topologies.importers.estate.draft import Draft
from topologies.importers.estate.kubernetes import reader as kubernetes
from topologies.importers.estate.resolving import Imported, resolve
from topologies.importers.estate.servicenow import reader as servicenow


@dataclass(frozen=True)
class EstateFormat:
    """One format: what its files are, and how they are read.

    `read` takes what was named (files, folders, URLs), and the mapping where the format has one; it raises InputError
    with everything that cannot be read.  `propose` gives the text of a mapping to edit.
    """

    title: str
    files: str
    read: Callable[[Sequence[str], Path | None], Draft]
    propose: Callable[[Sequence[str]], str] | None = None


ESTATE_FORMATS: Registry[EstateFormat] = Registry("format of estates")
ESTATE_FORMATS.add(
    csv.FORMAT,
    EstateFormat("Tables of nodes and edges", "nodes.csv and edges.csv, or edges alone", csv.read_files, csv.proposal),
)
ESTATE_FORMATS.add(
    servicenow.FORMAT,
    EstateFormat(
        "ServiceNow CMDB",
        "cmdb_ci and cmdb_rel_ci as CSV or JSON, or the URL of an instance",
        servicenow.read_files,
        servicenow.proposal,
    ),
)
ESTATE_FORMATS.add(backstage.FORMAT, EstateFormat("Backstage catalog", "catalog-info.yaml files", backstage.read_files))
ESTATE_FORMATS.add(compose.FORMAT, EstateFormat("Compose", "compose.yaml, and overrides after it", compose.read_files))
ESTATE_FORMATS.add(
    kubernetes.FORMAT,
    EstateFormat("Kubernetes", "manifests, or the answer of `kubectl get -o yaml`", kubernetes.read_files),
)
ESTATE_FORMATS.add(jaeger.FORMAT, EstateFormat("Jaeger", "answers of /api/dependencies, JSON", jaeger.read_files))
ESTATE_FORMATS.add(
    service_graph.FORMAT,
    EstateFormat(
        "Service graph of Tempo or OpenTelemetry",
        "traces_service_graph_request_total, as metrics text or the answer of a query",
        service_graph.read_files,
    ),
)


def import_estate(format: str, paths: Sequence[str], mapping: Path | None = None) -> Imported:
    """What the files hold, resolved.  Raises InputError with everything that cannot be read."""
    known = format_named(format)
    if mapping is not None and known.propose is None:
        raise InputError.single("input.option", "--mapping", f"{format} needs no mapping", "leave it out")
    return resolve(known.read(paths, mapping))


def propose_mapping(format: str, paths: Sequence[str]) -> str:
    """The mapping that an import would use, as text to edit.  Raises InputError where the format has none."""
    propose = format_named(format).propose
    if propose is None:
        with_one = ", ".join(name for name, known in ESTATE_FORMATS.items() if known.propose is not None)
        raise InputError.single(
            "input.option", "--propose", f"{format} needs no mapping", f"formats with one: {with_one}"
        )
    return propose(paths)


def format_named(name: str) -> EstateFormat:
    """Raises InputError with the nearest format that exists."""
    if name not in ESTATE_FORMATS:
        message = f"there is no format of estates {name!r}"
        hint = nearest(name, ESTATE_FORMATS) or "`blackstart list importers` shows them"
        raise InputError.single("input.option", "FORMAT", message, hint)
    return ESTATE_FORMATS[name]
