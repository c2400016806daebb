"""Whether everybody who has to be told can be: channels, templates, authors, what the plan leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from timeline.findings import Severity
from topologies.checks.catalogue import Remark, estate_check
from topologies.checks.people import people_of
from topologies.communication import Communication, Placeholder
from topologies.loading.estate import LoadedEstate
from topologies.organisation import Organisation

_ALWAYS = 1.0


@estate_check("plan.no-channel", Severity.ERROR)
def audience_without_channel(estate: LoadedEstate) -> Iterator[Remark]:
    """An audience of the communications plan has no channel that ever works.

    Every way to it fails always (`failure: 1`), so what is owed to it never arrives.
    """
    channels = estate.organisation.channels
    for number, audience in _planned(estate.organisation):
        ways = estate.organisation.audiences[audience].ways
        if all(channels[way.channel].failure >= _ALWAYS for way in ways):
            place = estate.organisation_document.place(["communication", "plan", number, "audience"])
            yield Remark(place, f"no channel to {audience!r} ever works", "give it a channel that works")


@estate_check("plan.one-channel", Severity.INFO)
def audience_with_one_channel(estate: LoadedEstate) -> Iterator[Remark]:
    """An audience of the communications plan is told over one channel only, and that needs components of the estate.

    When these are down, as in the incident that the message is about, nobody can be told.
    """
    for number, audience in _planned(estate.organisation):
        ways = estate.organisation.audiences[audience].ways
        needs = estate.organisation.channels[ways[0].channel].needs
        if len(ways) == 1 and needs:
            place = estate.organisation_document.place(["communication", "plan", number, "audience"])
            message = f"{audience!r} is told over {ways[0].channel!r} alone, which needs {', '.join(needs)}"
            yield Remark(place, message, "add an alternative that does not depend on the estate: `alternatives`")


@estate_check("plan.no-template", Severity.WARNING)
def audience_without_template(estate: LoadedEstate) -> Iterator[Remark]:
    """An audience of the communications plan has no approved template for a disruption.

    Its text is written freely, in a hurry: that takes longer, needs somebody to approve it, and says more than it
    should.
    """
    for number, audience in _planned(estate.organisation):
        templates = _communication(estate.organisation).templates.values()
        if not any(t.approved and t.fits(audience, "disruption") for t in templates):
            place = estate.organisation_document.place(["communication", "plan", number, "audience"])
            yield Remark(
                place,
                f"there is no approved template to tell {audience!r} of a disruption",
                "write one beforehand and have it approved: `templates`",
            )


@estate_check("plan.no-author", Severity.ERROR)
def audience_without_author(estate: LoadedEstate) -> Iterator[Remark]:
    """Nobody can write to an audience of the communications plan.

    The role that writes has neither people who are eligible nor a policy that calls anybody in.
    """
    for number, audience in _planned(estate.organisation):
        role = estate.organisation.audiences[audience].role
        if not _can_be_held(estate.organisation, role):
            place = estate.organisation_document.place(["communication", "plan", number, "audience"])
            yield Remark(place, f"nobody can hold {role!r}, who writes to {audience!r}", "name people for the role")


@estate_check("plan.incomplete", Severity.WARNING)
def audience_outside_the_plan(estate: LoadedEstate) -> Iterator[Remark]:
    """A severity asks for updates to an audience that the communications plan leaves out.

    The first message to it comes after a whole interval, and nothing says that it has to be earlier.
    """
    organisation = estate.organisation
    planned = {audience for _, audience in _planned(organisation)}
    for number, rule in enumerate(organisation.severities):
        for audience in rule.update_every:
            if planned and audience not in planned:
                place = estate.organisation_document.place(["severities", number, "update_every", audience], key=True)
                message = f"{audience!r} is kept informed at {rule.severity!r} and stands in no line of the plan"
                yield Remark(place, message, "add a line: `{audience: ..., within: ...}`")
                planned |= {audience}


@estate_check("template.no-next-update", Severity.INFO)
def template_promises_nothing(estate: LoadedEstate) -> Iterator[Remark]:
    """A template says by when there will be more, and is for an audience to which no severity asks for updates.

    There is no next update to promise.
    """
    told = {audience for rule in estate.organisation.severities for audience in rule.update_every}
    for id, template in _communication(estate.organisation).templates.items():
        idle = [audience for audience in template.audiences if audience not in told]
        if idle and f"{{{Placeholder.NEXT_UPDATE}}}" in template.text:
            place = estate.organisation_document.place(["communication", "templates", id, "text"])
            yield Remark(place, f"{idle[0]!r} is never sent a next update", "leave {next_update} out of the text")


@estate_check("obligation.no-author", Severity.WARNING)
def obligation_without_author(estate: LoadedEstate) -> Iterator[Remark]:
    """A report to an authority has nobody who writes it.

    The regime wants it, and the organisation does not say how long it takes to write, or nobody can hold the role that
    sees to it: once it is owed, its clock runs out.
    """
    organisation = estate.organisation
    for id, obligation in estate.obligations.items():
        duty = organisation.obligations[id]
        place = estate.organisation_document.place(["obligations", id], key=True)
        if not _can_be_held(organisation, duty.role):
            yield Remark(place, f"nobody can hold {duty.role!r}, who reports for {id!r}", "name people for the role")
        for report in obligation.reports:
            if report not in duty.reports:
                yield Remark(place, f"nobody writes the report {report!r} of {id!r}", "say how: `reports`")


def _communication(organisation: Organisation) -> Communication:
    return organisation.communication or Communication()


def _planned(organisation: Organisation) -> Iterator[tuple[int, str]]:
    """Lines of the plan with their audience, each audience once."""
    seen: set[str] = set()
    for number, line in enumerate(_communication(organisation).plan):
        if line.audience not in seen:
            seen.add(line.audience)
            yield number, line.audience


def _can_be_held(organisation: Organisation, role: str) -> bool:
    spec = organisation.roles[role]
    called = people_of(organisation.policies[spec.policy], organisation) if spec.policy is not None else set()
    return bool(spec.eligible or called)
