"""The modelled response: people who are told, look for causes, decide and act on what they know.

`Response` is the side.  Nothing in here reads the estate or the monitoring: what people know is in `knowledge`, filled
by deliveries alone, and what they do is a command with somebody's authority behind it.
"""

from simulator.response.response import Response

__all__ = ["Response"]
