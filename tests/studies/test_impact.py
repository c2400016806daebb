"""The impact of single faults: on estates that can be judged by hand, and against another way of reckoning."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.main import main
from studies.impact import Assessment, FaultImpact, assess, document
from studies.impact.page import html_page
from tests.simulator.estate.building import FLAT_DAY, ZONE, hard, service
from timeline.instants import MINUTE
from topologies.estate import Estate
from topologies.reach import functions_lost_with


def estate(**sections: Any) -> Estate:
    return Estate.model_validate({"format": "blackstart/estate/1", "title": "test", "timezone": ZONE, **sections})


def shop(**fields: Any) -> dict[str, Any]:
    return {"title": "Shop", "supported_by": {"web": hard()}, "loss_per_hour": 600, **fields}


def of(assessed: Assessment, target: str, fault: str) -> FaultImpact:
    return next(f for f in assessed.faults if (f.target, f.fault) == (target, fault))


CHAIN = {
    "components": {
        "web": service(depends_on={"db": hard()}),
        "db": service(kind="database", recovery={"restart": "20m", "start-up": "5m"}),
        "printer": service(),
    },
    "functions": {"shop": shop(rto="30m")},
}


def test_a_fault_takes_away_what_stands_on_it_for_as_long_as_the_documented_way_back_takes() -> None:
    crash = of(assess(estate(**CHAIN)), "db", "crash")
    assert crash.lost == {"shop": 25 * MINUTE}
    assert crash.rto_at_risk == ()
    assert crash.blast_radius == 1


def test_an_rto_is_at_risk_when_the_way_back_is_longer_or_unknown() -> None:
    tight = estate(**{**CHAIN, "functions": {"shop": shop(rto="24m")}})
    assert of(assess(tight), "db", "crash").rto_at_risk == ("shop",)
    assert of(assess(estate(**CHAIN)), "web", "crash").lost == {"shop": None}
    assert of(assess(estate(**CHAIN)), "web", "crash").rto_at_risk == ("shop",)


def test_what_nothing_stands_on_takes_nothing_away() -> None:
    crash = of(assess(estate(**CHAIN)), "printer", "crash")
    assert (crash.lost, crash.blast_radius) == ({}, 0)


def test_single_points_are_ranked_by_what_they_cost_and_what_cannot_be_told_is_named() -> None:
    points = assess(estate(**CHAIN), only="crash").single_points
    assert [(p.target, p.expected_loss, p.undocumented) for p in points] == [
        ("db", 600 * 25 / 60, ()),
        ("web", None, ("crash",)),
    ]


def pair(mode: dict[str, str], takes: str = "10m") -> dict[str, Any]:
    return {
        "components": {
            "web": service(depends_on={"db": hard()}),
            "a": service(kind="database", recovery={"restart": "1h"}),
            "b": service(kind="database", recovery={"restart": "1h"}),
        },
        "standby_pairs": {
            "db": {"title": "db", "primary": "a", "standby": "b", "fail_over": {**mode, "takes": takes}},
        },
        "functions": {"shop": shop()},
    }


@pytest.mark.parametrize(
    ("mode", "lost"),
    [({"mode": "manual"}, {"shop": 10 * MINUTE}), ({"mode": "automatic", "detection": "30s"}, {})],
)
def test_a_standby_shortens_the_loss_or_spares_it(mode: dict[str, str], lost: dict[str, int]) -> None:
    assessed = assess(estate(**pair(mode)))
    assert of(assessed, "a", "crash").lost == lost
    assert of(assessed, "b", "crash").lost == {}
    assert "a" not in [p.target for p in assessed.single_points]


def test_a_restart_that_is_quicker_than_the_switch_counts() -> None:
    assert of(assess(estate(**pair({"mode": "manual"}, takes="2h"))), "a", "crash").lost == {"shop": 60 * MINUTE}


def test_a_loss_of_capacity_counts_as_in_the_busiest_hour() -> None:
    """A quarter of the processors is left: 75 of 100 requests a second fit at night, 25 at noon."""
    sections = {
        "components": {"web": service(capacity_rps=100)},
        "functions": {"shop": shop(minimum_level=0.5, demand={"entry": "web", "peak_rps": 80, "by_hour": FLAT_DAY})},
    }
    assert list(of(assess(estate(**sections)), "web", "cpu-starvation").lost) == ["shop"]
    sections["functions"]["shop"]["demand"]["peak_rps"] = 40
    assert list(of(assess(estate(**sections)), "web", "cpu-starvation").lost) == []


def test_faults_of_vendors_sit_only_in_what_a_vendor_runs() -> None:
    vendors = {"v": {"title": "v", "provides": "lines", "response": "1h"}}
    made = assess(estate(vendors=vendors, components={"own": service(), "line": service(kind="external", vendor="v")}))
    assert [f.target for f in made.faults if f.fault == "vendor-outage"] == ["line", "v"]


@st.composite
def hard_estates(draw: st.DrawFn) -> Estate:
    """Everything hard: whoever needs what is lost is lost."""
    count = draw(st.integers(2, 8))
    sites = {"north": {"title": "n", "kind": "datacentre", "timezone": ZONE}}
    components = {
        f"c{n}": service(
            depends_on={f"c{below}": hard() for below in (draw(st.sets(st.integers(0, n - 1))) if n else ())},
            **draw(st.sampled_from([{}, {"site": "north"}])),
        )
        for n in range(count)
    }
    members = draw(st.lists(st.sampled_from(sorted(components)), min_size=1, max_size=4, unique=True))
    group = {"title": "g", "members": members, "needed": draw(st.integers(1, len(members)))}
    standby = {
        "title": "p",
        "primary": members[0],
        "standby": members[-1],
        "fail_over": {"mode": "manual", "takes": "1m"},
    }
    supports = draw(st.sets(st.sampled_from([*components, "g", "p"]), min_size=1))
    function = {"title": "f", "supported_by": {id: hard() for id in sorted(supports)}}
    return estate(
        sites=sites, components=components, groups={"g": group}, standby_pairs={"p": standby}, functions={"f": function}
    )


@given(hard_estates())
def test_what_is_lost_for_good_is_what_reachability_says(made: Estate) -> None:
    """`topologies.reach` follows hard dependencies as sets, without levels, cases or columns."""
    for impact in assess(made).faults:
        if impact.fault in ("crash", "site-loss"):
            assert list(impact.lost_for_good) == functions_lost_with(made, [impact.target]), impact


def rows(page: str, section: str) -> list[list[str]]:
    """Texts of the cells of the first table after the heading with this id, without its head."""
    table = page.partition(f'id="{section}"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.split(r"<t[hd][^>]*>", row)[1:]]
        for row in table.split("<tr>")[1:]
    ]


def test_the_page_says_of_each_function_what_takes_it_and_of_each_single_point_what_it_takes() -> None:
    made = estate(
        components={**CHAIN["components"], "mail": service()},
        functions={
            "shop": shop(rto="24m"),
            "news": {"title": "News & mail", "supported_by": {"mail": hard()}, "rto": "1h"},
        },
        currency="EUR",
    )
    page = html_page(made, assess(made, only="crash"))
    assert rows(page, "functions") == [
        ["Shop", "24 min", "2", "2", "25 min", "1", "2"],
        ["News &amp; mail", "1 h", "1", "1", "–", "1", "1"],
    ]
    # 25 minutes at 600 an hour; the others have no way back that is documented.
    assert rows(page, "points") == [
        ["db", "250 EUR", "", "crash", "at risk", ""],
        ["web", "unknown", "", "–", "at risk", ""],
        ["mail", "unknown", "", "–", "", "at risk"],
    ]
    assert "http://" not in page
    assert "https://" not in page


def test_the_document_gives_null_for_what_is_not_known() -> None:
    answer = document(assess(estate(**CHAIN), only="crash"))
    by_target = {fault["target"]: fault["technical_recovery_s"] for fault in answer["faults"]}
    assert by_target == {"web": {"shop": None}, "db": {"shop": 1500.0}, "printer": {}}


def test_the_command_writes_both_whole_or_refuses_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "impact"
    with pytest.raises(SystemExit) as end:
        main(["estate", "impact", "corner-lab", "--fault", "crash", "--out", str(out), "--json"])
    assert end.value.code == 0
    assert json.loads(capsys.readouterr().out) == json.loads((out / "impact.json").read_text())
    assert (out / "impact.html").read_text().startswith("<!doctype html>")
    with pytest.raises(SystemExit) as end:
        main(["estate", "impact", "corner-lab", "--fault", "crush", "--out", str(tmp_path / "none")])
    assert end.value.code == 2
    assert not (tmp_path / "none").exists()
