"""Regular expressions as Go writes them (RE2), for Python's engine.

Prometheus and Alertmanager match labels with Go's `regexp`.  Both dialects look alike and differ in details that
change verdicts: `$` matches only at the very end in Go, `\\d` and `\\w` are ASCII, flags may be switched on in the
middle, `\\z`, `\\Q...\\E`, `\\x{1F600}` and `[[:alpha:]]` exist, and look-around and back-references do not.
A pattern is translated once, when it is compiled; what Go refuses is refused here with a reason.

Source: the syntax page of Go's `regexp/syntax`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_DIGIT, _WORD, _SPACE = "0-9", "0-9A-Za-z_", r"\t\n\f\r "
_NOT_DIGIT = r"\x00-/:-\U0010ffff"
_NOT_WORD = r"\x00-/:-@\[-\^`{-\U0010ffff"
_NOT_SPACE = r"\x00-\x08\x0b\x0e-\x1f!-\U0010ffff"
_PERL_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE, "D": _NOT_DIGIT, "W": _NOT_WORD, "S": _NOT_SPACE}
_POSIX_CLASSES = {
    "alnum": ("0-9A-Za-z", r"\x00-/:-@\[-`{-\U0010ffff"),
    "alpha": ("A-Za-z", r"\x00-@\[-`{-\U0010ffff"),
    "ascii": (r"\x00-\x7f", r"\x80-\U0010ffff"),
    "blank": (r"\t ", r"\x00-\x08\x0a-\x1f!-\U0010ffff"),
    "cntrl": (r"\x00-\x1f\x7f", r" -~\x80-\U0010ffff"),
    "digit": (_DIGIT, _NOT_DIGIT),
    "graph": ("!-~", r"\x00- \x7f-\U0010ffff"),
    "lower": ("a-z", r"\x00-`{-\U0010ffff"),
    "print": (" -~", r"\x00-\x1f\x7f-\U0010ffff"),
    "punct": (r"!-/:-@\[-`{-~", r"\x00- 0-9A-Za-z\x7f-\U0010ffff"),
    "space": (r"\t-\r ", r"\x00-\x08\x0e-\x1f!-\U0010ffff"),
    "upper": ("A-Z", r"\x00-@\[-\U0010ffff"),
    "word": (_WORD, _NOT_WORD),
    "xdigit": ("0-9A-Fa-f", r"\x00-/:-@G-`g-\U0010ffff"),
}
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_NAMED = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})\??")
_MAX_REPEAT = 1000
_SIMPLE_ESCAPES = {"a": r"\x07", "f": r"\f", "t": r"\t", "n": r"\n", "r": r"\r", "v": r"\x0b"}


@lru_cache(maxsize=4096)
def compile_anchored(pattern: str, *, dot_all: bool = False) -> re.Pattern[str]:
    """A pattern to be used with `fullmatch`.  With `dot_all`, `.` also matches a newline, as in Prometheus 3.

    Raises ValueError when Go would not compile it.
    """
    return _compile(pattern, re.DOTALL if dot_all else re.NOFLAG)


@lru_cache(maxsize=4096)
def compile_search(pattern: str) -> re.Pattern[str]:
    """A pattern to be used with `search`, `finditer` and `sub`.  Raises ValueError when Go would not compile it."""
    return _compile(pattern, re.NOFLAG)


def _compile(pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    try:
        return re.compile(_Translation(pattern).run(), flags)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    except (OverflowError, RecursionError):
        raise ValueError(f"{pattern!r} is too large a regular expression") from None


class _Translation:
    """One pass over a pattern.

    Go's `(?i)` holds to the end of its group, across alternatives; Python knows only `(?i:...)`.  So for each open
    group the wrappers opened in it are kept: they are closed and opened again at each `|`, and closed at its end.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.out: list[str] = []
        self.wrappers: list[list[str]] = [[]]
        self.multiline = [False]

    def run(self) -> str:
        while self.position < len(self.pattern):
            self._step()
        if len(self.wrappers) > 1:
            raise self._refuse("missing closing )")
        self.out.append(")" * len(self.wrappers[0]))
        return "".join(self.out)

    def _step(self) -> None:
        character = self.pattern[self.position]
        if character == "\\":
            self.out.append(self._escape(in_class=False))
        elif character == "[":
            self.out.append(self._character_class())
        elif character == "(":
            self._open()
        elif character == ")":
            if len(self.wrappers) == 1:
                raise self._refuse("unexpected )")
            self.out.append(")" * (len(self.wrappers.pop()) + 1))
            self.multiline.pop()
            self.position += 1
        elif character == "|":
            wrappers = self.wrappers[-1]
            self.out.append(")" * len(wrappers) + "|" + "".join(wrappers))
            self.position += 1
        elif character == "$":
            self.out.append("$" if self.multiline[-1] else r"\Z")
            self.position += 1
        elif character in "*+?{":
            self._quantifier()
        else:
            self.out.append(character)
            self.position += 1

    def _open(self) -> None:
        if not self.pattern.startswith("(?", self.position):
            self._enter("(", 1)
        elif named := _NAMED.match(self.pattern, self.position):
            self._enter(f"(?P<{named[1]}>", len(named[0]))
        elif flags := _FLAGS.match(self.pattern, self.position):
            self._flags(flags)
        else:
            raise self._refuse("invalid or unsupported Perl syntax: " + self.pattern[self.position :][:4])

    def _enter(self, opening: str, length: int) -> None:
        self.out.append(opening)
        self.wrappers.append([])
        self.multiline.append(self.multiline[-1])
        self.position += length

    def _flags(self, found: re.Match[str]) -> None:
        """`U` swaps greedy and lazy, which cannot change whether a whole value matches: it is left out."""
        on, off, closing = found[1].replace("U", ""), (found[2] or "").replace("U", ""), found[3]
        opening = "(?" + on + ("-" + off if off else "") + ":"
        if closing == ":":
            self._enter(opening, len(found[0]))
        else:
            self.out.append(opening)
            self.wrappers[-1].append(opening)
            self.position += len(found[0])
        if "m" in on or "m" in off:
            self.multiline[-1] = "m" in on

    def _quantifier(self) -> None:
        """`{` that is no repetition stands for itself, `{,5}` too; a second quantifier is an error in Go."""
        found = _QUANTIFIER.match(self.pattern, self.position)
        if found is None:
            self.out.append(r"\{")
            self.position += 1
            return
        if repeat := _REPEAT.match(found[0]):
            low, high = int(repeat[1]), int(repeat[2] or repeat[1])
            if max(low, high) > _MAX_REPEAT or high < low:
                raise self._refuse(f"invalid repeat count {repeat[0]}")
        if _QUANTIFIER.match(self.pattern, found.end()):
            raise self._refuse("invalid nested repetition operator")
        self.out.append(found[0])
        self.position = found.end()

    def _escape(self, *, in_class: bool) -> str:
        rest = self.pattern[self.position + 1 :]
        if not rest:
            raise self._refuse("trailing backslash at end of expression")
        letter = rest[0]
        self.position += 2
        if letter in _PERL_CLASSES:
            return _PERL_CLASSES[letter] if in_class else f"[{_PERL_CLASSES[letter]}]"
        if letter in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[letter]
        if letter == "x":
            return self._hexadecimal(rest)
        if octal := re.match(r"0[0-7]{0,2}|[1-7][0-7]{1,2}", rest):
            self.position += len(octal[0]) - 1
            return re.escape(chr(int(octal[0], 8)))
        if not in_class and letter in "AbBz":
            return {"A": r"\A", "z": r"\Z"}.get(letter, rf"(?a:\{letter})")
        if not in_class and letter == "Q":
            literal, _, _ = rest[1:].partition(r"\E")
            self.position += len(literal) + (2 if rest[1:].startswith(literal + r"\E") else 0)
            return re.escape(literal)
        if letter.isascii() and letter.isalnum():
            raise self._refuse(f"invalid escape sequence \\{letter}")
        return re.escape(letter)

    def _hexadecimal(self, rest: str) -> str:
        found = re.match(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})", rest)
        code = int(found[1] or found[2], 16) if found else -1
        if found is None or code > 0x10FFFF:
            raise self._refuse("invalid escape sequence \\x")
        self.position += len(found[0]) - 1
        return re.escape(chr(code))

    def _character_class(self) -> str:
        self.position += 1
        out = "["
        if self.pattern.startswith("^", self.position):
            out += "^"
            self.position += 1
        first = True
        while True:
            if self.position >= len(self.pattern):
                raise self._refuse("missing closing ]")
            character = self.pattern[self.position]
            if character == "]" and not first:
                self.position += 1
                return out + "]"
            if posix := re.compile(r"\[:(\^?)(\w+):\]").match(self.pattern, self.position):
                if posix[2] not in _POSIX_CLASSES:
                    raise self._refuse(f"invalid character class range {posix[0]}")
                out += _POSIX_CLASSES[posix[2]][bool(posix[1])]
                self.position = posix.end()
            elif character == "\\":
                out += self._escape(in_class=True)
            else:
                # Python reserves [, &&, ||, ~~ and -- inside classes; only a range keeps its bare hyphen.
                out += character if character == "-" else re.escape(character)
                self.position += 1
            first = False

    def _refuse(self, reason: str) -> ValueError:
        return ValueError(f"{self.pattern!r} is not a regular expression: {reason}")
