"""The triage bot: what it reads, when it answers, what its answers do, for better and for worse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.response.triage_bot import BOT
from tests.simulator.response.building import CHAIN, Rig, broken, facts, organisation, person, playbook, suffers
from timeline.details import DiagnosisDetail
from timeline.instants import MINUTE
from timeline.triage import TriageDetail

SAYS = "checkout waits for a connection"


def ticket(component: str = "db", mode: str = "load", says: str = SAYS, **more: Any) -> dict[str, Any]:
    return {"title": says, "mode": mode, "component": component, **more}


TICKETS = {f"T-{n}": ticket() for n in range(6)}
DEEP = {
    "function:shop": suffers("web"),
    "web": suffers("api"),
    "api": suffers("db"),
    "db": broken("connection-exhaustion"),
}


def with_bot(**bot: Any) -> dict[str, Any]:
    """Ann of the crew has web and api, Dan of the data team has db and knows it alone."""
    plain = organisation(triage_bot={"latency": "30s", **bot})
    plain["people"]["dan"] = person("data")
    plain["teams"]["data"] = {"title": "Data", "policy": "data"}
    plain["policies"]["data"] = {"title": "data", "steps": [{"people": ["dan"], "wait": "5m"}]}
    plain["authority"] = [{**rule, "teams": ["crew", "data"]} for rule in plain["authority"]]
    return plain


OWNED = replace(facts(), owners={"web": "crew", "api": "crew", "db": "data"})


def rig(tickets: Any = TICKETS, plan: Any = None, documentation: Any = OWNED, **bot: Any) -> Rig:
    return Rig(DEEP, with_bot(**bot), documentation=documentation, plan=plan, tickets=tickets)


def answers(played: Rig) -> list[TriageDetail]:
    return [e.detail for e in played.of("triage.answered") if isinstance(e.detail, TriageDetail)]


def checked(played: Rig) -> list[str | None]:
    """What was looked at until the cause was found."""
    looks = [e.detail for e in played.timeline if e.kind in ("diagnosis.checked", "diagnosis.concluded")]
    nodes = [look.checked for look in looks if isinstance(look, DiagnosisDetail)]
    return nodes[: nodes.index("db") + 1]


def test_an_answer_names_mode_suspect_owner_and_runbook_and_why() -> None:
    tickets = {**TICKETS, "T-0": ticket(runbook="free-connections")}
    played = rig(tickets, runbooks={"load": "add-capacity"}).alert("web", says=SAYS).play(0.1)
    (answer,) = answers(played)
    assert (answer.mode, answer.suspects, answer.owner, answer.runbook) == ("load", ("db",), "data", "free-connections")
    assert answer.because == "like:T-0"
    assert answer.confidence is not None
    assert answer.confidence > 0.8
    assert played.minutes("triage.answered") == [1.5]


def test_the_runbook_of_the_mode_is_answered_where_no_ticket_has_one() -> None:
    (answer,) = answers(rig(runbooks={"load": "add-capacity"}).alert("web", says=SAYS).play(0.1))
    assert answer.runbook == "add-capacity"


def test_what_it_suspects_is_checked_first_by_the_owner_that_it_called() -> None:
    played = rig().alert("web", says=SAYS).play(1)
    assert checked(played)[0] == "db"
    (handed,) = played.of("diagnosis.handed_off")
    assert isinstance(handed.detail, DiagnosisDetail)
    assert handed.detail.person == "dan"
    assert [e.detail.purpose for e in played.of("page.sent") if e.detail.person == "dan"] == ["triage-data"]  # type: ignore[attr-defined]


def test_a_wrong_answer_costs_a_check_and_calls_those_who_have_nothing_to_do_with_it() -> None:
    astray = {id: ticket("cache") for id in TICKETS}
    documentation = replace(facts((*CHAIN, ("api", "cache"))), owners={"web": "crew", "cache": "data", "db": "crew"})
    helped, misled = (rig(t, documentation=documentation).alert("web", says=SAYS).play(1) for t in (TICKETS, astray))
    assert (checked(helped), checked(misled)) == (["db"], ["cache", "web", "api", "db"])
    assert (len(helped.of("incident.reassigned")), len(misled.of("incident.reassigned"))) == (0, 1)
    assert helped.minutes("diagnosis.concluded")[0] < misled.minutes("diagnosis.concluded")[0]


def test_it_abstains_from_what_it_has_not_seen_and_asks_again_when_there_is_more() -> None:
    played = rig().alert("web", says="purple haze").alert("web", 4 * MINUTE, name="Slow", says=SAYS).play(0.2)
    assert played.kinds("triage") == ["triage.abstained", "triage.answered"]
    assert played.minutes("triage.answered") == [4.5]


def test_it_does_not_ask_again_before_something_new_is_said() -> None:
    played = rig().alert("web", says="purple haze").resolved("web", 3 * MINUTE).play(0.2)
    assert played.kinds("triage") == ["triage.abstained"]


def test_it_reads_only_its_sources() -> None:
    log = rig(sources=["metrics"]).alert("web", says=SAYS, source="logs").play(0.1)
    assert log.kinds("triage") == []
    assert rig(sources=["logs"]).alert("web", says=SAYS, source="logs").play(0.1).kinds("triage") == ["triage.answered"]


def test_below_its_threshold_it_says_nothing() -> None:
    mixed = {f"T-{n}": ticket(mode=mode) for n, mode in enumerate(("load", "bug", "network", "storage"))}
    assert rig(mixed).alert("web", says=SAYS).play(0.1).kinds("triage") == ["triage.abstained"]
    assert rig(mixed, threshold=0.0).alert("web", says=SAYS).play(0.1).kinds("triage") == ["triage.answered"]


def test_without_tickets_the_shipped_rules_answer_and_the_owner_is_that_of_the_alert() -> None:
    (answer,) = answers(rig({}).alert("db", says="No disk space left on the volume").play(0.1))
    assert (answer.mode, answer.because, answer.owner, answer.confidence) == ("storage", "storage-words", "data", None)


def test_a_symptom_sorts_nothing() -> None:
    assert rig({}).alert("web", says="Shop is unavailable").play(0.1).kinds("triage") == ["triage.abstained"]


def test_a_playbook_may_wait_for_the_runbook() -> None:
    plan = playbook(
        free={"when": {"known": {"subject": str(BOT), "state": "free-connections"}}, "role": "incident-manager"}
    )
    tickets = {id: ticket(runbook="free-connections") for id in TICKETS}
    assert rig(tickets, plan).alert("web", says=SAYS).play(1).kinds("task") == [
        "task.ready",
        "task.started",
        "task.completed",
    ]
    assert rig(TICKETS, plan).alert("web", says=SAYS).play(1).kinds("task") == ["task.skipped"]


def test_owners_are_left_alone_where_the_organisation_wants_it() -> None:
    played = rig(pages_owner=False).alert("web", says=SAYS).play(1)
    assert "triage-data" not in [e.detail.purpose for e in played.of("page.sent")]  # type: ignore[attr-defined]
