"""What a study of alerting found wrong, each finding under an id that stays: `kind:subject`.

uncovered:crash@cache        nobody is paged
missed:web-crash             an expectation
never:ReplicationLagHigh     an alert that no fault makes fire
mutants:...                  a change of a rule that nothing distinguishes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from reports.quantities import write_ms
from studies.coverage.baseline import Acceptance
from studies.coverage.mutants import Operator
from studies.coverage.mutation import Fate
from studies.coverage.study import Coverage
from studies.coverage.verdicts import Judgement, Verdict, masked
from timeline.findings import Finding, Place, Severity
from topologies.loading.estate import LoadedEstate


class Kind(StrEnum):
    """Kinds of finding, as `--fail-on` names them."""

    MISSED = "missed"
    LATE = "late"
    WRONG_TEAM = "wrong-team"
    UNCOVERED = "uncovered"
    MASKED = "masked"
    NEVER = "never"
    TWINS = "twins"
    FALSE = "false"
    FAILING = "failing"
    UNOWNED = "unowned"
    MUTANTS = "mutants"
    NOT_ASSESSABLE = "not-assessable"
    UNTRIED = "untried"
    BASELINE = "baseline"


MEANINGS = {
    Kind.MISSED: "An expected alert is not notified at all",
    Kind.LATE: "An expected alert is notified after its time",
    Kind.WRONG_TEAM: "An expected alert is notified to another team than expected",
    Kind.UNCOVERED: "A fault pages nobody",
    Kind.MASKED: "An expectation that is met alone is not when another fault happens at once",
    Kind.NEVER: "No fault makes this alert fire",
    Kind.TWINS: "Alerts fire at the same faults, always together",
    Kind.FALSE: "An alert fires while nothing is wrong",
    Kind.FAILING: "A rule cannot be evaluated",
    Kind.UNOWNED: "A receiver is notified and reaches no team",
    Kind.MUTANTS: "A mistake in a rule that no fault would tell",
    Kind.NOT_ASSESSABLE: "A rule reads series that no telemetry profile provides",
    Kind.UNTRIED: "A fault could not be tried",
    Kind.BASELINE: "An entry of the baseline is expired or accepts nothing",
}
_VERDICTS = {Verdict.MISSED: Kind.MISSED, Verdict.LATE: Kind.LATE, Verdict.WRONG_TEAM: Kind.WRONG_TEAM}
_HINTS = {
    Operator.THRESHOLD: "no fault is mild enough to lie between the two; expect one with parameters near the threshold",
    Operator.RANGE: "nothing that is tried is short or slow enough to tell the two ranges apart",
    Operator.FOR: "it only moves the alert within one class of time (bounds 1, 2, 5, 10, 15, 30 and 60 min)",
    Operator.FLIPPED: "both directions give the same alerts: the condition is not what makes this rule fire",
    Operator.BOUNDARY: "no series stands exactly on the bound; harmless for measured values",
    Operator.MATCHER: "only series that it matches are there, or the others look the same; is it needed?",
    Operator.SET_OPERATOR: "the side that was left out changes nothing in any fault",
}


@dataclass(frozen=True, slots=True)
class CoverageFinding:
    """A finding with its stable id, and why it is accepted, if it is."""

    kind: Kind
    subject: str
    finding: Finding
    accepted: str | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.subject}"


class Places:
    """Where in the estate's files the subjects of findings stand."""

    def __init__(self, loaded: LoadedEstate) -> None:
        self._loaded = loaded

    def expectation(self, id: str) -> Place:
        assert self._loaded.expectations_document is not None
        return self._loaded.expectations_document.place(["expectations", id], key=True)

    def target(self, id: str) -> Place:
        section = "components" if id in self._loaded.topology.components else "sites"
        return self._loaded.topology_document.place([section, id], key=True)

    def monitoring(self) -> Place:
        return self._loaded.topology_document.place(["monitoring"], key=True)

    def receiver(self, name: str) -> Place:
        document = self._loaded.alertmanager
        if document is None:
            return self.monitoring()
        data = document.data if isinstance(document.data, dict) else {}
        names = [r.get("name") for r in data.get("receivers") or [] if isinstance(r, dict)]
        return document.place(["receivers", names.index(name), "name"] if name in names else ["route"])


def findings_of(coverage: Coverage, places: Places, acceptance: Acceptance | None = None) -> list[CoverageFinding]:
    """Everything that is wrong, by kind, then by subject; what the baseline accepts says so."""
    found = [
        *_expectations(coverage, places),
        *_uncovered(coverage, places),
        *_alerts(coverage, places),
        *_failures(coverage, places),
        *_receivers(coverage, places),
        *_mutants(coverage, places),
        *_limits(coverage, places),
    ]
    if acceptance is not None:
        found = [_held(one, acceptance) for one in found]
        found += _of_baseline(found, acceptance, examined=_examined(coverage))
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.subject))


def failing(found: Iterable[CoverageFinding], kinds: Iterable[Kind]) -> list[CoverageFinding]:
    """Findings of these kinds that nobody has accepted."""
    wanted = set(kinds)
    return [one for one in found if one.kind in wanted and one.accepted is None]


def _made(kind: Kind, subject: str, severity: Severity, place: Place, message: str, hint: str = "") -> CoverageFinding:
    return CoverageFinding(kind, subject, Finding(f"coverage.{kind}", severity, place, message, hint))


def _expectations(coverage: Coverage, places: Places) -> Iterator[CoverageFinding]:
    for one in coverage.judgements:
        if one.verdict in _VERDICTS:
            message = f"{one.expectation}: {one.case} {_shortfall(coverage, one)}"
            place = places.expectation(one.expectation)
            yield _made(
                _VERDICTS[one.verdict], one.expectation, Severity.ERROR, place, message, _instead(coverage, one)
            )
    alone = {one.expectation: one for one in coverage.judgements}
    for one in coverage.pair_judgements:
        if masked(alone, one):
            message = f"{one.expectation}: met alone, but in {one.case} it {_shortfall(coverage, one)}"
            subject = f"{one.expectation}/{one.case}"
            yield _made(Kind.MASKED, subject, Severity.WARNING, places.expectation(one.expectation), message)


def _shortfall(coverage: Coverage, one: Judgement) -> str:
    expected = coverage.subject.expectations[one.expectation]
    names = " or ".join(expected.alerts)
    some = f" in {one.draws - one.met_in} of {one.draws} draws" if one.met_in else ""
    within = write_ms(expected.within)
    match one.verdict:
        case Verdict.LATE:
            assert one.told is not None
            return f"is told {_span(one.told.low_ms, one.told.high_ms)} after the fault, expected within {within}{some}"
        case Verdict.WRONG_TEAM:
            return f"reaches {', '.join(one.teams) or 'nobody'} instead of {expected.team}{some}"
    return f"makes {names} {'fire but notifies nobody' if one.alerts else 'not fire'}{some}"


def _instead(coverage: Coverage, one: Judgement) -> str:
    row = next(row for row in coverage.rows if row.case.id == one.case)
    others = [cell.alert for cell in row.cells if cell.alert not in one.alerts]
    return f"what fires instead: {', '.join(others)}" if others else ""


def _span(low_ms: int, high_ms: int) -> str:
    low, high = write_ms(low_ms), write_ms(high_ms)
    return low if low == high else f"{low} to {high}"


def _uncovered(coverage: Coverage, places: Places) -> Iterator[CoverageFinding]:
    for row in coverage.rows:
        told = {receiver for cell in row.cells for receiver in cell.told}
        if any(coverage.addressees.of(receiver).pages for receiver in told):
            continue
        hurts = f" and disrupts {', '.join(row.disrupted)}" if row.disrupted else ""
        if told:
            what = f"is told to {', '.join(sorted(told))} only, which pages nobody"
        elif row.cells:
            what = f"makes {', '.join(cell.alert for cell in row.cells)} fire, of which nobody is told"
        else:
            what = "makes no alert fire"
        severity = Severity.ERROR if row.disrupted else Severity.WARNING
        place = places.target(row.case.faults[0].target)
        yield _made(Kind.UNCOVERED, row.case.id, severity, place, f"{row.case.id} {what}{hurts}")


def _alerts(coverage: Coverage, places: Places) -> Iterator[CoverageFinding]:
    fired_by: dict[str, list[str]] = {alert.id: [] for alert in coverage.inventory.alerts}
    for row in coverage.rows:
        for cell in row.cells:
            fired_by[cell.alert].append(row.case.id)
    place_of = {alert.id: alert.place or places.monitoring() for alert in coverage.inventory.alerts}
    together: dict[tuple[str, ...], list[str]] = {}
    for alert in coverage.inventory.alerts:
        cases = fired_by[alert.id]
        if cases:
            together.setdefault(tuple(cases), []).append(alert.id)
        elif not alert.heartbeat:
            message = f"none of the {len(coverage.rows)} faults makes {alert.id} fire"
            yield _made(Kind.NEVER, alert.id, Severity.WARNING, place_of[alert.id], message)
    for common, ids in together.items():
        if len(ids) > 1:
            message = f"{' and '.join(ids)} fire at the same {len(common)} faults and at no other"
            hint = "one of them may be enough, or could inhibit the other"
            yield _made(Kind.TWINS, "+".join(ids), Severity.INFO, place_of[ids[0]], message, hint)
    for false in coverage.quiet.false_alerts:
        often = "once" if false.times == 1 else f"{false.times} times"
        message = f"{false.alert} fires {often} in {write_ms(coverage.question.quiet_ms)} in which nothing is wrong"
        hint = f"first {write_ms(false.first_ms)} after {coverage.question.epoch:%A %H:%M}"
        yield _made(Kind.FALSE, false.alert, Severity.WARNING, place_of[false.alert], message, hint)


def _failures(coverage: Coverage, places: Places) -> Iterator[CoverageFinding]:
    place_of = {(g.name, rule.name): rule.place for g in coverage.inventory.groups for rule in g.rules}
    for failure in coverage.quiet.failures:
        place = place_of[failure.rule.group, failure.rule.name] or places.monitoring()
        message = f"{failure.rule.name} cannot be evaluated: {failure.reason}"
        subject = f"{failure.rule.group}/{failure.rule.name}"
        yield _made(Kind.FAILING, subject, Severity.ERROR, place, message, "an evaluation that fails raises no alert")


def _receivers(coverage: Coverage, places: Places) -> Iterator[CoverageFinding]:
    told: dict[str, set[str]] = {}
    for row in coverage.rows:
        for cell in row.cells:
            for receiver in cell.told:
                told.setdefault(receiver, set()).add(cell.alert)
    for receiver, alerts in sorted(told.items()):
        reached = coverage.addressees.of(receiver)
        if not reached.teams and not reached.pages:
            message = f"{receiver} is notified of {', '.join(sorted(alerts))} and reaches no team"
            hint = f"map it in organisation.yaml: `receivers: {{{receiver}: <policy>}}`, or list it at a team"
            yield _made(Kind.UNOWNED, receiver, Severity.WARNING, places.receiver(receiver), message, hint)


def _mutants(coverage: Coverage, places: Places) -> Iterator[CoverageFinding]:
    silent = {alert.name for alert in coverage.inventory.alerts} - {
        cell.alert for row in coverage.rows for cell in row.cells
    }
    for fate in coverage.fates or ():
        if fate.killed_by is None:
            yield _survivor(fate, places, silent=fate.mutant.rule in silent)


def _survivor(fate: Fate, places: Places, *, silent: bool) -> CoverageFinding:
    mutant = fate.mutant
    severity = Severity.INFO if mutant.mutation.operator is Operator.BOUNDARY else Severity.WARNING
    hint = "no fault makes the rule fire at all" if silent else _HINTS[mutant.mutation.operator]
    message = f"{mutant.rule}: nothing would be different with {mutant.mutation}"
    return _made(Kind.MUTANTS, mutant.id, severity, mutant.place or places.monitoring(), message, hint)


def _limits(coverage: Coverage, places: Places) -> Iterator[CoverageFinding]:
    for rule in coverage.inventory.set_aside:
        message = f"{rule.rule} reads {', '.join(rule.selectors)}, which no telemetry profile of the estate provides"
        hint = "add the profile to the components' `telemetry`, or check the labels"
        yield _made(Kind.NOT_ASSESSABLE, rule.rule, Severity.INFO, rule.place or places.monitoring(), message, hint)
    for one in coverage.untried:
        target = one.id.partition("@")[2].partition("#")[0]
        message = f"{one.id} was not tried: {one.reason}"
        yield _made(Kind.UNTRIED, one.id, Severity.INFO, places.target(target), message)


def _examined(coverage: Coverage) -> set[str]:
    skipped = set()
    if coverage.fates is None:
        skipped.add(Kind.MUTANTS)
    if not coverage.question.pairs:
        skipped.add(Kind.MASKED)
    return {str(kind) for kind in Kind if kind not in skipped}


def _held(one: CoverageFinding, acceptance: Acceptance) -> CoverageFinding:
    accepted = acceptance.of(one.id)
    return one if accepted is None else CoverageFinding(one.kind, one.subject, one.finding, accepted.reason)


def _of_baseline(
    found: list[CoverageFinding], acceptance: Acceptance, *, examined: set[str]
) -> Iterator[CoverageFinding]:
    ids = {one.id for one in found}
    known_kinds = {str(kind) for kind in Kind}
    for id, accepted in acceptance.expired():
        message = f"the acceptance of {id!r} expired on {accepted.expires}: {accepted.reason}"
        yield _made(Kind.BASELINE, f"expired/{id}", Severity.WARNING, acceptance.place(id), message)
    odd = {id.partition(":")[0] for id in acceptance.baseline.accepted} - known_kinds
    for id, near in acceptance.unknown(ids, examined | odd):
        message = f"{id!r} is accepted, but there is no such finding"
        hint = near or "it is mended, then take the line out; or it is mistyped"
        yield _made(Kind.BASELINE, f"unknown/{id}", Severity.WARNING, acceptance.place(id), message, hint)
