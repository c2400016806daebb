"""What people know from earlier exercises: steps of a playbook, and where the cause was the last times.

Whoever leads an incident runs its playbook, and thinks of the steps that he knows.  A step is known with the chance
that the organisation states; each exercise of the same playbook was another chance to learn it, and what was learned
stays: the draw belongs to the person and the step.  Whoever has met a cause before looks there sooner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from scenarios.experience import NOBODY_EXERCISED, PastExercises
from simulator.randomness import Streams
from simulator.response.case import Case
from topologies.practised import Practised

_COMMANDER = "incident-manager"


class Experience:
    """Everybody's experience."""

    def __init__(self, streams: Streams, practised: Practised, past: PastExercises = NOBODY_EXERCISED) -> None:
        self._streams = streams
        self._known = practised.steps_known
        self._past = past

    def knows_step(self, case: Case, playbook: str, step: str) -> bool:
        """Whether whoever leads the incident knows a step of a playbook."""
        who = case.roles.get(_COMMANDER, case.responder)
        if self._known >= 1 or who is None:
            return True
        past = self._past.people.get(who)
        times = past.playbooks.get(playbook, 0) if past is not None else 0
        known = 1 - (1 - self._known) ** (1 + times)
        return self._streams.chance(known, f"person/{who}", "knows-step", f"{playbook}/{step}")

    def suspects(self, people: Iterable[str]) -> list[str]:
        """Components in which these people have met a cause, the most frequent first."""
        met: Counter[str] = Counter()
        for who in people:
            if (past := self._past.people.get(who)) is not None:
                met.update(past.causes)
        return sorted(met, key=lambda id: (-met[id], id))
