"""Existing rules against an SLO: sound ones are sound in every spelling, and each weakness is found at its rule."""

import pytest

from simulator.monitoring.slo import Objective, check_objectives, outlooks, rule_file, telling_ratios, watched
from tests.simulator.monitoring.slo.building import (
    BAD,
    PAIRS,
    TOTAL,
    WORKBOOK,
    alert,
    errors,
    objective,
    objectives,
    pair,
    ratio,
    rules,
    slo,
    stored,
    threshold,
)
from timeline.findings import Finding
from timeline.instants import MINUTE

GOOD = TOTAL.replace("}", ', code!~"5.."}')
RECORDED = "".join(
    f"      - {{record: api:errors:{w}, expr: '{errors(w)}', labels: {{slo: api}}}}\n"
    for w in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
)


def findings(rule_text: str, *slos: Objective) -> list[Finding]:
    return check_objectives(slos or [objective()], rules(rule_text))


def ids(rule_text: str, *slos: Objective) -> set[str]:
    return {finding.id for finding in findings(rule_text, *slos)}


def recorded(expr: str) -> str:
    return alert(expr).replace("      - alert", RECORDED.lstrip("\n") + "      - alert", 1)


def by_recording(expr: str) -> str:
    for window in ("30m", "5m", "1h", "2h", "6h", "1d", "3d"):
        expr = expr.replace(errors(window), f"api:errors:{window}")
    return expr


SPELLINGS = {
    "as the workbook writes it": alert(WORKBOOK),
    "increase in place of rate": alert(WORKBOOK.replace("rate(", "increase(")),
    "grouped by a label of the SLO": alert(
        WORKBOOK.replace("sum ", "sum by (job) ").replace('job="api"', 'job=~"api|web"')
    ),
    "muted while it is down": alert(f"({WORKBOOK}) unless on () maintenance == 1"),
    "only with traffic": alert(f"({WORKBOOK}) and sum(rate({TOTAL}[5m])) > 1"),
    "recorded": recorded(by_recording(WORKBOOK)),
    "factor on the other side": alert(
        " or ".join(
            f"(({errors(long)}) / 0.001 > {factor} and ({errors(short)}) / 0.001 > {factor})"
            for factor, long, short in PAIRS
        )
    ),
    "threshold first": alert(
        " or ".join(
            f"({factor} * 0.001 < {errors(long)} and {factor} * 0.001 < {errors(short)})"
            for factor, long, short in PAIRS
        )
    ),
    "objective written out": alert(WORKBOOK.replace("0.001", "(1 - 0.999)")),
    "share of good events": alert(WORKBOOK.replace(f"sum (rate({BAD}", f"1 - sum (rate({GOOD}")),
    "success below a bound": alert(
        " or ".join(
            f"({errors(long, GOOD)} < {bound} and {errors(short, GOOD)} < {bound})"
            for bound, long, short in ((1 - float(factor) * 0.001, *windows) for factor, *windows in PAIRS)
        )
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_sound_rules_are_sound_however_they_are_written(spelling: str) -> None:
    assert [finding.render() for finding in findings(SPELLINGS[spelling])] == []
    (one,) = watched([objective()], rules(SPELLINGS[spelling]))
    assert [rate.factor for alert in one.watching for rate in alert.rates] == pytest.approx([14.4, 6, 3, 1])


def swapped(old: str, new: str) -> str:
    assert old in WORKBOOK
    return alert(WORKBOOK.replace(old, new))


FAST = pair("14.4 * 0.001", "1h", "5m")
WEAKNESSES = [
    ("nothing at all", alert("up == 0", name="Down"), {"slo.no-burn-alert"}),
    ("a plain threshold is no burn rate", alert(f"{errors('5m')} > 0.05", name="Errors"), {"slo.no-burn-alert"}),
    ("a pair is missing", alert(FAST), {"slo.unseen-burn"}),
    ("another objective", swapped("0.001", "0.005"), {"slo.other-objective", "slo.unseen-burn"}),
    ("another objective as a number", swapped("14.4 * 0.001", "0.072"), {"slo.other-objective", "slo.unseen-burn"}),
    ("other conditions", swapped('code=~"5.."', 'code=~"4.."'), {"slo.other-indicator"}),
    (
        "another denominator",
        swapped(f"rate({TOTAL}", 'rate(http_requests_total{job="api", path="/"}'),
        {"slo.other-indicator"},
    ),
    ("other windows for short", swapped("[5m]", "[7m]"), set()),
    ("no short window", alert(f"{WORKBOOK} or {errors('12h')} > 4 * 0.001"), {"slo.no-short-window"}),
    ("never fires", alert(f"{WORKBOOK} or {pair('1200 * 0.001', '1h', '5m')}"), {"slo.cannot-fire"}),
    ("fires within the budget", alert(f"{WORKBOOK} or {pair('0.5 * 0.001', '2d', '4h')}"), {"slo.fires-within-budget"}),
    ("fires when all is gone", alert(f"{WORKBOOK} or {pair('400 * 0.001', '3d', '6h')}"), {"slo.fires-too-late"}),
    (
        "two thresholds",
        alert(WORKBOOK + f" or ({errors('12h')} > 4 * 0.001 and {errors('1h')} > 8 * 0.001)"),
        {"slo.unequal-thresholds"},
    ),
    ("a long wait", alert(WORKBOOK, more="for: 10m"), {"slo.delayed-by-for"}),
    ("of another service", swapped('job="api"', 'job="web"'), {"slo.no-burn-alert"}),
]


@pytest.mark.parametrize(("text", "expected"), [w[1:] for w in WEAKNESSES], ids=[w[0] for w in WEAKNESSES])
def test_each_weakness_is_found_by_its_name(text: str, expected: set[str]) -> None:
    assert ids(text) == expected


def test_a_finding_on_a_rule_stands_at_the_rule_and_names_what_is_usual() -> None:
    (finding, *_) = [f for f in findings(swapped("0.001", "0.005")) if f.id == "slo.other-objective"]
    assert (finding.place.file, finding.place.line) == ("rules.yaml", 5)
    assert "14.4 * 0.005" in finding.message
    assert "14.4 * 0.001 is usual over 1h" in finding.hint


def test_a_missing_pair_is_told_at_the_slo_with_what_to_add() -> None:
    found = [f for f in findings(alert(FAST)) if f.id == "slo.unseen-burn"]
    assert [f.hint.partition(":")[0] for f in found] == [
        "add 6 over 6h and 30m",
        "add 3 over 1d and 2h",
        "add 1 over 3d and 6h",
    ]
    assert all(f.place.file == "slo.yaml" for f in found)


def test_the_difference_of_an_indicator_is_said_in_words() -> None:
    (finding,) = findings(swapped('code=~"5.."', 'code=~"4.."'))
    assert (
        'http_requests_total{code=~"4.."} where the indicator counts http_requests_total{code=~"5.."}'
        in finding.message
    )


def test_an_alert_of_another_slo_is_no_concern_of_this_one() -> None:
    second = ratio(BAD.replace("5..", "429"), TOTAL)
    both = objectives(slo("api"), slo("throttled", metric=second))
    text = alert(WORKBOOK) + alert(WORKBOOK.replace("5..", "429"), name="ThrottledBurns").replace(
        "groups:\n  - name: g\n", "  - name: h\n"
    )
    assert [f.render() for f in check_objectives(both, rules(text))] == []


def test_a_label_says_whose_alert_it_is_whatever_it_measures() -> None:
    text = alert(WORKBOOK.replace("http_requests_total", "grpc_requests_total"), more="labels: {slo: api}")
    assert ids(text) == {"slo.other-indicator"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"target": "target: 0.95"},
        {"target": "target: 0.5"},
        {"window": "7d"},
        {"window": "1Q"},
        {"metric": stored("r")},
        {"metric": threshold("l"), "target": "target: 0.99, op: lt, value: 1"},
        {"method": "Timeslices", "target": "target: 0.99, timeSliceWindow: 5m, timeSliceTarget: 0.9"},
    ],
    ids=str,
)
def test_generated_rules_have_no_weakness(fields: dict[str, str]) -> None:
    one = objective(**fields)
    assert [finding.render() for finding in findings(rule_file([one]), one)] == []


def test_the_outlook_puts_formula_and_run_side_by_side() -> None:
    one = objective()
    groups = rules(rule_file([one]))
    (subject,) = watched([one], groups)
    found = outlooks(subject, groups, telling_ratios(one), run=True)
    assert len(found) == 10
    for row in found:
        if row.expected.after_ms is None:
            assert row.fired is None
        else:
            assert row.fired is not None
            assert 0 <= row.fired.at_ms - row.expected.after_ms <= 2 * MINUTE
            assert row.fired.spent_ratio >= (row.expected.spent_ratio or 0) - 1e-9
