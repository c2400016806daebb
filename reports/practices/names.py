"""The 48 practices that exercises rehearse: eight modules of six, each with a title of a few words.

What belongs to a practice says so itself: a measure by its `practice`, a scenario and its objectives by `practices`.
"""

from __future__ import annotations

from dataclasses import dataclass

_TITLES: dict[str, tuple[str, ...]] = {
    "Governance": (
        "Severity follows business impact, criticality and RTO",
        "Roles of the command structure are filled",
        "Changes in an incident keep to the authority for changes",
        "Service levels are no looser than continuity needs",
        "Exercises answer to the risk register and the auditor",
        "Reviews and disclosures are authorised",
    ),
    "Response workflows": (
        "Stages of an incident trigger what they should",
        "Incidents and problems run side by side, without duplicates",
        "Incidents go to who knows the technology, first time",
        "Updates keep coming while it lasts",
        "Alerts become tickets once, not twice",
        "Security is brought in when it should be",
    ),
    "Detection and alerting": (
        "Alerts are quiet and still catch what is wrong",
        "Synthetic users notice before real ones report",
        "Logs enrich tickets",
        "Cascades are correlated, not counted",
        "Alerts go to the owner of the system",
        "Alerts are proven by controlled failure",
    ),
    "Coordination": (
        "Facilities, cloud and IT are bridged",
        "Handoffs to specialists keep what was learnt",
        "The war room leaves an audit trail",
        "Vendors keep their contracts, or pay credits",
        "Executives are told, in approved words",
        "Incident data reach those who need to know, and nobody else",
    ),
    "Major incidents": (
        "Major incidents are declared when impact is validated",
        "Decisions are on record as they fall",
        "Workarounds have a way back",
        "Recovery is fast without carrying corruption",
        "Failovers are consistent, and their loss is known",
        "The status page tells the truth in time, and nothing sensitive",
    ),
    "Learning": (
        "Root causes are found by a method",
        "Improvements are owned, closed and verified",
        "Trends lead to capacity",
        "Incidents are classified by how things failed",
        "Times to acknowledge and restore are measured",
        "Playbooks follow what was learnt",
    ),
    "Continuity": (
        "Every plan is exercised within the year",
        "Functions are restored in the order of the impact analysis",
        "RTO and RPO are held against what is achieved",
        "The loss of a workplace is managed",
        "Everybody is notified who has to be",
        "Plans survive the past, and worse",
    ),
    "Automation and scale": (
        "A bot triages what is common",
        "Alerts of several sources are correlated",
        "Catalogue and dependency map are kept true",
        "On-call is shared fairly and lets people sleep",
        "Executives see the figures that were scored",
        "The CMDB says what an outage hurts",
    ),
}


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice.  `id` is its module and its place there, as in `5.3`."""

    id: str
    module: str
    title: str


PRACTICES: dict[str, Practice] = {
    f"{number}.{place}": Practice(f"{number}.{place}", module, title)
    for number, (module, titles) in enumerate(_TITLES.items(), 1)
    for place, title in enumerate(titles, 1)
}
"""All of them by id, in order."""
