"""The triage desk, and what kinds of fault count as."""

from scenarios.faults import FAULTS
from scenarios.history.failure_modes import Kind, load_taxonomy
from scenarios.triage.desk import Advice, TriageDesk, alert_text
from scenarios.triage.fault_modes import CAUSES, MODE_OF_FAULT
from topologies.triage import Ticket

TAXONOMY = load_taxonomy()


def advice(text: str, *nodes: str, tickets: dict[str, Ticket] | None = None) -> Advice:
    desk = TriageDesk(TAXONOMY, tickets or {}, {"db": "data", "web": "crew"}, {"storage": "free-space"}, 0.5)
    return desk.advise({"title": text}, nodes)


def test_every_kind_of_fault_is_of_one_shipped_cause() -> None:
    assert set(MODE_OF_FAULT) == set(FAULTS)
    assert set(MODE_OF_FAULT.values()) <= CAUSES
    assert {id for id, mode in TAXONOMY.modes.items() if mode.kind is Kind.CAUSE} == CAUSES


def test_an_alert_is_read_as_words() -> None:
    labels = {"alertname": "DiskAlmostFull", "component": "db"}
    assert alert_text(labels, {"summary": "3 % left", "runbook_url": "x"}) == "Disk Almost Full 3 % left"
    assert alert_text({"alertname": "HTTPErrorsHigh"}, {}) == "HTTP Errors High"
    assert alert_text({}, {}) == ""


def test_by_rules_alone_the_owner_is_that_of_the_signs_and_the_runbook_that_of_the_mode() -> None:
    found = advice("Disk full", "db", "web")
    assert (found.mode, found.owner, found.runbook, found.suspects) == ("storage", "data", "free-space", ())
    assert found.answer.rule == "storage-words"


def test_suspects_are_the_components_of_the_tickets_that_agree_the_nearest_first() -> None:
    tickets = {
        f"T-{n}": Ticket(title="blue rabbit on screen", mode="bug", component=component)
        for n, component in enumerate(("web", "db", "web", None))
    }
    found = advice("a blue rabbit on screen", "db", tickets=tickets)
    assert (found.mode, found.suspects, found.owner, found.runbook) == ("bug", ("web", "db"), "crew", None)


def test_a_symptom_is_no_answer() -> None:
    assert advice("Web shop is down and unavailable").mode is None
