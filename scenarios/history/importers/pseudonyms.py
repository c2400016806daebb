"""Names of people, as they are or as pseudonyms: the same name gives the same one, only who has the key can link them.

A keyed hash (BLAKE2b, 40 bits shown): without the key a list of names cannot be tried against it.  The key is a secret
of whoever imports; histories that shall be joined need the same one.  Hidden are people where a source names them
(actors, assignees) and addresses of mail in titles; names that someone wrote into a title by hand are not found.
"""

from __future__ import annotations

import hashlib
import re

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DIGEST_BYTES = 5
_LONGEST_KEY_BYTES = 64


class Names:
    """What becomes of names; without a key they stay."""

    def __init__(self, key: bytes | None = None) -> None:
        if key is not None and not key:
            raise ValueError("the key is empty")
        self._key = None if key is None else key if len(key) <= _LONGEST_KEY_BYTES else hashlib.sha512(key).digest()

    def person(self, name: str | None) -> str | None:
        """A name, or its pseudonym; capitals and spaces around it do not matter."""
        if name is None or self._key is None:
            return name
        digest = hashlib.blake2b(name.strip().casefold().encode(), key=self._key, digest_size=_DIGEST_BYTES)
        return f"person-{digest.hexdigest()}"

    def text(self, text: str | None) -> str | None:
        """A text with its addresses of mail replaced."""
        if text is None or self._key is None or "@" not in text:
            return text
        return _MAIL.sub(lambda match: str(self.person(match.group())), text)
