"""Past tickets that a triage bot knows, and what is wrong with them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scenarios.loading import known_names
from timeline.findings import InputError
from topologies.loading.estate import LoadedEstate, load_estate
from topologies.shipped import shipped_estates

TICKETS = """format: blackstart/tickets/1
title: Old tickets
tickets:
  T-1: {title: Shop slow, mode: load, component: COMPONENT, runbook: add-capacity}
"""


def lab(folder: Path, tickets: str, named: str = "tickets.yaml") -> LoadedEstate:
    estate = folder / "lab"
    shutil.copytree(shipped_estates()["corner-lab"], estate)
    organisation = estate / "organisation.yaml"
    bot = f"triage_bot:\n  latency: 20s\n  tickets: [{named}]\n"
    organisation.write_text(organisation.read_text() + bot)
    (estate / "tickets.yaml").write_text(tickets)
    return load_estate(estate, known=known_names())


def some_component() -> str:
    return next(iter(load_estate("corner-lab").topology.components))


def test_tickets_are_read_from_the_files_that_the_bot_names(tmp_path: Path) -> None:
    component = some_component()
    loaded = lab(tmp_path, TICKETS.replace("COMPONENT", component))
    assert loaded.tickets["T-1"].component == component
    assert [Path(document.name).name for document in loaded.ticket_documents] == ["tickets.yaml"]
    assert loaded.ticket_documents[0] in loaded.documents


def test_without_a_bot_there_are_none() -> None:
    assert dict(load_estate("corner-lab").tickets) == {}


@pytest.mark.parametrize(
    ("tickets", "named", "says"),
    [
        (TICKETS, "tickets.yaml", "there is no component 'COMPONENT'"),
        (TICKETS.replace("mode: load", "mode: laod"), "tickets.yaml", "there is no failure mode 'laod'"),
        (TICKETS, "tikets.yaml", "did you mean 'tickets.yaml'"),
        (TICKETS.replace("title: Shop slow, ", ""), "tickets.yaml", "tickets.yaml:4"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, tickets: str, named: str, says: str) -> None:
    with pytest.raises(InputError) as raised:
        lab(tmp_path, tickets, named)
    assert says in str(raised.value)
