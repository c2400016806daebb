"""As much of a DNS message as it takes to answer one question (RFC 1035, sections 3 and 4.1)."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

HEADER = struct.Struct("!HHHHHH")
_AFTER_NAME = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
A, AAAA, INTERNET = 1, 28, 1
NO_ERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
_RESPONSE, _RECURSION_DESIRED, _RECURSION_AVAILABLE, _OPCODE = 0x8000, 0x0100, 0x0080, 0x7800
_POINTER_TO_QUESTION = b"\xc0\x0c"
MAX_LABEL, MAX_NAME = 63, 255
LIE_TTL_S = 1
"""A lie is forgotten soon after it has ended."""


class NotAQuestion(ValueError):
    """The message is none that asks exactly one question."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one message asks."""

    id: int
    flags: int
    name: str
    """In lower case, without the dot at the end."""
    type: int
    raw: bytes
    """The question section as it was sent: an answer repeats it, upper case and all."""


def read_question(message: bytes) -> Question:
    """Raises NotAQuestion."""
    if len(message) < HEADER.size:
        raise NotAQuestion("too short for a header")
    id, flags, questions, *_ = HEADER.unpack_from(message)
    if flags & _RESPONSE or flags & _OPCODE or questions != 1:
        raise NotAQuestion("no query with one question")
    name, at = _name(message, HEADER.size)
    if at + _AFTER_NAME.size > len(message):
        raise NotAQuestion("ends within the question")
    type, _ = _AFTER_NAME.unpack_from(message, at)
    return Question(id, flags, name, type, message[HEADER.size : at + _AFTER_NAME.size])


def _name(message: bytes, at: int) -> tuple[str, int]:
    """A name without compression, which a question needs none of, and the place after it."""
    labels: list[bytes] = []
    begin = at
    while True:
        if at >= len(message):
            raise NotAQuestion("ends within a name")
        length = message[at]
        if length > MAX_LABEL or at + length + 1 - begin > MAX_NAME:
            raise NotAQuestion("a name that is compressed or too long")
        label = message[at + 1 : at + 1 + length]
        at += 1 + length
        if not length:
            return b".".join(labels).decode("latin-1").lower(), at
        if len(label) < length:
            raise NotAQuestion("ends within a name")
        labels.append(label)


def answer(question: Question, code: int, address: str | None = None) -> bytes:
    """An answer with a response code and, where it fits what was asked, an address."""
    records = b""
    if address is not None:
        packed = ipaddress.ip_address(address)
        type = A if packed.version == 4 else AAAA
        if question.type == type:
            head = _RECORD.pack(type, INTERNET, LIE_TTL_S, len(packed.packed))
            records = _POINTER_TO_QUESTION + head + packed.packed
    flags = _RESPONSE | _RECURSION_AVAILABLE | question.flags & _RECURSION_DESIRED | code
    return HEADER.pack(question.id, flags, 1, 1 if records else 0, 0, 0) + question.raw + records
