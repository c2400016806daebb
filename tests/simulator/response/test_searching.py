"""What shapes the search besides the graph: log lines, earlier incidents, mistakes, attention, knowing when to stop."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.experience import FORMAT, PastExercises
from simulator.randomness import Streams
from simulator.response.switching import Switching
from tests.simulator.response.building import (
    Rig,
    broken,
    organisation,
    person,
    suffers,
)
from timeline.commands import Observation
from timeline.details import CommandDetail, DiagnosisDetail
from timeline.distributions import Distribution
from timeline.instants import HOUR, MINUTE

LOGS = {"takes": "30s"}


def checked(rig: Rig) -> list[str | None]:
    """What was looked at, in order, until the cause was found."""
    found = [e.detail for e in rig.timeline.of_kind("diagnosis.checked", "diagnosis.concluded")]
    return [d.checked for d in found if isinstance(d, DiagnosisDetail)]


def with_logs(logs: dict[str, tuple[str, ...]] | None, **aggregation: Any) -> Rig:
    org = organisation(log_aggregation={**LOGS, **aggregation})
    return Rig(org=org, logs=logs).alert("web").play(3)


def test_without_logs_the_trail_is_followed() -> None:
    assert checked(Rig().alert("web").play(3))[:3] == ["web", "api", "db"]


def test_a_line_on_the_ticket_is_looked_at_first() -> None:
    rig = with_logs({"db": ("process exited",)})
    assert checked(rig)[0] == "db"
    (enriched,) = rig.of("ticket.enriched")
    assert [(line.component, line.line) for line in enriched.detail.lines] == [("db", "process exited")]  # type: ignore[attr-defined]


def test_a_misleading_line_costs_a_check() -> None:
    assert checked(with_logs({"api": ("request deadline exceeded",)}))[0] == "api"


def test_lines_of_what_the_symptoms_do_not_depend_on_stay_off_the_ticket() -> None:
    assert not with_logs({"printer": ("out of paper",)}).of("ticket.enriched")


def test_a_log_platform_that_is_down_says_so_and_changes_nothing() -> None:
    rig = with_logs(None)
    assert [e.detail.reason for e in rig.of("ticket.enriched")] == ["the log platform does not answer"]  # type: ignore[attr-defined]
    assert checked(rig)[:3] == ["web", "api", "db"]


def test_lines_that_were_never_shipped_are_not_there() -> None:
    assert not with_logs({"db": ("process exited",)}, completeness=0.0).of("ticket.enriched")


def test_noise_puts_lines_of_what_is_well_on_the_ticket() -> None:
    rig = with_logs({}, noise=1.0)
    assert {line.component for e in rig.of("ticket.enriched") for line in e.detail.lines} == {"web", "api", "db"}  # type: ignore[attr-defined]


def test_whoever_has_met_the_cause_before_looks_there_first() -> None:
    past = PastExercises.model_validate({"format": FORMAT, "people": {"ann": {"causes": {"db": 1}}}})
    assert checked(Rig(past=past).alert("web").play(3))[0] == "db"


# Mistakes


def clumsy(shows: dict[str, Observation] | None = None, **mistakes: Any) -> Rig:
    org = organisation(people={"ann": person(skill=0.0), "max": person(None, skill=0.0)})
    org["working"] |= {"mistakes": {"noticed_after": "20m", **mistakes}}
    return Rig(shows, org).alert("web").play(6)


def test_a_check_that_is_misread_clears_what_is_broken() -> None:
    rig = clumsy({"web": broken("crash")}, misread=1.0)
    first = rig.of("diagnosis.checked")[0]
    assert (first.detail.checked, first.detail.finding) == ("web", "nothing wrong")  # type: ignore[attr-defined]


def test_a_check_that_is_misread_finds_a_fault_where_there_is_none() -> None:
    rig = clumsy({"function:shop": suffers("web")}, misread=1.0)
    concluded = [e.detail.finding for e in rig.of("diagnosis.concluded")]  # type: ignore[attr-defined]
    assert concluded
    assert rig.estate.commands, "somebody acts on it"


def test_without_mistakes_a_check_that_tells_nothing_is_known_to_tell_nothing() -> None:
    org = organisation(people={"ann": person(skill=0.0), "max": person(None, skill=0.0)})
    rig = Rig(org=org).alert("web").play(2)
    assert {e.detail.finding for e in rig.of("diagnosis.checked")} == {"inconclusive"}  # type: ignore[attr-defined]


def _wrong(rig: Rig) -> list[str]:
    return [command.target.id for command in rig.estate.commands if command.target.id != "db"]


@pytest.mark.parametrize("wrong_target", [0.0, 1.0])
def test_a_slip_does_nothing_or_hits_another_of_the_kind(wrong_target: float) -> None:
    org = organisation(people={"ann": person(skill=0.5), "max": person(None)})
    org["working"] |= {"mistakes": {"noticed_after": "20m", "slip": 1.0, "wrong_target": wrong_target}}
    for seed in range(1, 30):
        rig = Rig(org=org, seed=seed).alert("web").play(4)
        failed = [e for e in rig.of("command.failed") if isinstance(e.detail, CommandDetail)]
        if wrong_target and _wrong(rig):
            assert not failed
            return
        if not wrong_target and failed:
            assert failed[0].detail.reason == "a step went wrong"  # type: ignore[attr-defined]
            assert not _wrong(rig)
            return
    raise AssertionError("nobody ever slips")


# Attention


def test_turning_to_another_thread_and_back_costs_time() -> None:
    switching = Switching(Streams(1), Distribution.parse("5m"))
    turns = [switching.takes_ms("ann", thread) // MINUTE for thread in ("a", "a", "b", "b", "a")]
    assert turns == [0, 0, 5, 0, 5]
    assert switching.takes_ms("bob", "b") == 0


def test_switching_makes_the_search_of_somebody_with_other_work_longer() -> None:
    def found(resume: str | None) -> float:
        org = organisation(
            audiences={"all": {"title": "all", "channel": "push", "role": "lead", "writing": "1m"}},
            roles={"incident-manager": {"title": "m", "policy": "managers"}, "lead": {"title": "l", "policy": "crew"}},
        )
        org["severities"][0] |= {"update_every": {"all": "4m"}}
        org["working"] |= {"check": "5m", "switching": resume}
        return Rig(org=org).alert("web").play(4).minutes("diagnosis.concluded")[0]

    assert found("5m") > found(None)


# Knowing when to stop


def test_symptoms_of_a_cause_that_was_dealt_with_are_watched_and_not_searched() -> None:
    """The shop stays down after the database is back: a queue drains."""
    rig = Rig().alert("web")
    rig.estate.shows_after_repair = {"function:shop": suffers(), "web": Observation("down", None, ())}
    rig.play(6)
    mended = rig.of("command.completed")[0]
    after = [e.at_ms - mended.at_ms for e in rig.of("diagnosis.checked") if e.at_ms > mended.at_ms]
    assert not [ms for ms in after if ms < 15 * MINUTE]
    assert len(after) <= 4 * 4, "each search is given more time than the one before"
    assert [ms for ms in after if ms < HOUR], "it is not taken for granted either"


def test_a_new_sign_makes_people_look_again_at_once() -> None:
    rig = Rig().alert("web")
    rig.alert("printer", at_ms=30 * MINUTE, name="OutOfPaper")
    rig.estate.shows["printer"] = broken("crash")
    rig.play(3)
    assert "printer" in checked(rig)
