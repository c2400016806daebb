"""The modelled estate: a compiled graph of nodes, their health and load as a fixed point, faults and recovery.

`ModelledEstate` is the side; `documented_graph` and `possible_actions` are what documentation says about an estate,
`catalogued_graph` is what people find of it.
"""

from simulator.estate.graph import FUNCTION_PREFIX, catalogued_graph, documented_graph
from simulator.estate.recovery import possible_actions
from simulator.estate.side import ModelledEstate

__all__ = ["FUNCTION_PREFIX", "ModelledEstate", "catalogued_graph", "documented_graph", "possible_actions"]
