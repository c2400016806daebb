"""Words for relationships, as catalogues and people use them, and what each says of who depends on whom.

A relationship is read from its first thing to its second: `web  runs on  server-7`.  What a word means can be stated
otherwise in a mapping; words that nobody knows are left out and listed, never guessed.
"""

from __future__ import annotations

import re
from enum import StrEnum

from topologies.importers.estate.draft import Meaning


class Reading(StrEnum):
    """What a relationship says; `reversed`: the second thing depends on the first."""

    HARD = "hard"
    HARD_REVERSED = "hard-reversed"
    SOFT = "soft"
    ASYNCHRONOUS = "asynchronous"
    ASYNCHRONOUS_REVERSED = "asynchronous-reversed"
    HAS_MEMBER = "has-member"
    MEMBER_OF = "member-of"
    PLACED = "placed"
    HOUSES = "houses"
    LEFT_OUT = "left-out"

    @property
    def is_reversed(self) -> bool:
        return self in (
            Reading.HARD_REVERSED,
            Reading.ASYNCHRONOUS_REVERSED,
            Reading.MEMBER_OF,
            Reading.HOUSES,
        )

    @property
    def inverse(self) -> Reading:
        """The same said from the other side."""
        return _INVERSES.get(self, self)

    @property
    def meaning(self) -> Meaning:
        """Of every reading but left-out."""
        return _MEANINGS[self]


_MEANINGS = {
    Reading.HARD: Meaning.HARD,
    Reading.HARD_REVERSED: Meaning.HARD,
    Reading.SOFT: Meaning.SOFT,
    Reading.ASYNCHRONOUS: Meaning.ASYNCHRONOUS,
    Reading.ASYNCHRONOUS_REVERSED: Meaning.ASYNCHRONOUS,
    Reading.HAS_MEMBER: Meaning.MEMBER,
    Reading.MEMBER_OF: Meaning.MEMBER,
    Reading.PLACED: Meaning.PLACED,
    Reading.HOUSES: Meaning.PLACED,
}

_PAIRS = (
    (Reading.HARD, Reading.HARD_REVERSED),
    (Reading.ASYNCHRONOUS, Reading.ASYNCHRONOUS_REVERSED),
    (Reading.HAS_MEMBER, Reading.MEMBER_OF),
    (Reading.PLACED, Reading.HOUSES),
)
_INVERSES = {**dict(_PAIRS), **{other: one for one, other in _PAIRS}}

_WORDS: dict[Reading, tuple[str, ...]] = {
    Reading.HARD: (
        *("depends on", "depend on", "dependency", "dependson", "hard", "requires", "needs", "uses"),
        *("use", "consumes"),
        *("calls", "call", "http", "https", "grpc", "rest", "sync", "synchronous", "tcp", "sql", "reads from"),
        *("queries", "refers to"),
        *("runs on", "hosted on", "hosted by", "deployed on", "installed on", "virtualized by", "instantiates"),
        *("connects to", "powered by", "cooled by", "provided by", "supported by", "impacted by", "load balanced by"),
        *("built on", "fed by", "use end point to", "applicative flow to"),
        *("registered on", "allocated from", "storage provided by"),
    ),
    Reading.HARD_REVERSED: (
        *("used by", "is used by", "required by", "depended on by", "runs", "hosts", "virtualizes", "instantiated by"),
        *("connected by", "powers", "cools", "provides", "supports", "impacts", "load balances", "consumed by"),
        *("feeds", "serves", "called by", "use end point from", "applicative flow from"),
        *("has registered", "allocated to", "provides storage for"),
    ),
    Reading.SOFT: ("soft", "optional", "degrades without"),
    Reading.ASYNCHRONOUS: (
        *("sends data to", "publishes to", "sends to", "async", "asynchronous", "message", "messaging", "event"),
        *("produces to", "writes to queue", "queue", "queued", "exports to"),
    ),
    Reading.ASYNCHRONOUS_REVERSED: ("receives data from", "subscribes to", "receives from", "imports from"),
    Reading.HAS_MEMBER: ("members", "has member", "contains", "cluster of", "is composed of", "consists of"),
    Reading.MEMBER_OF: ("member of", "members of", "contained by", "part of", "cluster"),
    Reading.PLACED: ("located in", "placed in", "stands in", "in rack", "located at"),
    Reading.HOUSES: ("houses", "rack contains", "locates"),
    Reading.LEFT_OUT: (
        *("managed by", "manages", "owned by", "owns", "administers", "administered by", "monitors", "monitored by"),
        *("backs up", "backed up by", "documents", "documented by", "exchanges data with", "replicates to", "ip"),
        *("dr provided by", "provides dr for", "related to", "describes", "described by", "peer of", "same as"),
    ),
}
_READINGS = {word: reading for reading, words in _WORDS.items() for word in words}


def reading_of(words: str) -> Reading | None:
    """What a relationship's words say, in any spelling (`DEPENDS_ON`, `Depends on`); None where nobody knows them."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return _READINGS.get(re.sub(r"[\s_-]+", " ", spaced).strip().casefold())
