"""What a regime would call the incident, by the truth; and when people find out that data was lost.

The observer reads the truth off the timeline as it is written and puts `impact.classified` on it whenever the verdict
changes: what met and unmet criteria say now, whoever knows it.  A criterion may be met by the passing of time alone, so
it looks again every minute while a function is hurt.

Lost data is not seen on a dashboard: a *reconciliation* finds it, after the time that the function states.
`loss.found` is what people are told then.

It exists only where an obligation applies: elsewhere a run keeps its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.kernel import Kernel
from timeline.details import ClassificationDetail, DataLossDetail, FaultDetail, FunctionDetail, HealthDetail
from timeline.events import TRUTH, Event
from timeline.instants import MINUTE
from timeline.references import ESTATE, Reference, RefKind
from topologies.classification import (
    Course,
    Setting,
    Spells,
    classify,
    facts_of,
    personal_data_affected,
)
from topologies.obligations import Obligation

_LOOK_AGAIN_MS = MINUTE
_STATES = {"function.disrupted": "down", "function.degraded": "degraded", "function.restored": "up"}
_DESK = Reference(RefKind.SYSTEM, "reconciliation")


class ImpactObserver:
    """Classifies the truth for every obligation that classifies by impact.

    `settings` holds, by obligation, what its facts are taken against.
    """

    def __init__(
        self,
        kernel: Kernel,
        obligations: Mapping[str, Obligation],
        settings: Mapping[str, Setting],
        on_found: Callable[[Event], None],
    ) -> None:
        self._kernel = kernel
        self._obligations = {id: o for id, o in obligations.items() if o.owed_when != "severity"}
        self._settings = settings
        self._on_found = on_found
        self._spells = Spells()
        self._lost: dict[str, int] = {}
        self._complaints = 0
        self._malicious = False
        self._said: dict[str, tuple[bool | None, tuple[str, ...]]] = {}
        self._last = 0
        self._looks_again = False

    def start(self) -> None:
        self._kernel.timeline.listen(self._note)

    def _note(self, event: Event) -> None:
        if event.family not in TRUTH and event.kind != "report.received":
            return
        detail = event.detail
        if isinstance(detail, FunctionDetail):
            self._spells.change(event.subject.id, _STATES[event.kind], 1 - detail.level_ratio, event.at_ms)
        elif isinstance(detail, HealthDetail) and event.subject.kind is RefKind.FUNCTION:
            self._spells.worsen(event.subject.id, 1 - detail.level_ratio)
            return
        elif isinstance(detail, DataLossDetail):
            id = event.subject.id
            self._lost[id] = max(self._lost.get(id, 0), detail.lost_ms)
            self._reconcile(event, detail)
        elif isinstance(detail, FaultDetail):
            self._malicious = self._malicious or detail.malicious
        elif event.kind == "report.received":
            self._complaints += getattr(detail, "count", 0)
        else:
            return
        self._last = event.seq
        # Not at once: whoever writes this event is still telling its other listeners.
        self._kernel.call_at(self._kernel.now(), self._look)

    def _look(self) -> None:
        now = self._kernel.now()
        over_ms = self._spells.ended_ms
        course = Course(self._spells.begun_ms, over_ms, self._spells.all, self._lost, self._complaints, self._malicious)
        for id, obligation in self._obligations.items():
            detail = self._verdict(id, obligation, course, now)
            said = (detail.applies, detail.met)
            if self._said.get(id, (False, ())) != said:
                self._said[id] = said
                subject = Reference(RefKind.OBLIGATION, id)
                self._kernel.emit("impact.classified", subject, ESTATE, detail, [self._last])
        if not self._spells.are_over and not self._looks_again:
            self._looks_again = True
            self._kernel.call_at(now + _LOOK_AGAIN_MS, self._look_again)

    def _look_again(self) -> None:
        self._looks_again = False
        self._look()

    def _verdict(self, id: str, obligation: Obligation, course: Course, now: int) -> ClassificationDetail:
        setting = self._settings[id]
        if obligation.owed_when == "personal-data":
            affected = personal_data_affected(course, setting.functions)
            return ClassificationDetail(id, affected, ("personal-data",) if affected else ())
        found = classify(facts_of(course, setting, now))
        return ClassificationDetail(id, found.major, found.met, found.unknown)

    def _reconcile(self, lost: Event, detail: DataLossDetail) -> None:
        function = next(iter(self._settings.values())).functions[lost.subject.id]
        if function.serves is None or function.serves.reconciliation is None:
            return
        subject = lost.subject
        takes = self._kernel.streams.draw(
            function.serves.reconciliation, f"function/{subject.id}", "reconciles", f"{detail.component}/{lost.at_ms}"
        )

        def found() -> None:
            path = f"estate.functions.{subject.id}.serves.reconciliation"
            event = self._kernel.emit("loss.found", subject, _DESK, detail, [lost.seq], rests_on=(path,))
            self._on_found(event)

        self._kernel.call_at(self._kernel.now() + takes, found)
