"""A resolver of our own for targets that are configured to ask it: it forwards, and lies when it is told to."""
