"""Which failure mode an incident has, and the rule that says so.

Pure: texts in, a class out, so that the same classifier serves an imported history and a bot that sorts new incidents.
All rules that match add their weights to their modes; the heaviest mode is the class (the earlier one in the file where
two weigh the same), and the heaviest of its rules is the one that is named.
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
class _Matcher:
    id: str
    rule: Rule
    wanted: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None

    def found(self, texts: Mapping[str, str]) -> str | None:
        """What of the texts speaks for the mode; None where nothing does."""
        for field in self.rule.fields:
            text = texts.get(field)
            if not text or (self.unless is not None and self.unless.search(text)):
                continue
            match = next((match for pattern in self.wanted if (match := pattern.search(text))), None)
            if match is not None:
                return match.group()
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
        weights: dict[str, float] = {}
        decisive: dict[str, tuple[float, str, str]] = {}
        for matcher in self._matchers:
            found = matcher.found(known)
            if found is None:
                continue
            mode, weight = matcher.rule.mode, matcher.rule.weight
            weights[mode] = weights.get(mode, 0.0) + weight
            if mode not in decisive or weight > decisive[mode][0]:
                decisive[mode] = (weight, matcher.id, found)
        if not weights:
            return Classification(UNCLASSIFIED)
        mode = min(weights, key=lambda name: (-weights[name], self._order[name]))
        _, rule, found = decisive[mode]
        return Classification(mode, rule, found, weights)


def _wanted(rule: Rule) -> list[re.Pattern[str]]:
    patterns = [_any_of(rule.words), None if rule.pattern is None else re.compile(rule.pattern, re.IGNORECASE)]
    return [pattern for pattern in patterns if pattern is not None]


def _any_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern for words and phrases, which must not begin or end within a word."""
    if not words:
        return None
    escaped = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(escaped)})(?!\w)", re.IGNORECASE)
