"""The engine: estate, monitoring and response in virtual time, writing one timeline.  No input or output but that.

`simulator.exercise` composes the three sides (`simulator.sides`) on one kernel; each side can be swapped.
"""
