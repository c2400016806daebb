"""Which of some texts are most like another: TF-IDF vectors and the cosine between them.

A *term* is a word, or two words that follow each other; a word is letters and digits, in small letters.  A text with
`f` times a term weighs it (1 + ln f) * idf, where idf = ln((1 + n) / (1 + d)) + 1 for a term that d of the n texts
have, and is scaled to length 1 (Salton and Buckley 1988; the smoothed idf is that of scikit-learn).  The *similarity*
of two texts is the product of their vectors: 1 where they are the same, 0 where they share no term.

Example: of "disk full", "disk slow" and "packet loss", the first is nearest to "disk full on db-1", then the second;
the third shares nothing with it.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+")
Vector = Mapping[str, float]


def terms(text: str) -> list[str]:
    """The words of a text and its pairs of neighbouring words, in order."""
    words = _WORD.findall(text.casefold())
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


@dataclass(frozen=True, slots=True)
class Near:
    """One of the texts, by its id, and how like it is, in (0, 1]."""

    id: str
    similarity: float


class TextIndex:
    """Texts by id, to find those that are most like a given one.  Texts can be added; weights follow."""

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self._holders: dict[str, list[str]] = defaultdict(list)
        self._lengths: dict[str, float] = {}
        for id, text in (texts or {}).items():
            self.add(id, text)

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, id: str, text: str) -> None:
        """Raises ValueError where there is a text of that id."""
        if id in self._counts:
            raise ValueError(f"there is a text {id!r} already")
        self._counts[id] = Counter(terms(text))
        for term in self._counts[id]:
            self._holders[term].append(id)
        self._lengths.clear()

    def vector(self, text: str) -> Vector:
        """The weights of a text's terms, of length 1; empty for a text without words."""
        return _unit(self._weights(Counter(terms(text))))

    def similarity(self, one: str, other: str) -> float:
        """Of two texts, which need not be among these; weights are those of these."""
        return _product(self.vector(one), self.vector(other))

    def nearest(self, text: str, count: int, leave_out: Iterable[str] = ()) -> list[Near]:
        """At most so many texts that share a term with this one, the most similar first, then by id."""
        products: dict[str, float] = defaultdict(float)
        for term, weight in self.vector(text).items():
            idf = self._idf(term)
            for id in self._holders.get(term, ()):
                products[id] += weight * _damped(self._counts[id][term]) * idf
        for id in leave_out:
            products.pop(id, None)
        found = [Near(id, min(1.0, product / self._length(id))) for id, product in products.items()]
        return sorted(found, key=lambda near: (-near.similarity, near.id))[:count]

    def _idf(self, term: str) -> float:
        return math.log((1 + len(self._counts)) / (1 + len(self._holders.get(term, ())))) + 1

    def _weights(self, counts: Counter[str]) -> dict[str, float]:
        return {term: _damped(count) * self._idf(term) for term, count in counts.items()}

    def _length(self, id: str) -> float:
        if id not in self._lengths:
            self._lengths[id] = _length(self._weights(self._counts[id]))
        return self._lengths[id]


def _damped(count: int) -> float:
    return 1 + math.log(count)


def _length(weights: Mapping[str, float]) -> float:
    return math.sqrt(math.fsum(weight * weight for weight in weights.values()))


def _unit(weights: Mapping[str, float]) -> Vector:
    length = _length(weights)
    return {term: weight / length for term, weight in weights.items()} if length else {}


def _product(one: Vector, other: Vector) -> float:
    return math.fsum(weight * other.get(term, 0.0) for term, weight in one.items())
