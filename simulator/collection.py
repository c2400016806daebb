"""Long runs without needless garbage collection.

Alertmanager's engine lets go of everything it makes without leaving cycles behind, so Python's collector of cycles
walks through groups and logs in vain: a quarter of the time of a run with a large log.  Estates do leave cycles (nodes
know their edges), some megabytes a run: enough to be collected now and then, not at every step.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARELY = (200_000, 20, 10)


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Within it the collector looks rarely; afterwards as often as before."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
