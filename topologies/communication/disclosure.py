r"""The disclosure policy: what a text for the outside must not say, as data, and the check of a text against it.

A *rule* matches words of a text: by a regular expression, by words, or by names out of the estate and the organisation.

    screen = Screen(SHIPPED_RULES, {"components": ["core-db-1"]}, public=["Payments"])
    screen.findings("core-db-1 runs 10.2, see CVE-2026-1234")
    -> host-names: core-db-1; vulnerabilities: CVE-2026-1234

Names that are said in public anyway, like the title of a business function, are no disclosure: `public` lists texts
whose words may be used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from topologies.fields import Duration, Id, Model, Ratio, RegularExpression

NamesOf = Literal["components", "sites", "people", "vendors"]


class DisclosureRule(Model):
    """Something that no text for the outside says."""

    title: str
    pattern: RegularExpression | None = None
    """Matched whatever the case of its letters."""
    words: tuple[str, ...] = ()
    """Whole words, or beginnings of words where they end in `*`."""
    names: tuple[NamesOf, ...] = ()
    """Ids of these."""

    @model_validator(mode="after")
    def _matches_something(self) -> DisclosureRule:
        if self.pattern is None and not self.words and not self.names:
            raise ValueError("a rule has a pattern, words or names")
        return self


SHIPPED_RULES: Mapping[str, DisclosureRule] = {
    "host-names": DisclosureRule(title="Names of systems and places", names=("components", "sites")),
    "people": DisclosureRule(title="Names of people", names=("people",)),
    "suppliers": DisclosureRule(title="Names of suppliers", names=("vendors",)),
    "addresses": DisclosureRule(
        title="Addresses of machines",
        pattern=r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"
        r"|\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b",
    ),
    "versions": DisclosureRule(
        title="Versions of software",
        pattern=r"(?<![\w.])v?\d+\.\d+\.\d+(?![\w.]*\.\d)\b|\bv\d+\.\d+\b|\bversion \d[\w.]*",
    ),
    "vulnerabilities": DisclosureRule(
        title="Weaknesses",
        pattern=r"\bCVE-\d{4}-\d{4,}\b",
        words=("vulnerab*", "exploit*", "unpatched", "zero-day", "ransom*", "malware", "backdoor", "password*"),
    ),
    "personal-data": DisclosureRule(
        title="Data of persons",
        pattern=r"\b[\w.+-]+@[\w-]+\.[\w.]+\b"  # mail address
        r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"  # IBAN (ISO 13616)
        r"|\b(?:\d[ -]?){15,18}\d\b"  # card number (ISO/IEC 7812)
        r"|(?<!\w)\+\d{1,3}[ \d/-]{7,}\d\b",  # telephone number (E.164)
    ),
}
"""What hardly any organisation wants to read about itself in public."""


class DisclosureCheck(Model):
    """Somebody, or a tool, reads a text for the outside before it is posted; what is found is taken out."""

    takes: Duration
    rewriting: Duration
    """Of a text in which something was found."""
    catches: Ratio = 1.0
    """Chance that a text with something in it is noticed."""


class Disclosure(Model):
    """The policy, and whether it is checked."""

    rules: dict[Id, DisclosureRule] = Field(default_factory=dict)
    """Beside the shipped ones, or in their place where they have the same name."""
    check: DisclosureCheck | None = None
    """Left out: what the policy forbids is found once it has been posted."""

    @property
    def all_rules(self) -> dict[str, DisclosureRule]:
        return {**SHIPPED_RULES, **self.rules}


@dataclass(frozen=True, slots=True)
class Match:
    """Something that a rule found: its id, and the words."""

    rule: str
    words: str


class Screen:
    """A policy made ready for one estate and organisation.

    `names` are the ids that rules may ask for; `public` texts whose words are known outside.
    """

    def __init__(
        self, rules: Mapping[str, DisclosureRule], names: Mapping[str, Iterable[str]], public: Iterable[str] = ()
    ) -> None:
        said = {word for text in public for word in re.findall(r"[\w-]+", text.casefold())}
        self._expressions = {
            id: re.compile("|".join(parts), re.IGNORECASE)
            for id, rule in rules.items()
            if (parts := list(_alternatives(rule, names, said)))
        }

    def findings(self, text: str) -> list[Match]:
        """What a text must not say, in the order of the rules; each thing once."""
        found = (
            Match(id, match.group(0))
            for id, expression in self._expressions.items()
            for match in expression.finditer(text)
        )
        return list(dict.fromkeys(found))


def _alternatives(rule: DisclosureRule, names: Mapping[str, Iterable[str]], said: set[str]) -> Iterator[str]:
    if rule.pattern is not None:
        yield f"(?:{rule.pattern})"
    for word in rule.words:
        yield rf"\b{re.escape(word.removesuffix('*'))}" + (r"\w*" if word.endswith("*") else r"\b")
    for kind in rule.names:
        for name in sorted(names.get(kind, ()), key=len, reverse=True):
            if name.casefold() not in said:
                yield rf"(?<![\w-]){re.escape(name)}(?![\w-])"
