"""Which failure mode an incident has, and the rule that says so.

Pure: texts in, a class out, so that the same classifier serves an imported history and a bot that sorts new incidents.
All rules that match add their weights to their modes; the heaviest mode is the class, and the heaviest of its rules is
the one that is named.  Where two modes weigh the same, the one that the text names first is the class ("errors and
delays" are errors), then the earlier one in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.history.failure_modes import UNCLASSIFIED, Rule, Taxonomy


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of an incident: its mode, the rule that was decisive, the words that it found, and all weights."""

    mode: str
    rule: str | None = None
    found: str | None = None
    weights: Mapping[str, float] | None = None

    @property
    def is_known(self) -> bool:
        return self.mode != UNCLASSIFIED


@dataclass(frozen=True, slots=True)
class _Found:
    """What a rule found: the words, and where they begin (number of the field, place in it)."""

    weight: float
    rule: str
    words: str
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Matcher:
    id: str
    rule: Rule
    wanted: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None

    def found(self, texts: Mapping[str, str]) -> _Found | None:
        """What of the texts speaks for the mode; None where nothing does."""
        for number, field in enumerate(self.rule.fields):
            text = texts.get(field)
            if not text or (self.unless is not None and self.unless.search(text)):
                continue
            match = next((match for pattern in self.wanted if (match := pattern.search(text))), None)
            if match is not None:
                return _Found(self.rule.weight, self.id, match.group(), (number, match.start()))
        return None


class Classifier:
    """Classifies texts by the rules of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._order = {mode: number for number, mode in enumerate(taxonomy.modes)}
        self._matchers = [
            _Matcher(id, rule, tuple(_wanted(rule)), _any_of(rule.unless)) for id, rule in taxonomy.rules.items()
        ]

    def classify(self, texts: Mapping[str, str | None]) -> Classification:
        """The class of an incident by its `title`, `cause`, `service` and `component`, as far as they are known."""
        known = {field: text for field, text in texts.items() if text}
        found: dict[str, list[_Found]] = {}
        for matcher in self._matchers:
            if (match := matcher.found(known)) is not None:
                found.setdefault(matcher.rule.mode, []).append(match)
        if not found:
            return Classification(UNCLASSIFIED)
        weights = {mode: sum(match.weight for match in matches) for mode, matches in found.items()}
        mode = min(found, key=lambda m: (-weights[m], min(match.at for match in found[m]), self._order[m]))
        decisive = max(found[mode], key=lambda match: match.weight)
        return Classification(mode, decisive.rule, decisive.words, weights)


def _wanted(rule: Rule) -> list[re.Pattern[str]]:
    patterns = [_any_of(rule.words), None if rule.pattern is None else re.compile(rule.pattern, re.IGNORECASE)]
    return [pattern for pattern in patterns if pattern is not None]


def _any_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern for words and phrases, which must not begin or end within a word."""
    if not words:
        return None
    escaped = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(escaped)})(?!\w)", re.IGNORECASE)
