"""A TCP proxy of our own: it stands before a target and delays, narrows, silences or ends its connections."""
