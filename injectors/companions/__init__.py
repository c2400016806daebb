"""Processes of our own that take from a target what it needs; each ends by itself when its time is up."""
