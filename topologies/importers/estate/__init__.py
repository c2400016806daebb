"""Estates as other tools know them: tables, CMDBs, catalogues, manifests, graphs of traces.

    imported = import_estate("compose", [Path("compose.yaml")])
    imported.edge_counts                       # read = kept + merged + left_out
    estate_files(imported, Head("Shop"))       # topology.yaml and import.json, as text

Each format is a reader that makes a `draft` of documents with places; `resolving` gives ids and decides what an estate
can hold, `unknowns` lists what no source states, `writing` makes the files.  `kinds` and `relations` hold the rules by
which kinds and directions are guessed.
"""

from topologies.importers.estate.formats import ESTATE_FORMATS, import_estate, propose_mapping
from topologies.importers.estate.resolving import Counts, Imported
from topologies.importers.estate.unknowns import Unknown, unknowns
from topologies.importers.estate.writing import Head, estate_files, reasons

__all__ = [
    "ESTATE_FORMATS",
    "Counts",
    "Head",
    "Imported",
    "Unknown",
    "estate_files",
    "import_estate",
    "propose_mapping",
    "reasons",
    "unknowns",
]
