"""The triage desk: from what is said of a failure to its mode, who owns it, and which runbook helps.

It puts three things around the classifier: the *tickets* of the past, which are its labelled texts; the *owners* of
components by the documentation; and the *runbooks* of modes.  The components of the tickets that speak for an answer
are what it *suspects*; the owner of the first suspect, or else of what the signs point at, is the owner.

A mode that is only a symptom ("not available") sorts nothing, and every alert tells of one: rules for symptoms are left
out.  The bot of a simulated exercise and whoever asks in a drill are answered by the same desk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scenarios.history.classification import Classifier
from scenarios.history.failure_modes import Kind, Taxonomy
from scenarios.triage.classifier import Answer, Labelled, Settings, Texts, TriageClassifier
from topologies.triage import Ticket

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Advice:
    """What the desk says; `mode` is None where it abstains."""

    answer: Answer
    mode: str | None
    suspects: tuple[str, ...] = ()
    """Components, the likeliest first."""
    owner: str | None = None
    """Team."""
    runbook: str | None = None


def alert_text(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    """What an alert says, in words: its name taken apart, and its summary and description."""
    name = _HUMP.sub(" ", labels.get("alertname", ""))
    said = (annotations.get(key, "") for key in ("summary", "description"))
    return " ".join(part for part in (name, *said) if part)


class TriageDesk:
    """Answers for one estate."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        tickets: Mapping[str, Ticket],
        owners: Mapping[str, str],
        runbooks: Mapping[str, str],
        threshold: float,
    ) -> None:
        self._tickets = tickets
        self._owners = owners
        self._runbooks = runbooks
        known = [Labelled(id, {"title": t.title, "cause": t.text}, t.mode) for id, t in tickets.items()]
        self._classifier = TriageClassifier(Classifier(_causes_of(taxonomy)), known, Settings(threshold=threshold))

    def advise(self, texts: Texts, nodes: Sequence[str] = ()) -> Advice:
        """The advice for a failure that shows at these nodes of the documented graph."""
        answer = self._classifier.classify(texts)
        if not answer.is_known:
            return Advice(answer, None)
        alike = [self._tickets[near.id] for near in answer.neighbours]
        suspects = _distinct(ticket.component for ticket in alike)
        owner = next((self._owners[node] for node in (*suspects, *nodes) if node in self._owners), None)
        runbook = next((t.runbook for t in alike if t.runbook is not None), self._runbooks.get(answer.mode))
        return Advice(answer, answer.mode, suspects, owner, runbook)


def _causes_of(taxonomy: Taxonomy) -> Taxonomy:
    modes = {id: mode for id, mode in taxonomy.modes.items() if mode.kind is Kind.CAUSE}
    rules = {id: rule for id, rule in taxonomy.rules.items() if rule.mode in modes}
    return taxonomy.model_copy(update={"modes": modes, "rules": rules})


def _distinct(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))
