"""The DORA criteria against cases made by hand: each threshold exactly, a hair beyond it, and what is unknown."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.instants import HOUR, MINUTE
from topologies.classification import (
    Course,
    Facts,
    Setting,
    Spell,
    Spells,
    classify,
    day_share,
    facts_of,
    personal_data_affected,
)
from topologies.estate import BusinessFunction, Demand

VIENNA = ZoneInfo("Europe/Vienna")
EPOCH = datetime(2026, 3, 10, 10, 0, tzinfo=VIENNA)
HARMLESS = Facts(
    critical_services=True,
    malicious_access=False,
    clients=0,
    clients_ratio=0.0,
    counterparts_ratio=0.0,
    transactions_ratio=0.0,
    transactions_value_ratio=0.0,
    relevant_affected=False,
    reputation=False,
    duration_ms=0,
    critical_downtime_ms=0,
    member_states=1,
    data_harmed=False,
    cost_eur=0.0,
)


@pytest.mark.parametrize(
    ("field", "at", "beyond", "criterion"),
    [
        ("clients_ratio", 0.10, 0.1001, "clients"),
        ("clients", 100_000, 100_001, "clients"),
        ("counterparts_ratio", 0.30, 0.3001, "clients"),
        ("transactions_ratio", 0.10, 0.1001, "clients"),
        ("transactions_value_ratio", 0.10, 0.1001, "clients"),
        ("relevant_affected", False, True, "clients"),
        ("reputation", False, True, "reputation"),
        ("duration_ms", 24 * HOUR, 24 * HOUR + 1, "duration"),
        ("critical_downtime_ms", 2 * HOUR, 2 * HOUR + 1, "duration"),
        ("member_states", 1, 2, "geography"),
        ("data_harmed", False, True, "data"),
        ("cost_eur", 100_000, 100_000.01, "cost"),
    ],
)
def test_a_threshold_is_met_beyond_it_and_not_at_it(field: str, at: float, beyond: float, criterion: str) -> None:
    assert criterion not in classify(replace(HARMLESS, **{field: at})).met
    assert criterion in classify(replace(HARMLESS, **{field: beyond})).met


@pytest.mark.parametrize(
    ("facts", "major"),
    [
        ({}, False),
        ({"cost_eur": 200_000.0}, False),  # one is not enough
        ({"cost_eur": 200_000.0, "member_states": 2}, True),
        ({"clients": 200_000, "clients_ratio": 0.5}, False),  # two limbs of one criterion
        ({"cost_eur": 200_000.0, "member_states": 2, "critical_services": False}, False),
        ({"malicious_access": True}, True),  # alone, and it makes the services critical: article 6(c)
        ({"malicious_access": True, "critical_services": False}, True),
        ({"data_harmed": True}, False),  # article 9(5)(a) is one of the others
        ({"data_harmed": True, "reputation": True}, True),
        ({"duration_ms": 25 * HOUR, "critical_downtime_ms": 3 * HOUR}, False),
        ({"cost_eur": None, "member_states": 2}, None),
        ({"cost_eur": None}, False),  # whatever it cost: one more would be needed
        ({"cost_eur": None, "reputation": None}, None),
        ({"cost_eur": 200_000.0, "member_states": 2, "critical_services": None}, None),
        ({"cost_eur": 200_000.0, "member_states": 2, "reputation": None, "data_harmed": None}, True),
        ({"malicious_access": None}, None),
    ],
)
def test_when_an_incident_is_major(facts: dict[str, object], major: bool | None) -> None:
    assert classify(replace(HARMLESS, **facts)).major is major  # type: ignore[arg-type]


def test_nothing_known_is_undecided_and_everything_is_listed() -> None:
    found = classify(Facts())
    assert found.major is None
    assert found.met == ()
    assert set(found.unknown) >= {"critical-services", "clients", "reputation", "duration", "geography", "data", "cost"}


EXTREMES: dict[str, tuple[object, object]] = {
    "critical_services": (False, True),
    "malicious_access": (False, True),
    "clients_ratio": (0.0, 1.0),
    "reputation": (False, True),
    "critical_downtime_ms": (0, 3 * HOUR),
    "member_states": (1, 5),
    "cost_eur": (0.0, 1e6),
}


@given(st.fixed_dictionaries({name: st.sampled_from([None, *pair]) for name, pair in EXTREMES.items()}))
@settings(max_examples=150)
def test_undecided_means_that_what_is_unknown_could_still_decide(known: dict[str, object]) -> None:
    """The definition itself: undecided exactly where two ways to fill the gaps differ."""
    facts = replace(HARMLESS, **known)  # type: ignore[arg-type]
    gaps = [name for name, value in known.items() if value is None]
    filled = {
        classify(replace(facts, **dict(zip(gaps, values, strict=True)))).major  # type: ignore[arg-type]
        for values in product(*(EXTREMES[name] for name in gaps))
    }
    assert classify(facts).major is (filled.pop() if len(filled) == 1 else None)


def test_more_can_never_make_it_less() -> None:
    worse = {field.name for field in fields(Facts)} - {"critical_services", "malicious_access"}
    for name in worse:
        value: object = True if isinstance(getattr(HARMLESS, name), bool) else 10**9
        base = replace(HARMLESS, reputation=True)
        assert len(classify(replace(base, **{name: value})).met) >= len(classify(base).met)  # type: ignore[arg-type]


# From spells to facts


def function(**changes: object) -> BusinessFunction:
    data = {"title": "Payments", "supported_by": {}, "criticality": "critical", "rpo": "1m", "loss_per_hour": 60_000}
    serves = {"clients": 400_000, "counterparts_ratio": 0.2, "relevant": False, "member_states": ["AT", "DE"]}
    return BusinessFunction.model_validate({**data, "serves": serves, **changes})


def facts(*spells: Spell, now_ms: int = HOUR, lost_ms: int = 0, currency: str = "EUR", **functions: object) -> Facts:
    known = {"payments": function(**functions), "lunch": function(criticality="standard", serves=None)}
    course = Course(spells[0].begun_ms, None, spells, {"payments": lost_ms} if lost_ms else {}, 0, malicious=False)
    return facts_of(course, Setting(known, EPOCH, VIENNA, currency, 20), now_ms)


DOWN = Spell("payments", 0, None, 0.8, disrupted=True)


def test_clients_are_those_of_the_service_by_the_share_that_was_lost() -> None:
    found = facts(DOWN)
    assert found.clients == 320_000
    assert found.clients_ratio == 0.8


def test_cost_is_counted_below_the_minimum_only_and_in_euros_only() -> None:
    assert facts(DOWN).cost_eur == 60_000
    assert facts(replace(DOWN, disrupted=False)).cost_eur == 0
    assert facts(DOWN, currency="SEK").cost_eur is None
    assert facts(DOWN, loss_per_hour=None).cost_eur is None


def test_downtime_counts_partial_service_of_critical_functions_and_adds_up() -> None:
    first, again = replace(DOWN, ended_ms=10 * MINUTE), replace(DOWN, begun_ms=30 * MINUTE, disrupted=False)
    assert facts(first, again).critical_downtime_ms == 40 * MINUTE
    assert facts(replace(DOWN, function="lunch")).critical_downtime_ms == 0


def test_data_is_harmed_beyond_the_rpo() -> None:
    assert facts(DOWN, lost_ms=MINUTE).data_harmed is False
    assert facts(DOWN, lost_ms=MINUTE + 1).data_harmed is True
    assert facts(DOWN, lost_ms=MINUTE, rpo=None).data_harmed is None


def test_what_a_function_does_not_state_stays_unknown() -> None:
    found = facts(replace(DOWN, function="lunch"))
    assert (found.clients, found.counterparts_ratio, found.member_states, found.relevant_affected) == (None,) * 4
    assert found.transactions_ratio is None
    assert found.reputation is None


def test_before_anything_is_hurt_nothing_is_major() -> None:
    course = Course(None, None, (), {}, 0, malicious=False)
    assert classify(facts_of(course, Setting({}, EPOCH, VIENNA, "EUR"), HOUR)).major is False


def test_personal_data_is_affected_where_a_function_that_holds_it_lost_some() -> None:
    serves = {"personal_data": True}
    known = {"a": function(serves=serves), "b": function(serves={"personal_data": False}), "c": function(serves=None)}

    def affected(**lost: int) -> bool | None:
        return personal_data_affected(Course(0, None, (), lost, 0, malicious=False), known)

    assert (affected(a=5), affected(b=5), affected(c=5), affected()) == (True, False, None, False)
    assert affected(b=5, c=5) is None


FLAT = Demand(entry="web", peak_rps=10, by_hour=(1.0,) * 24, weekend=0.0)


@given(st.integers(min_value=0, max_value=14 * 24 * 60), st.integers(min_value=0, max_value=4 * 24 * 60))
@settings(max_examples=60)
def test_shares_of_a_day_add_up(begun_min: int, length_min: int) -> None:
    begun = EPOCH + timedelta(minutes=begun_min)
    middle, ended = begun + timedelta(minutes=length_min // 2), begun + timedelta(minutes=length_min)
    parts = day_share(FLAT, begun, middle, VIENNA) + day_share(FLAT, middle, ended, VIENNA)
    assert parts == pytest.approx(day_share(FLAT, begun, ended, VIENNA))


def test_a_week_has_seven_mean_days_also_across_the_change_of_the_clock() -> None:
    monday = datetime(2026, 3, 9, tzinfo=VIENNA)
    assert day_share(FLAT, monday, datetime(2026, 3, 16, tzinfo=VIENNA), VIENNA) == pytest.approx(7)
    march, april = datetime(2026, 3, 28, tzinfo=VIENNA), datetime(2026, 4, 4, tzinfo=VIENNA)
    whole = FLAT.model_copy(update={"weekend": 1.0})
    assert day_share(whole, march, april, VIENNA) == pytest.approx(7 - 1 / 24)  # that Sunday has 23 hours


def test_spells_end_when_service_is_back_and_begin_anew() -> None:
    spells = Spells()
    for state, lost, minute in (("degraded", 0.1, 0), ("down", 0.6, 5), ("down", 1.0, 6), ("up", 0.0, 9)):
        spells.change("payments", state, lost, minute * MINUTE)
    spells.worsen("payments", 1.0)
    assert spells.all == [
        Spell("payments", 0, 5 * MINUTE, 0.1, disrupted=False),
        Spell("payments", 5 * MINUTE, 9 * MINUTE, 1.0, disrupted=True),
    ]
    assert (spells.are_over, spells.begun_ms, spells.ended_ms) == (True, 0, 9 * MINUTE)
    spells.change("payments", "down", 1.0, 20 * MINUTE)
    assert (spells.are_over, spells.ended_ms) == (False, None)
