"""What the responders know is what was delivered, and nothing else."""

import pytest
import simpy

from simulator.response.knowledge import Knowledge
from timeline.details import FaultDetail, IncidentDetail
from timeline.events import DETAIL_OF_KIND, TRUTH, Event
from timeline.references import SCENARIO, component, fault, incident


def test_the_truth_cannot_be_delivered() -> None:
    knowledge = Knowledge(simpy.Environment())
    with pytest.raises(ValueError, match="nobody is told"):
        knowledge.deliver(Event(0, 0, "fault.started", fault("f"), SCENARIO, FaultDetail("crash", "db")))
    assert list(knowledge.events_seen()) == []


def test_every_family_of_truth_is_known_as_such() -> None:
    families = {kind.partition(".")[0] for kind in DETAIL_OF_KIND}
    assert families >= TRUTH
    assert {"fault", "signal", "function", "data"} <= TRUTH


def test_news_wakes_whoever_waits() -> None:
    env = simpy.Environment()
    knowledge = Knowledge(env)
    news = knowledge.news()
    knowledge.deliver(Event(0, 0, "incident.opened", incident("i"), SCENARIO, IncidentDetail("detected")))
    assert news.triggered
    assert not knowledge.news().triggered


def test_a_belief_may_be_wrong_and_is_kept_until_corrected() -> None:
    knowledge = Knowledge(simpy.Environment())
    knowledge.believe(component("db"), "down")
    assert knowledge.known_state(component("db")) == "down"
    knowledge.believe(component("db"), "up")
    assert knowledge.known_state(component("db")) == "up"
