"""OpenSLO files: what they mean, and what is wrong with them, each at its place."""

import pytest

from simulator.monitoring.promql.printing import write
from simulator.monitoring.slo import is_openslo, objectives_of
from tests.simulator.monitoring.slo.building import (
    BAD,
    HEAD,
    TOTAL,
    good,
    objective,
    objectives,
    ratio,
    slo,
    source,
    stored,
    threshold,
)
from timeline.findings import InputError
from timeline.instants import DAY, HOUR, MINUTE
from topologies.loading.document import parse_documents

POLICY = HEAD + (
    "kind: AlertPolicy\nmetadata: {name: wake}\n"
    "spec: {alertWhenBreaching: true, conditions: [{conditionRef: fast}], notificationTargets: [{targetRef: pager}]}\n"
)
CONDITION = HEAD + (
    "kind: AlertCondition\nmetadata: {name: fast}\n"
    "spec: {severity: page, condition: {kind: burnrate, threshold: 2, lookbackWindow: 1h, alertAfter: 5m}}\n"
)


def error_ratio(window_ms: int = HOUR, **fields: str) -> str:
    return write(objective(**fields).indicator.error_ratio(window_ms))


QUERIES = [
    ("counters are summed rates", ratio("bad", "all"), "", "sum(rate(bad[1h])) / sum(rate(all[1h]))"),
    (
        "a range becomes the window",
        ratio("sum(rate(b[5m]))", "sum(increase(t[9m]))"),
        "",
        "sum(rate(b[1h])) / sum(increase(t[1h]))",
    ),
    ("so does the placeholder", ratio("sum(rate(b[{{.window}}]))", "t"), "", "sum(rate(b[1h])) / sum(rate(t[1h]))"),
    (
        "groups are kept",
        ratio("sum by (a) (b)", "sum by (a) (t)"),
        "",
        "sum by (a) (rate(b[1h])) / sum by (a) (rate(t[1h]))",
    ),
    ("good events", good("g", "t"), "", "1 - (sum(rate(g[1h])) or sum(rate(t[1h])) * 0) / sum(rate(t[1h]))"),
    (
        "numbers of events each scrape",
        f"ratioMetric: {{counter: false, bad: {source('b')}, total: {source('t')}}}",
        "",
        "sum(sum_over_time(b[1h])) / sum(sum_over_time(t[1h]))",
    ),
    ("a stored share of successes", stored("r", "success"), "", "1 - avg_over_time(r[1h])"),
    ("a stored share of failures", stored("r"), "", "avg_over_time(r[1h])"),
    ("a computed one", stored("1 - r"), "", "avg_over_time((1 - r)[1h:1m])"),
    (
        "a threshold",
        threshold("latency"),
        "target: 0.99, op: lte, value: 0.3",
        "1 - avg_over_time((latency <= bool 0.3)[1h:1m])",
    ),
]


@pytest.mark.parametrize(("metric", "target", "expected"), [q[1:] for q in QUERIES], ids=[q[0] for q in QUERIES])
def test_the_error_ratio_of_an_indicator(metric: str, target: str, expected: str) -> None:
    assert error_ratio(metric=metric, target=target or "target: 0.99") == expected


def test_time_slices_are_bad_as_a_whole_and_ratio_slices_by_their_share() -> None:
    target = "target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5"
    sliced = error_ratio(metric=ratio("b", "t"), target=target, method="Timeslices")
    assert sliced == "avg_over_time((sum(rate(b[5m])) / sum(rate(t[5m])) > bool 0.05)[1h:5m])"
    mean = error_ratio(metric=ratio("b", "t"), target="target: 0.99, timeSliceWindow: 1m", method="RatioTimeslices")
    assert mean == "avg_over_time((sum(rate(b[1m])) / sum(rate(t[1m])) >= 0)[1h:1m])"


@pytest.mark.parametrize(
    ("window", "ms"),
    [("10m", 10 * MINUTE), ("12h", 12 * HOUR), ("4w", 28 * DAY), ("1M", 30 * DAY), ("1Q", 90 * DAY), ("1Y", 365 * DAY)],
)
def test_windows(window: str, ms: int) -> None:
    assert objective(window=window).window_ms == ms


def test_a_target_in_percent_is_the_same_target() -> None:
    assert objective(target="targetPercent: 99.95").target_ratio == objective(target="target: 0.9995").target_ratio
    assert objective(target="targetPercent: 99.95").budget_ratio == 0.0005


def test_several_objectives_are_told_apart_by_number() -> None:
    found = objectives(slo(target="target: 0.9}, {target: 0.99"))
    assert [(o.name, o.target_ratio) for o in found] == [("api-1", 0.9), ("api-2", 0.99)]


def test_what_is_referred_to_may_stand_in_any_document() -> None:
    text = slo(more="alertPolicies: [{alertPolicyRef: wake}]").replace("indicator: {spec: {", "indicatorRef: errors #")
    sli = (
        HEAD
        + "kind: SLI\nmetadata: {name: errors}\n"
        + f"spec: {{{ratio().replace('type: Prometheus', 'metricSourceRef: prom')}}}\n"
    )
    data_source = HEAD + "kind: DataSource\nmetadata: {name: prom}\nspec: {type: prometheus, connectionDetails: [x]}\n"
    service = HEAD + "kind: Service\nmetadata: {name: api}\nspec: {description: An API}\n"
    target = HEAD + "kind: AlertNotificationTarget\nmetadata: {name: pager}\nspec: {target: pager}\n"
    (found,) = objectives(text, sli, data_source, service, POLICY, CONDITION, target)
    assert [(c.name, c.factor, c.window_ms, c.after_ms, c.severity) for c in found.conditions] == [
        ("fast", 2, HOUR, 5 * MINUTE, "page")
    ]
    assert write(found.indicator.error_ratio(HOUR)).count("rate(") == 2


def test_labels_that_prometheus_can_carry_are_kept() -> None:
    found = objective(labels='{team: core, "not/a-label": x, tags: [a, b], severity: none}')
    assert found.labels == {"team": "core", "tags": "a,b"}


MISTAKES = [
    ("other source", slo(metric=ratio().replace("Prometheus", "Datadog")), "slo.source", "'Datadog'; only Prometheus"),
    ("no source", slo(metric=ratio().replace("type: Prometheus, ", "")), "slo.source", "neither its type"),
    (
        "unknown source",
        slo(metric=ratio().replace("type: Prometheus", "metricSourceRef: promm")),
        "slo.unknown-name",
        "'promm'",
    ),
    ("no PromQL", slo(metric=ratio("sum(")), "slo.query", "not a PromQL expression"),
    ("a range, not a vector", slo(metric=ratio("b[5m]")), "slo.query", "range vector"),
    ("no query", slo(metric=ratio().replace("query:", "sql:")), "slo.query", "no `query`"),
    ("no indicator", slo().replace("indicator:", "indicatorRef: x #"), "slo.unknown-name", "no SLI 'x'"),
    ("old version", slo().replace("openslo/v1", "openslo/v1alpha"), "slo.version", "'openslo/v1alpha'"),
    ("no kind of OpenSLO", slo().replace("kind: SLO", "kind: SLA"), "slo.kind", "'SLA'"),
    ("no kind", slo().replace("kind: SLO", ""), "slo.kind", "of which kind"),
    ("not OpenSLO", "groups: []\n", "slo.not-openslo", "no object of OpenSLO"),
    ("a list", "- a\n", "slo.not-openslo", "no object of OpenSLO"),
    ("name given twice", slo() + "---\n" + slo(), "slo.repeated-name", "'api'"),
    ("two targets", slo(target="target: 0.9, targetPercent: 90"), "model.bad-value", "exactly one target"),
    ("no target", slo(target="displayName: x"), "model.bad-value", "exactly one target"),
    ("target in percent by mistake", slo(target="target: 99.9"), "model.out-of-range", "less than 1"),
    ("target of one", slo(target="target: 1"), "model.out-of-range", "less than 1"),
    ("no budget", slo(target="target: 0.9999999999999"), "model.bad-value", "no error budget"),
    ("unknown unit", slo(window="30x"), "model.bad-value", "not a duration of OpenSLO"),
    ("no window", slo().replace("timeWindow:", "timeWindows:"), "model.missing", "'timeWindow'"),
    ("two windows", slo(window="30d}, {duration: 7d"), "model.out-of-range", "at most 1"),
    (
        "fixed window without calendar",
        slo().replace("isRolling: true", "isRolling: false"),
        "model.bad-value",
        "calendar",
    ),
    ("misspelt key", slo(target="targt: 0.9"), "model.unknown-key", "'targt'"),
    ("unknown method", slo(method="Occurences"), "model.not-one-of", "'Occurences'"),
    (
        "good and bad",
        slo(metric=ratio().replace("bad:", f"good: {source('g')}, bad:")),
        "model.bad-value",
        "good and bad",
    ),
    ("bad without total", slo(metric=f"ratioMetric: {{bad: {source('b')}}}"), "model.bad-value", "found bad"),
    ("raw without type", slo(metric=f"ratioMetric: {{raw: {source('r')}}}"), "model.bad-value", "'rawType'"),
    ("two indicators", slo(more="indicatorRef: y"), "model.bad-value", "exactly one indicator"),
    ("slices without length", slo(method="Timeslices"), "slo.time-slice", "timeSliceWindow"),
    (
        "slices without target",
        slo(method="Timeslices", target="target: 0.9, timeSliceWindow: 1m"),
        "slo.time-slice",
        "timeSliceTarget",
    ),
    ("threshold without value", slo(metric=threshold("l")), "slo.threshold", "'op' and 'value'"),
    (
        "threshold with two objectives",
        slo(metric=threshold("l"), target="target: 0.9, op: lt, value: 1}, {target: 0.8, op: lt, value: 2"),
        "slo.one-objective",
        "several",
    ),
    (
        "unknown policy",
        slo(more="alertPolicies: [{alertPolicyRef: wakee}]") + "---\n" + POLICY,
        "slo.unknown-name",
        "'wakee'",
    ),
    (
        "unknown condition",
        slo(more="alertPolicies: [{alertPolicyRef: wake}]") + "---\n" + POLICY,
        "slo.unknown-name",
        "'fast'",
    ),
]


@pytest.mark.parametrize(("text", "id", "says"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_told_with_its_place(text: str, id: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        objectives_of(parse_documents(text, "slo.yaml"))
    finding = next(f for f in refused.value.findings if f.id == id)
    assert says in finding.render()
    assert finding.place.file == "slo.yaml"
    assert finding.place.line > 0


def test_all_mistakes_of_all_documents_come_at_once() -> None:
    with pytest.raises(InputError) as refused:
        objectives(slo("a", target="target: 2"), slo("b", metric=ratio("sum(", "avg(")), slo("c", window="9x"))
    assert [f.id for f in refused.value.findings] == ["model.out-of-range", "model.bad-value", "slo.query", "slo.query"]


def test_files_of_openslo_are_known_by_their_version_line() -> None:
    known = [is_openslo(parse_documents(text, "x")[0]) for text in (slo(), "apiVersion: openslo/v2alpha\n", "a: 1\n")]
    assert known == [True, True, False]


def test_queries_are_those_of_the_file() -> None:
    assert error_ratio() == f"sum(rate({BAD}[1h])) / sum(rate({TOTAL}[1h]))"
