"""The writing desk: a text from the facts that its author knows to the words that may be sent.

    write -> read over by the disclosure policy -> approved by somebody else -> ready to be sent
             (outsiders only; what is found         (where no approved
              is taken out, which takes time)        template was used)

Every step is work of somebody real, who does nothing else meanwhile.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.communication.composing import (
    Picture,
    details,
    filled,
    in_own_words,
    picture_of,
    promised,
)
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.details import Approval, ApprovalDetail, DisclosureDetail
from timeline.distributions import Distribution
from timeline.references import Reference, person
from topologies.communication import Communication, Match, Says, Screen, Template

_ASK_AGAIN_MS = 60_000
"""How often an author looks whether somebody who may approve has been found."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A text that somebody has to write: about what, for whom, and for which occasion of the random streams."""

    case: Case
    subject: Reference
    """What the text is sent as, on the timeline."""
    audience: str
    outside: bool
    writing: Distribution
    """From a template."""
    path: str
    """Of the parameter `writing`."""
    occasion: str
    next_ms: int | None = None
    """When the next text is due to the same readers; None where there is to be none."""
    every_ms: int | None = None
    """The interval of such texts."""

    def next_after(self, now_ms: int) -> int | None:
        """When the next text is due from a moment on: what has been missed by then cannot be promised."""
        if self.next_ms is None or self.every_ms is None:
            return None
        missed = (now_ms - self.next_ms) // self.every_ms + 1
        return self.next_ms + max(missed, 0) * self.every_ms

    def promise(self, now_ms: int) -> int | None:
        """By when a text written now says that there will be more."""
        next_ms = self.next_after(now_ms)
        return None if next_ms is None else promised(next_ms)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an author reckons with: the template that fits the news of now, and how long the writing takes."""

    template: Chosen | None
    writing_ms: int
    path: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A template of the library."""

    id: str
    template: Template

    @property
    def is_approved(self) -> bool:
        return self.template.approved


@dataclass(frozen=True, slots=True)
class Text:
    """Words that are ready to be sent; `causes` led to it besides the occasion of writing."""

    words: str
    template: str | None
    approval: Approval
    effort_ms: int
    rests_on: tuple[str, ...]
    causes: tuple[int, ...] = ()
    next_at_ms: int | None = None
    """By when it promises more."""
    matches: tuple[Match, ...] = ()
    """What the policy forbids and is in it all the same."""


@dataclass(slots=True)
class _Steps:
    """What has been done to a text so far."""

    rests_on: list[str]
    causes: list[int]
    effort_ms: int


class Desk:
    """Writes for one organisation; without a section `communication` as its audiences say."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._rules = room.organisation.communication or Communication()
        self._states_it = room.organisation.communication is not None
        self._screen = _screen(room, self._rules) if self._states_it else None
        # What is promised to others by the clock waits its turn like the next check does, not until all is found.
        self._urgency = Urgency.DIAGNOSIS if self._states_it else Urgency.UPDATE

    def plan(self, assignment: Assignment) -> Plan:
        """With which template an author reckons, and how long the writing will take."""
        template = self._template(assignment, self._picture(assignment).says)
        freely = self._rules.free_text.writing
        takes, path = assignment.writing, assignment.path
        if self._states_it and template is None and freely is not None:
            takes, path = freely, "organisation.communication.free_text.writing"
        entity = str(assignment.subject).replace(":", "/")
        return Plan(template, self._draw(takes, entity, "writing", assignment.occasion), path)

    def lead_ms(self, assignment: Assignment, plan: Plan) -> int:
        """How long before a text has to be out its author usually begins."""
        free, check = self._rules.free_text, self._rules.disclosure.check
        lead = plan.writing_ms
        if assignment.outside and check is not None:
            lead += check.takes.median_ms
        if free.approval is not None and (plan.template is None or not plan.template.is_approved):
            lead += free.approval.median_ms
        return lead

    def write(self, assignment: Assignment, plan: Plan, who: str, cause: int) -> Generator[simpy.Event, Any, Text]:
        """The whole way of a text; `cause` is why it is written."""
        yield from self._room.staff.work(who, plan.writing_ms, self._urgency)
        picture = self._picture(assignment)
        if not self._states_it:
            return Text(in_own_words(picture), None, "", plan.writing_ms, (plan.path,))
        # Things may have changed while it was written: the template is the one for the news as it is now.
        chosen = self._template(assignment, picture.says)
        slip = "" if chosen is not None else self._slip(assignment)
        words = filled(chosen.template, picture) if chosen is not None else in_own_words(picture, slip)
        plain = in_own_words(picture) if slip else None
        done = _Steps([plan.path], [], plan.writing_ms)
        words = yield from self._read_over(assignment, words, plain, who, cause, done)
        approval: Approval = "template"
        if chosen is None or not chosen.is_approved:
            approval = yield from self._approval(assignment, who, cause, done)
        template = chosen.id if chosen is not None and chosen.is_approved else None
        matches = tuple(self._found(words)) if assignment.outside else ()
        return Text(
            words,
            template,
            approval,
            done.effort_ms,
            tuple(done.rests_on),
            tuple(done.causes),
            picture.next_ms,
            matches,
        )

    def note_posted(self, assignment: Assignment, text: Text, who: str, posted: int) -> None:
        """Puts on record what a text has given away, once it is out."""
        if text.matches:
            self._tell("text.disclosed", assignment, text.matches, who, [posted])

    # The steps

    def _picture(self, assignment: Assignment) -> Picture:
        room = self._room
        inside = self._states_it and not assignment.outside
        next_ms = assignment.promise(room.kernel.now()) if self._states_it else None
        return picture_of(assignment.case, room.facts.functions, room.kernel.epoch, next_ms, inside=inside)

    def _template(self, assignment: Assignment, says: Says) -> Chosen | None:
        """The first template that fits and is approved, else the first that fits."""
        fitting = [
            Chosen(id, template)
            for id, template in self._rules.templates.items()
            if template.fits(assignment.audience, says)
        ]
        return next((chosen for chosen in fitting if chosen.is_approved), fitting[0] if fitting else None)

    def _read_over(
        self, assignment: Assignment, words: str, plain: str | None, who: str, cause: int, done: _Steps
    ) -> Generator[simpy.Event, Any, str]:
        """The words after the check of the policy; `plain` is what is left once nothing slips in."""
        check = self._rules.disclosure.check
        if check is None or not assignment.outside:
            return words
        done.effort_ms += yield from self._work(check.takes, assignment, "reads-over", who)
        found = self._found(words)
        if not found or not self._chance(check.catches, assignment, "catches"):
            return words
        done.causes.append(self._tell("text.flagged", assignment, found, who, [cause]))
        done.rests_on.append("organisation.communication.disclosure.check.rewriting")
        done.effort_ms += yield from self._work(check.rewriting, assignment, "rewrites", who)
        return _without(plain or words, self._found(plain or words))

    def _slip(self, assignment: Assignment) -> str:
        """What a hurried author lets slip, if anything."""
        known = details(assignment.case)
        if not known or not self._chance(self._rules.free_text.slips, assignment, "slips"):
            return ""
        which = self._room.kernel.streams.uniform(_entity(assignment), "what-slips", assignment.occasion)
        return known[int(which * len(known))]

    def _approval(
        self, assignment: Assignment, who: str, cause: int, done: _Steps
    ) -> Generator[simpy.Event, Any, Approval]:
        """Asks whoever may approve; unapproved where nobody has to be asked, or nobody was found in time."""
        rule, room, case = self._rules.free_text, self._room, assignment.case
        if rule.approver is None or rule.approval is None:
            return "unapproved"
        detail = ApprovalDetail(f"send text to {assignment.audience}", who, rule.approver, case.id)
        because = done.causes[-1:] or [cause]
        asked = room.kernel.emit("approval.requested", assignment.subject, person(who), detail, because)
        approver = yield from self._approver(case, rule.approver, rule.gives_up_after)
        if approver is None:
            done.causes.append(asked.seq)
            return "unapproved"
        yield from self._work(rule.approval, assignment, "approval", approver, Urgency.COMMAND)
        path = ("organisation.communication.free_text.approval",)
        granted = room.kernel.emit(
            "approval.granted", assignment.subject, person(approver), detail, [asked.seq], rests_on=path
        )
        done.causes.append(granted.seq)
        done.rests_on += path
        return "approved"

    def _approver(self, case: Case, role: str, patience_ms: int | None) -> Generator[simpy.Event, Any, str | None]:
        """Whoever may approve, once there is somebody; None when patience or the incident ends first."""
        waited = 0
        yield from self._room.roles.holder(case, role)
        while role not in case.roles:
            if not case.open or (patience_ms is not None and waited >= patience_ms):
                return None
            yield self._room.kernel.env.timeout(_ASK_AGAIN_MS)
            waited += _ASK_AGAIN_MS
        return case.roles[role]

    def _found(self, words: str) -> list[Match]:
        return self._screen.findings(words) if self._screen is not None else []

    def _tell(self, kind: str, assignment: Assignment, found: Iterable[Match], who: str, causes: Iterable[int]) -> int:
        found = list(found)
        rules = tuple(dict.fromkeys(match.rule for match in found))
        detail = DisclosureDetail(assignment.audience, rules, tuple(m.words for m in found), assignment.case.id)
        path = ("organisation.communication.free_text.slips",)
        return self._room.kernel.emit(kind, assignment.subject, person(who), detail, causes, rests_on=path).seq

    def _work(
        self,
        takes: Distribution,
        assignment: Assignment,
        purpose: str,
        who: str,
        urgency: Urgency | None = None,
    ) -> Generator[simpy.Event, Any, int]:
        length_ms = self._draw(takes, _entity(assignment), purpose, assignment.occasion)
        yield from self._room.staff.work(who, length_ms, self._urgency if urgency is None else urgency)
        return length_ms

    def _draw(self, takes: Distribution, entity: str, purpose: str, occasion: str) -> int:
        return self._room.kernel.streams.draw(takes, entity, purpose, occasion)

    def _chance(self, probability: float, assignment: Assignment, purpose: str) -> bool:
        return self._room.kernel.streams.chance(probability, _entity(assignment), purpose, assignment.occasion)


def _entity(assignment: Assignment) -> str:
    return f"text/{assignment.subject.kind}/{assignment.subject.id}"


def _without(words: str, found: Iterable[Match]) -> str:
    """A text with what was found taken out."""
    for match in found:
        words = words.replace(match.words, "…")
    return words


def _screen(room: Room, rules: Communication) -> Screen:
    """The policy of an organisation, with the names that its estate and its people have."""
    facts, organisation = room.facts, room.organisation
    names = {
        "components": [*facts.kinds, *facts.pairs],
        "sites": [*facts.sites.values(), *facts.workplaces],
        "people": list(organisation.people),
        "vendors": list(facts.vendors),
    }
    entries = rules.status_page.entries.values() if rules.status_page is not None else ()
    public = [spec.title for spec in facts.functions.values()] + [entry.title for entry in entries]
    return Screen(rules.disclosure.all_rules, names, public)
