"""Named random streams: each draw stands alone, so that changing one thing reshuffles nothing else.

A draw is `quantile(u)` where `u` in (0, 1) is a keyed hash of (seed, replication, entity, purpose, occasion).
There is no generator with a state, nothing is rejected, and the order of draws does not matter (common random
numbers, as in L'Ecuyer's named streams).  The *occasion* is a natural identity, "this fault, second attempt",
never a running counter: one page fewer must leave every other draw as it was.

BLAKE2b is used as the keyed hash because one scalar draw with it costs about a microsecond, a tenth of setting up a
counter-based bit generator for a single value.  Noise on whole series comes in arrays: see `noise`.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from timeline.distributions import Distribution

_MANTISSA = 1 << 53


class Streams:
    """All random numbers of one replication."""

    def __init__(self, seed: int, replication: int = 0) -> None:
        self.seed = seed
        self._key = f"{seed}/{replication}".encode()

    def uniform(self, entity: str, purpose: str, occasion: str) -> float:
        """A number in the open interval (0, 1)."""
        name = "\x1f".join((entity, purpose, occasion)).encode()
        word = int.from_bytes(blake2b(name, digest_size=8, key=self._key).digest(), "little")
        return ((word >> 11) + 0.5) / _MANTISSA

    def draw(self, distribution: Distribution, entity: str, purpose: str, occasion: str) -> int:
        """A duration in milliseconds."""
        if distribution.shape == "constant":
            return distribution.median_ms
        return distribution.quantile(self.uniform(entity, purpose, occasion))

    def chance(self, probability: float, entity: str, purpose: str, occasion: str) -> bool:
        return self.uniform(entity, purpose, occasion) < probability

    def key(self, name: str) -> int:
        """A 64-bit key for `noise`."""
        return int.from_bytes(blake2b(name.encode(), digest_size=8, key=self._key).digest(), "little")


def noise(key: int, index: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Numbers in [0, 1), a pure function of `key` and each `index` (shape is kept).

    SplitMix64 (Steele, Lea, Flood 2014) evaluated at arbitrary positions of its sequence.
    """
    with np.errstate(over="ignore"):
        z = np.uint64(key) + (index.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / _MANTISSA
