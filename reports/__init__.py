"""Scores read from the timeline, and the documents and figures that show them."""
