"""A conversation in HTTP: answers that are replaced, or whose headers or content are damaged.

Requests are followed only to know which answer belongs to which method; they pass as they are, at once.
"""

from __future__ import annotations

import random
import re
from collections import deque

from injectors.proxy.behaviour import Behaviour, Way
from injectors.proxy.http import (
    Body,
    Framer,
    Kind,
    Piece,
    answer_framing,
    method_of,
    request_framing,
    status_of,
    values_of,
)

STATUS_BODY = b"An exercise: this answer was put in the place of another.\n"
FLIPPED_EVERY = 256
"""Bytes of content from one flipped bit to the next; the first byte is always hit."""
GARBLED = b"garbled-for-an-exercise"


class Exchange:
    """One conversation.  What is no HTTP passes as it is."""

    def __init__(self) -> None:
        self._asked = False
        self._methods: deque[bytes] = deque()
        self._requests = Framer(self._request)
        self._answers = Framer(self._answer, b"HTTP/1.")
        self._framing: int | Body = 0
        self._method = b"GET"
        self._replaced = False
        self._flips = False
        self._position = 0

    def passes(self, way: Way, chunk: bytes, behaviour: Behaviour) -> bytes:
        """What goes on of a chunk that has arrived."""
        if way is Way.TO_SERVER:
            if not self._requests.is_raw:
                deque(self._requests.feed(chunk), maxlen=0)
            return chunk
        if not self._asked or (self._requests.is_raw and not self._methods):
            self._answers.give_up()
        if self._answers.is_raw:
            return self._answers.rest() + chunk
        return b"".join(self._written(piece, behaviour) for piece in self._answers.feed(chunk))

    def rest(self, way: Way) -> bytes:
        """What goes on at the end of the stream."""
        return self._answers.rest() if way is Way.TO_CLIENT else b""

    def _request(self, head: bytes) -> int | Body:
        framing = request_framing(head)
        self._methods.append(method_of(head))
        self._asked = True
        return framing

    def _answer(self, head: bytes) -> int | Body:
        self._method = self._methods[0] if self._methods else b"GET"
        self._framing = answer_framing(head, self._method)
        if self._framing is Body.TUNNEL:
            self._requests.give_up()
        if status_of(head) >= 200 and self._methods:
            self._methods.popleft()
        return self._framing

    def _written(self, piece: Piece, behaviour: Behaviour) -> bytes:
        if piece.kind is Kind.HEAD:
            return self._head(piece.data, behaviour)
        if piece.kind is Kind.RAW:
            return piece.data
        if self._replaced:
            return b""
        return self._flipped(piece.data) if piece.kind is Kind.CONTENT and self._flips else piece.data

    def _head(self, head: bytes, behaviour: Behaviour) -> bytes:
        """Decides what becomes of an answer; one that only says that another follows is left alone."""
        final = status_of(head) >= 200
        status, headers, content = behaviour.status, behaviour.headers, behaviour.content
        self._replaced = final and status is not None and random.random() < status.error_ratio
        self._flips = final and content is not None and random.random() < content.error_ratio
        self._position = 0
        if status is not None and self._replaced:
            return self._ours(head, status.status)
        if final and headers is not None and random.random() < headers.error_ratio:
            return damaged(head, headers.name.encode(), removes=headers.how == "removed")
        return head

    def _ours(self, head: bytes, status: int) -> bytes:
        closes = self._framing is Body.UNTIL_CLOSE or b"close" in b",".join(values_of(head, b"connection")).lower()
        lines = [
            b"HTTP/1.1 %d Exercise" % status,
            b"Content-Type: text/plain",
            b"Content-Length: %d" % len(STATUS_BODY),
            b"X-Blackstart-Exercise: status",
            *([b"Connection: close"] if closes else []),
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if self._method == b"HEAD" else STATUS_BODY)

    def _flipped(self, data: bytes) -> bytes:
        made = bytearray(data)
        for at in range(-self._position % FLIPPED_EVERY, len(made), FLIPPED_EVERY):
            made[at] ^= 1
        self._position += len(data)
        return bytes(made)


def damaged(head: bytes, name: bytes, *, removes: bool) -> bytes:
    """A head in which each header of a name is missing, or says something that makes no sense."""
    line = re.compile(rb"(?im)^(" + re.escape(name) + rb"[ \t]*:)[^\r\n]*(\r?\n)")
    return line.sub(b"" if removes else rb"\1 " + GARBLED + rb"\2", head)
