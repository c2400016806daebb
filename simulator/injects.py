"""The controller's hand: delivers the items of the MSEL when they are due and their condition holds.

An inject without a condition is delivered at its time.  One with a condition is held back from its time on until the
condition holds, judged on the whole timeline as the exercise's controllers see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scenarios.models import Inject
from simulator.kernel import Kernel
from timeline.details import HealthDetail, MessageDetail
from timeline.events import Event
from timeline.journal import Timeline
from timeline.references import SCENARIO, Reference, RefKind


class InjectDesk:
    """Holds the injects of a scenario and delivers them."""

    def __init__(
        self, kernel: Kernel, injects: Mapping[str, Inject], deliver: Callable[[Event, str], None], started: int
    ) -> None:
        self._kernel = kernel
        self._injects = injects
        self._deliver = deliver
        self._started = started
        self._held: list[str] = []
        self._view = WholeTimeline(kernel.timeline)

    def start(self) -> None:
        for id, inject in self._injects.items():
            self._kernel.call_at(inject.at, lambda id=id: self._due(id))  # type: ignore[misc]
        if any(inject.when is not None for inject in self._injects.values()):
            self._kernel.timeline.listen(self._something_happened)

    def _due(self, id: str) -> None:
        self._held.append(id)
        self._try()

    def _something_happened(self, _: Event) -> None:
        if self._held:
            self._kernel.call_at(self._kernel.now(), self._try)

    def _try(self) -> None:
        now = self._kernel.now()
        for id in list(self._held):
            inject = self._injects[id]
            if inject.when is not None and not inject.when.holds(self._view, now):
                for moment in inject.when.due_ms(self._view):
                    if moment > now:
                        self._kernel.call_at(moment, self._try)
                continue
            self._held.remove(id)
            message = MessageDetail(channel=inject.channel, sender=inject.sender, audience=inject.to, text=inject.text)
            subject = Reference(RefKind.INJECT, id)
            event = self._kernel.emit("inject.delivered", subject, SCENARIO, message, [self._started])
            self._deliver(event, inject.to)


@dataclass(frozen=True, slots=True)
class WholeTimeline:
    """The view of whoever controls the exercise: everything that happened, known by anybody or not."""

    timeline: Timeline

    def events_seen(self) -> Iterable[Event]:
        return self.timeline

    def known_state(self, subject: Reference) -> str | None:
        for event in reversed(self.timeline):
            if event.subject == subject and isinstance(event.detail, HealthDetail):
                return event.detail.state
        return None
