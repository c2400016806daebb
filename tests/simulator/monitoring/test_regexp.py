"""Go's regular expressions: what differs from Python's, case by case, and what Go refuses."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.monitoring.regexp import compile_anchored

CASES = [
    # pattern, value, whether the whole value matches in Go
    ("a|ab", "ab", True),
    ("a", "a\n", False),
    ("a$", "a\n", False),
    ("(?m)a$\nb", "a\nb", True),
    (".", "\n", False),
    ("(?s).", "\n", True),
    ("a(?i)b|c", "aB", True),
    ("a(?i)b|c", "C", True),
    ("a(?i)b|c", "Ab", False),
    ("(a(?i)b)c", "aBc", True),
    ("(a(?i)b)c", "aBC", False),
    ("(?i)é", "É", True),
    (r"\d+", "12", True),
    (r"\d+", "١٢", False),
    (r"\w", "é", False),
    (r"[\d\s]+", "1 2", True),
    (r"[^\W]+", "ab_1", True),
    (r"\Qa.b\E+", "a.bb", True),
    (r"\Qa.b", "axb", False),
    (r"\x{1F600}", "\U0001f600", True),
    (r"\x41\z", "A", True),
    ("[[:alpha:]]+", "abc", True),
    ("[[:^alpha:]]+", "abc", False),
    ("[[:digit:]x]+", "1x2", True),
    ("[]a]+", "]a", True),
    ("[a&&b]", "&", True),
    ("[[]", "[", True),
    ("a{,2}", "a{,2}", True),
    ("a{2}", "aa", True),
    ("(?P<name>a)b", "ab", True),
    ("(?U)a+", "aaa", True),
]
REFUSED = [
    "(?=a)",
    "(?<!a)b",
    r"(a)\1",
    "a**",
    "(",
    ")",
    "a{1001}",
    "a{2,1}",
    r"\y",
    "[a",
    "[[:nope:]]",
    "a++",
    "\\",
    "(?>a)",
]


@pytest.mark.parametrize(("pattern", "value", "matches"), CASES)
def test_matches_as_in_go(pattern: str, value: str, matches: bool) -> None:
    assert (compile_anchored(pattern).fullmatch(value) is not None) is matches


@pytest.mark.parametrize("pattern", REFUSED)
def test_what_go_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        compile_anchored(pattern)


@given(st.text(alphabet=r"ab|()[]{}?*+^$.\-:iPmsU<>=!&,12dwQEx", max_size=14))
def test_nothing_but_a_value_error_comes_out(pattern: str) -> None:
    with suppress(ValueError):
        compile_anchored(pattern)
