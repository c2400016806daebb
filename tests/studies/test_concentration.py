"""What hangs on one third party, by a small estate and by brute force."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from console.main import main
from studies.concentration import Concentration, Exposure, concentrate
from topologies.estate import Estate
from topologies.loading.estate import load_topology
from topologies.reach import functions_lost_with


def estate(**vendors: dict[str, Any]) -> Estate:
    """pay stands on scheme (of `scheme`) and on app in the cloud; chat (of `chatter`) is soft for desk; the generator
    in the own data centre is repaired by `diesel`; `chatter` and `scheme` rely on `cloud`."""
    usual: dict[str, dict[str, Any]] = {
        "cloud": {},
        "scheme": {"relies_on": ["carrier"]},
        "carrier": {},
        "chatter": {"relies_on": ["cloud"]},
        "diesel": {},
    }
    named = {id: {"title": id, "provides": id, "response": "1h", **usual[id], **vendors.get(id, {})} for id in usual}
    return Estate.model_validate(
        {
            "format": "blackstart/estate/1",
            "title": "test",
            "timezone": "UTC",
            "currency": "EUR",
            "vendors": named,
            "sites": {
                "region": {"title": "region", "kind": "cloud-region", "timezone": "UTC", "vendor": "cloud"},
                "own": {"title": "own", "kind": "datacentre", "timezone": "UTC"},
            },
            "components": {
                "app": {"title": "app", "kind": "service", "site": "region"},
                "scheme-link": {"title": "link", "kind": "external", "vendor": "scheme"},
                "chat": {"title": "chat", "kind": "chat", "vendor": "chatter"},
                "generator": {"title": "generator", "kind": "power", "site": "own", "vendor": "diesel"},
                "ledger": {"title": "ledger", "kind": "database", "site": "own"},
            },
            "functions": {
                "pay": {
                    "title": "pay",
                    "criticality": "critical",
                    "mtpd": "8h",
                    "loss_per_hour": 100,
                    "supported_by": {"app": {"type": "hard"}, "scheme-link": {"type": "hard"}},
                },
                "desk": {
                    "title": "desk",
                    "criticality": "standard",
                    "supported_by": {"ledger": {"type": "hard"}, "chat": {"type": "soft", "degradation": 0.5}},
                },
            },
        }
    )


def of(found: Concentration, vendor: str) -> Exposure:
    return next(exposure for exposure in found.exposures if exposure.vendor == vendor)


def test_functions_are_lost_weakened_or_untouched() -> None:
    found = concentrate(estate())
    assert of(found, "cloud").lost == ("pay",)
    assert of(found, "cloud").weakened == ("desk",), "the chat goes with the cloud it runs on"
    assert of(found, "chatter").lost == ()
    assert of(found, "chatter").weakened == ("desk",)
    assert of(found, "cloud").loss_per_hour == 100


def test_what_is_only_repaired_goes_on() -> None:
    exposure = of(concentrate(estate()), "diesel")
    assert (exposure.runs, exposure.lost, exposure.weakened) == ((), (), ())


def test_a_loss_comes_through_the_chain() -> None:
    carrier = of(concentrate(estate()), "carrier")
    assert carrier.takes_along == ("scheme",)
    assert carrier.lost == carrier.through_chain == ("pay",)
    assert of(concentrate(estate(scheme={"relies_on": []})), "carrier").lost == ()


def test_a_chain_that_bites_its_tail_ends() -> None:
    circle = estate(carrier={"relies_on": ["scheme"]})
    assert of(concentrate(circle), "carrier").takes_along == ("scheme",)


def test_an_exit_is_held_against_the_mtpd_and_untried_is_said() -> None:
    late = {"exit": {"substitute": "another", "takes": "7h", "data_return": "61m"}}
    soon = {"exit": {"substitute": "another", "takes": "7h", "data_return": "1h", "tested": "2026-01-15"}}
    missed, met = (of(concentrate(estate(cloud=plan)), "cloud").exit for plan in (late, soon))
    assert missed is not None
    assert met is not None
    assert (missed.misses, missed.tested) == (("pay",), None)
    assert (met.misses, met.tested) == ((), date(2026, 1, 15))


def test_the_most_critical_concentration_comes_first() -> None:
    counts = [len(exposure.critical) for exposure in concentrate(estate()).exposures]
    assert counts == sorted(counts, reverse=True)


def test_the_shipped_bank_by_brute_force() -> None:
    bank = load_topology("meridian-bank")
    for exposure in concentrate(bank).exposures:
        parties = {exposure.vendor, *exposure.takes_along}
        gone = [id for id, site in bank.sites.items() if site.vendor in parties]
        gone += [
            id
            for id, c in bank.components.items()
            if c.vendor in parties and (c.site is None or bank.sites[c.site].vendor == c.vendor)
        ]
        assert list(exposure.lost) == functions_lost_with(bank, gone)


def test_the_command_answers_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["estate", "concentration", "meridian-bank", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert left.value.code == 0
    assert document["third_parties"][0]["vendor"] == "cloud-provider"
    assert {p["vendor"] for p in document["third_parties"]} == set(load_topology("meridian-bank").vendors)


def test_an_unknown_subcontractor_is_reported_with_the_nearest() -> None:
    from topologies.estate import Estate as Model
    from topologies.loading.document import parse_document
    from topologies.loading.references import declared, unknown_references
    from topologies.loading.shape import Shape

    text = "vendors:\n  cloud: {title: c, provides: c, response: 1h, relies_on: [clod]}\n"
    document = parse_document(text, "topology.yaml")
    (finding,) = unknown_references(document, Shape.of(Model), declared(document, Model))
    assert "cloud" in finding.hint
    assert finding.place.line == 2
