"""Nodes and edges as tables: `table` reads a file whatever its encoding and delimiter, `mapping` says which column is
what (proposed, or edited by a person), `reader` makes a draft of both."""
