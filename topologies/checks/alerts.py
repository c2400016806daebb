"""Whether each alert has an owner and each receiver leads to somebody, read off the native files.

An alerting rule says whom it is for by the label `team` or `owner`; the Alertmanager configuration names receivers, and
the organisation says which escalation policy each of them starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from timeline.findings import Place, Severity, nearest
from topologies.checks.catalogue import Remark, estate_check
from topologies.loading.document import Document
from topologies.loading.estate import LoadedEstate
from topologies.loading.nodes import Step

OWNER_LABELS = ("team", "owner")


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """What the checks need of a rule in a native file."""

    name: str
    labels: dict[str, str]
    document: Document
    path: tuple[Step, ...]

    def place(self, *below: Step) -> Place:
        return self.document.place((*self.path, *below), key=not below)


def alerting_rules(document: Document) -> Iterator[AlertingRule]:
    """The alerting rules of a native rule file; what does not have the structure of one is passed over."""
    for group_index, group in enumerate(_list_at(document.text_data(), "groups")):
        for index, rule in enumerate(_list_at(group, "rules")):
            if isinstance(rule, dict) and isinstance(rule.get("alert"), str):
                labels = rule.get("labels")
                given = {k: str(v) for k, v in labels.items()} if isinstance(labels, dict) else {}
                yield AlertingRule(rule["alert"], given, document, ("groups", group_index, "rules", index))


@estate_check("alert.without-owner", Severity.ERROR)
def alert_without_owner(estate: LoadedEstate) -> Iterator[Remark]:
    """An alerting rule leads to no team.

    It carries no label `team` or `owner`, or one that names no team of the organisation: whoever is woken by it has to
    find out first whose it is.  A label made by a template is not judged.
    """
    teams = estate.organisation.teams
    for document in estate.rules:
        for rule in alerting_rules(document):
            label = next((name for name in OWNER_LABELS if name in rule.labels), None)
            if label is None:
                message = f"the alert {rule.name!r} has no label {' or '.join(OWNER_LABELS)}"
                yield Remark(rule.place("alert"), message, "add `labels: {team: <team>}`")
            elif rule.labels[label] not in teams and "{{" not in rule.labels[label]:
                message = f"the alert {rule.name!r} belongs to {rule.labels[label]!r}, which is no team"
                yield Remark(rule.place("labels", label), message, nearest(rule.labels[label], teams))


@estate_check("receiver.unmapped", Severity.WARNING)
def receiver_unmapped(estate: LoadedEstate) -> Iterator[Remark]:
    """A receiver of the Alertmanager configuration reaches nobody.

    The organisation maps it to no escalation policy and no team lists it, so its notifications are read by nobody, or
    by a machine outside (a dead man's switch).  Receivers without any integration drop alerts on purpose and are not
    reported.
    """
    if estate.alertmanager is None:
        return
    mapped = set(estate.organisation.receivers).union(*(team.receivers for team in estate.organisation.teams.values()))
    for name, index, drops in _receivers(estate.alertmanager):
        if name not in mapped and not drops:
            place = estate.alertmanager.place(["receivers", index, "name"])
            hint = f"map it in organisation.yaml: `receivers: {{{name}: <policy>}}`"
            yield Remark(place, f"the receiver {name!r} is mapped to no escalation policy and listed by no team", hint)


@estate_check("receiver.unknown", Severity.WARNING)
def receiver_unknown(estate: LoadedEstate) -> Iterator[Remark]:
    """The organisation names a receiver that the Alertmanager configuration does not have.

    Nothing is ever sent there; the name may be mistyped, or the receiver was renamed.
    """
    if estate.alertmanager is None:
        return
    known = {name for name, _, _ in _receivers(estate.alertmanager)}
    document = estate.organisation_document
    for name in estate.organisation.receivers:
        if name not in known:
            place = document.place(["receivers", name], key=True)
            yield Remark(place, f"the Alertmanager configuration has no receiver {name!r}", nearest(name, known))
    for id, team in estate.organisation.teams.items():
        for index, name in enumerate(team.receivers):
            if name not in known:
                place = document.place(["teams", id, "receivers", index])
                yield Remark(place, f"the Alertmanager configuration has no receiver {name!r}", nearest(name, known))


def _receivers(document: Document) -> Iterator[tuple[str, int, bool]]:
    """Name, index, and whether it drops what it gets."""
    for index, receiver in enumerate(_list_at(document.text_data(), "receivers")):
        if isinstance(receiver, dict) and isinstance(receiver.get("name"), str):
            yield receiver["name"], index, not any(receiver[key] for key in receiver if key.endswith("_configs"))


def _list_at(data: object, key: str) -> list[object]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []
