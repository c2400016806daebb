"""The search for the cause: how many checks it takes, what a check removes, what a hand-over loses."""

from __future__ import annotations

from statistics import mean

import networkx as nx
import pytest

from simulator.response.diagnosis import Search
from simulator.sides import Facts
from timeline.commands import Observation

WELL = Observation("up", None, ())


def facts(*edges: tuple[str, str]) -> Facts:
    graph: nx.DiGraph[str] = nx.DiGraph(edges)
    return Facts(graph, {}, {}, {}, {}, {}, {}, {}, {}, {})


def checks_until(search: Search, culprit: str, observations: dict[str, Observation]) -> int:
    """Perfect checks until the culprit is looked at."""
    for number in range(1, 100):
        id = search.next()
        assert id is not None, "the search gave up"
        if id == culprit:
            return number
        search.learn(id, observations.get(id, WELL))
    raise AssertionError("the search does not end")


@pytest.mark.parametrize("k", [1, 4, 9])
def test_k_equally_likely_causes_take_on_average_half_of_k_plus_one_checks(k: int) -> None:
    """A known result: k equally likely causes and perfect checks take (k + 1) / 2 checks."""
    causes = [f"c{i}" for i in range(k)]
    edges = [(f"s{i}", cause) for i, cause in enumerate(causes)]
    taken = []
    for culprit in causes:
        search = Search(facts(*edges), [])
        search.candidates = dict.fromkeys(causes, 1)
        taken.append(checks_until(search, culprit, {}))
    assert mean(taken) == (k + 1) / 2


CHAIN = facts(("web", "api"), ("api", "db"), ("db", "site"), ("site", "power"), ("api", "cache"))


def test_a_check_that_blames_another_component_leads_there_next() -> None:
    search = Search(CHAIN, ["web"])
    assert search.next() == "web"
    search.learn("web", Observation("down", None, ("api",)))
    assert search.next() == "api"
    search.learn("api", Observation("down", None, ("db",)))
    assert search.next() == "db"


def test_what_is_suspected_is_checked_first_and_costs_a_check_when_it_is_not_it() -> None:
    observations = {"web": Observation("down", None, ("api",)), "api": Observation("down", None, ("db",))}

    def checks(*suspects: str) -> int:
        search = Search(CHAIN, ["web"])
        search.suspect(suspects)
        return checks_until(search, "db", observations)

    assert (checks(), checks("db"), checks("cache"), checks("power", "db")) == (3, 1, 4, 2)
    assert checks("not-below-the-symptom") == checks()


def test_following_the_blame_takes_as_many_checks_as_the_chain_is_long() -> None:
    blame = {"web": "api", "api": "db", "db": "site", "site": "power"}
    observations = {id: Observation("down", None, (next_,)) for id, next_ in blame.items()}
    assert checks_until(Search(CHAIN, ["web"]), "power", observations) == 5


def test_an_alert_on_the_culprit_shortens_the_search() -> None:
    blame = {"web": Observation("down", None, ("api",)), "api": Observation("down", None, ("db",))}
    assert checks_until(Search(CHAIN, ["db", "web"]), "db", blame) < checks_until(Search(CHAIN, ["web"]), "db", blame)


def test_a_misleading_alert_lengthens_it() -> None:
    blame = {"web": Observation("down", None, ("api",)), "api": Observation("down", None, ("db",))}
    misled = checks_until(Search(CHAIN, ["cache", "web"]), "db", blame)
    assert misled > checks_until(Search(CHAIN, ["web"]), "db", blame)


def test_a_healthy_component_clears_what_only_it_led_to() -> None:
    search = Search(CHAIN, ["web"])
    search.learn("web", Observation("down", None, ("api",)))
    search.learn("db", WELL)
    assert "power" not in search.candidates
    assert "cache" in search.candidates


@pytest.mark.parametrize(("keeps", "left"), [(1.0, 0), (0.5, 2), (0.0, 4)])
def test_a_hand_over_opens_again_what_it_does_not_pass_on(keeps: float, left: int) -> None:
    edges = [("s", f"c{i}") for i in range(4)]
    search = Search(facts(*edges), [])
    for i in range(4):
        search.learn(f"c{i}", WELL)
    search.hand_over(keeps, draw=0.3)
    assert len(search.candidates) == left


def test_a_trail_that_was_followed_before_is_not_walked_again() -> None:
    search = Search(facts(("mobile", "api"), ("web", "api"), ("api", "db"), ("db", "disk")), ["web", "mobile"])
    for id, culprit in (("web", "api"), ("api", "db")):
        search.learn(id, Observation("down", None, (culprit,)))
    for _ in range(3):
        search.puzzle("db")
    search.learn("mobile", Observation("down", None, ("api",)))
    assert "api" not in search.candidates
    assert search.blamed[-1] == "db"


def test_a_symptom_that_what_is_in_hand_explains_is_not_followed_further() -> None:
    search = Search(facts(("web", "db"), ("printer", "paper")), ["web", "printer"])
    search.learn("db", Observation("down", "crash", ()))
    assert search.next(lambda id: id == "db") == "printer"
    search.learn("printer", WELL)
    assert search.next(lambda id: id == "db") is None


def test_trouble_that_came_from_a_caller_counts_as_explained() -> None:
    """A retry storm: accounts suffers from payments, which depends on it."""
    search = Search(facts(("payments", "accounts"), ("accounts", "ledger")), ["accounts"])
    search.learn("accounts", Observation("down", None, ("payments",)))
    assert search.next() == "payments"
    search.learn("payments", Observation("down", "bad-deploy", ()))
    assert search.next(lambda id: id == "payments") is None


# Overload without a fault


def overloaded(*others: str) -> Observation:
    return Observation("down", None, others, utilisation=1.9)


def concluded(shows: dict[str, Observation], *order: str) -> list[str | None]:
    """What is concluded after each look."""
    search, found = Search(CHAIN, ["web"]), []
    for id in order:
        search.learn(id, shows.get(id, WELL))
        found.append(search.find_overload())
    return found


def test_more_load_than_fits_is_found_where_nothing_is_wrong() -> None:
    assert concluded({"db": overloaded()}, "api", "db") == [None, "db"]


def test_it_is_concluded_once() -> None:
    assert concluded({"db": overloaded()}, "db", "cache") == ["db", None]


def test_callers_that_ask_again_are_looked_at_before_they_are_believed_to_be_well() -> None:
    storm = {"db": overloaded("api"), "api": Observation("down", None, ("db",))}
    assert concluded(storm, "db", "api") == [None, "db"]
    assert concluded(storm, "api", "db") == [None, "db"]


def test_a_caller_with_a_fault_of_its_own_explains_the_load() -> None:
    storm = {"db": overloaded("api"), "api": Observation("degraded", "bad-deploy", ())}
    assert concluded(storm, "db", "api", "cache") == [None, None, None]


def test_of_several_the_one_furthest_below_comes_first() -> None:
    both = {"api": overloaded("db"), "db": overloaded()}
    assert concluded(both, "api", "db", "cache") == [None, "db", "api"]


@pytest.mark.parametrize(
    "seen",
    [
        Observation("up", None, (), utilisation=1.2),
        Observation("down", None, (), utilisation=0.9),
        Observation("down", None, (), utilisation=None),
        Observation("down", "cpu-starvation", (), utilisation=3.0),
    ],
    ids=["nobody feels it", "it fits", "capacity is not known", "a fault takes its capacity"],
)
def test_what_is_no_overload(seen: Observation) -> None:
    assert concluded({"db": seen}, "db") == [None]
