"""The cause-and-effect chart of an incident, seeded from the causes on its timeline.

An effect has two kinds of cause: what *happened* (something went down, somebody did something) and the *condition* that
let it: what stands on what, without a way around.  Beside the question why it happened stands another: why it lasted.
Its causes are what the time was spent on, along the critical path to the restoration.

The chart is after the cause-and-effect charts of Apollo root cause analysis (Gano): each box has evidence, each chain
ends at something that can be dealt with.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.critical_path import Spent, time_spent
from reports.index import FunctionSpan, TimelineIndex
from reports.quantities import write_ms
from reports.review.factors import FACTORS
from reports.review.model import Chart, Factor, Link, Node, NodeKind, Why
from timeline.causes import ask_why, direct_causes
from timeline.details import CommandDetail, DecisionDetail, FaultDetail, HealthDetail
from timeline.events import Event

MOST_EFFECTS = 6
"""A chart with more effects than these cannot be read; the longest are drawn."""
_FIVE = 5
_WORTH_RATIO = 0.05
"""What took less of the time than this explains nothing."""


def chart_of(index: TimelineIndex, spans: Sequence[FunctionSpan], factors: Sequence[Factor]) -> Chart:
    """The chart of what functions suffered, the longest first.  Why it lasted is asked of that one."""
    drawing = _Drawing(index)
    for span in spans[:MOST_EFFECTS]:
        drawing.explain(drawing.effect(span), span.begun)
    for span in spans[:1]:
        drawing.explain_length(drawing.effect(span), span, factors)
    return Chart(
        nodes=tuple(drawing.nodes.values()),
        links=tuple(Link(effect=effect, cause=cause) for effect, cause in drawing.links),
        left_out=max(len(spans) - MOST_EFFECTS, 0),
    )


def chain_of(index: TimelineIndex, span: FunctionSpan, factors: Sequence[Factor]) -> list[Why]:
    """Five whys: one chain, at each step along the cause that came last; as far as there are questions left, why it
    lasted, what most of the time was spent on, and what slowed that down."""
    whys: list[Why] = []
    about, words = span.begun, effect_in_words(index, span)
    while len(whys) < _FIVE and (answers := ask_why(index.events, about)):
        cause = answers[-1]
        answer = in_words(cause)
        evidence = (about.seq, cause.seq)
        whys.append(Why(question=f"Why: {words}?", answer=answer, evidence=evidence, is_cause=True))
        about, words = cause, answer
    spent = time_in(index, span)
    if spent:
        most = spent[0]
        lasted = write_ms(span.elapsed_ms(index.until_ms))
        answer = f"{write_ms(most.ms)} of it: {most.on}"
        whys.append(Why(question=f"Why did it last {lasted}?", answer=answer, evidence=most.evidence))
        whys += [
            Why(question=f"Why: {most.on}?", answer=factor.text, evidence=factor.evidence)
            for factor in slowing(most.on, factors)[:1]
        ]
    return whys[:_FIVE]


def chart_of_chain(index: TimelineIndex, span: FunctionSpan, whys: Sequence[Why]) -> Chart:
    """A chain of whys as a chart: one box after another."""
    nodes = [Node(id="effect", kind="effect", text=effect_in_words(index, span), evidence=span.evidence())]
    links: list[Link] = []
    above = "effect"
    for number, why in enumerate(whys, start=1):
        begins_anew = not why.is_cause and (number == 1 or whys[number - 2].is_cause)
        if begins_anew:
            above = "effect"
        last = number == len(whys) or (why.is_cause and not whys[number].is_cause)
        id = f"e{why.evidence[-1]}" if why.is_cause else f"why-{number}"
        nodes.append(Node(id=id, kind="root" if last else "cause", text=why.answer, evidence=why.evidence[-1:]))
        links.append(Link(effect=above, cause=id))
        above = id
    return Chart(nodes=tuple(nodes), links=tuple(links))


def slowing(on: str, factors: Sequence[Factor]) -> list[Factor]:
    """The factors that make such a part of the time longer."""
    return [factor for factor in factors if on in FACTORS[factor.id].slows]


class _Drawing:
    """A chart while it is being made: an event has one box, however many effects it has."""

    def __init__(self, index: TimelineIndex) -> None:
        self._index = index
        self.nodes: dict[str, Node] = {}
        self.links: dict[tuple[str, str], None] = {}

    def effect(self, span: FunctionSpan) -> str:
        return self._box(f"e{span.begun.seq}", "effect", effect_in_words(self._index, span), span.evidence())

    def explain(self, effect: str, event: Event) -> None:
        """The causes of an event, and theirs, each once."""
        events = self._index.events
        answers = ask_why(events, event)
        passed_on = _passed_on(events, event, answers)
        if passed_on:
            stands_on = ", ".join(dict.fromkeys(e.subject.id for e in passed_on))
            text = f"It stands on this, without a way around: {stands_on}"
            condition = self._box(f"c{event.seq}", "condition", text, tuple(e.seq for e in passed_on))
            self.links[effect, condition] = None
        for answer in answers:
            id = f"e{answer.seq}"
            is_new = id not in self.nodes
            kind: NodeKind = "root" if not direct_causes(events, answer) else _kind_of(answer)
            self._box(id, kind, in_words(answer), (answer.seq,))
            self.links[effect, id] = None
            if is_new:
                self.explain(id, answer)

    def explain_length(self, effect: str, span: FunctionSpan, factors: Sequence[Factor]) -> None:
        spent = time_in(self._index, span)
        if not spent:
            return
        total_ms = span.elapsed_ms(self._index.until_ms)
        lasted = self._box("lasted", "cause", f"It lasted {write_ms(total_ms)}", span.evidence())
        self.links[effect, lasted] = None
        for part in spent:
            if part.ms < _WORTH_RATIO * total_ms:
                continue
            behind = slowing(part.on, factors)
            kind: NodeKind = "cause" if behind else "root"
            box = self._box(f"t-{part.on}", kind, f"{write_ms(part.ms)}: {part.on}", part.evidence)
            self.links[lasted, box] = None
            for factor in behind:
                why = self._box(f"f-{factor.id}", "condition", factor.text, factor.evidence)
                self.links[box, why] = None

    def _box(self, id: str, kind: NodeKind, text: str, evidence: tuple[int, ...]) -> str:
        self.nodes.setdefault(id, Node(id=id, kind=kind, text=text, evidence=evidence))
        return id


def in_words(event: Event) -> str:
    """A cause, as a review calls it."""
    match event.detail:
        case FaultDetail(description=description, fault=fault, target=target):
            return f"{description or 'It began with this'} ({fault} on {target})"
        case HealthDetail(state="degraded", level_ratio=level):
            return f"{event.subject.id} gave {level:.0%} of its service"
        case HealthDetail(state=state):
            return f"{event.subject.id} was {state}"
        case CommandDetail(action=action, target=target):
            return f"{event.actor.id} ordered {action} of {target}"
        case DecisionDetail(by=by, chosen=chosen):
            return f"{by} decided: {chosen}"
    return f"{event.subject.id}: {event.kind.partition('.')[2].replace('_', ' ')}"


def _kind_of(event: Event) -> NodeKind:
    return "action" if event.family in ("command", "decision") else "cause"


def effect_in_words(index: TimelineIndex, span: FunctionSpan) -> str:
    """What a function suffered, and for how long."""
    lasted = write_ms(span.elapsed_ms(index.until_ms)) + ("" if span.ended else ", and longer")
    how = "below its minimum" if span.begun.kind == "function.disrupted" else "worse than usual"
    return f"{span.subject.id} was {how} for {lasted}"


def _passed_on(events: Sequence[Event], event: Event, answers: Sequence[Event]) -> list[Event]:
    """What passed trouble on between an event and the answers to why it happened."""
    found: dict[int, Event] = {}
    ends = {answer.seq for answer in answers}
    frontier = direct_causes(events, event)
    while frontier:
        cause = frontier.pop()
        if cause.seq not in ends and cause.seq not in found:
            found[cause.seq] = cause
            frontier.extend(direct_causes(events, cause))
    return [found[seq] for seq in sorted(found, reverse=True)]


def time_in(index: TimelineIndex, span: FunctionSpan) -> list[Spent]:
    """What the time until the restoration was spent on; nothing where it has no end, or a record does not say."""
    if span.ended is None or index.is_partial:
        return []
    return time_spent(index.causality.path_to(span.ended), span.begun.at_ms)
