"""The engine: the three modelled sides of an exercise in virtual time.  No input or output but the timeline."""
