"""Any query that PromQL's grammar allows, as hypothesis strategies by the type of the value.

Every function and aggregation is there with arguments of its types, every operator with every way of matching, and
modifiers everywhere they may stand; also what is refused by name (experimental functions, native histograms).  One in
about twenty arguments has a wrong type.
"""

from __future__ import annotations

from hypothesis import strategies as st

from simulator.monitoring.promql import elementwise

Text = st.SearchStrategy[str]

# Arguments by function: v instant vector, m range vector, s scalar, t string.
FUNCTIONS = {
    **dict.fromkeys([*elementwise.UNARY, *elementwise.CALENDAR, "absent", "sort", "sort_desc", "timestamp"], "v"),
    **dict.fromkeys(["rate", "increase", "delta", "irate", "idelta", "resets", "changes", "deriv"], "m"),
    **{
        f"{function}_over_time": "m"
        for function in ("absent", "avg", "count", "last", "max", "min", "present", "stddev", "stdvar", "sum")
    },
    "clamp": "vss", "clamp_max": "vs", "clamp_min": "vs", "round": "vs", "scalar": "v", "vector": "s", "time": "",
    "pi": "", "histogram_quantile": "sv", "histogram_fraction": "ssv", "quantile_over_time": "sm",
    "predict_linear": "ms", "holt_winters": "mss", "label_replace": "vtttt", "label_join": "vttt",
    "histogram_avg": "v", "histogram_count": "v", "double_exponential_smoothing": "mss", "mad_over_time": "m",
    "info": "v", "sort_by_label": "vt", "limitk": "sv",
}  # fmt: skip

numbers = st.sampled_from(["0", "1", "-1", "2.5", "1e3", "1e308", "5e-324", "0x1F", "NaN", "Inf", "-Inf", "+3"])
durations = st.sampled_from(["1m", "5m", "30s", "1ms", "90s", "1h30m", "1d", "1y", "0s", "300"])
labels = st.sampled_from(["job", "le", "instance", "__name__", "quantile", "missing"])
texts = st.sampled_from(['"job"', '"new"', '"$1"', '"(.*)"', '"(.+)"', '""', '"\\xff"', "'a b'", "`x`", '"1x"', '"é"'])
matchers = st.builds(
    "{}{}{}".format,
    labels,
    st.sampled_from(["=", "!=", "=~", "!~"]),
    st.sampled_from(['"a"', '"a|b"', '".*"', '".+"', '""', '"(a)?b*"', '"0.1"', '"1"', '"x\\n"']),
)
moments = st.sampled_from(
    ["", "", "", " offset 1m", " offset -5m", " @ 60", " @ -60", " @ start()", " @ end() offset 1m", " offset 1y",
     " @ 1e12", " offset -30s @ 0.5"]
)  # fmt: skip
names = st.sampled_from(["x", "y", "h_bucket", "ALERTS", "nothing"])
grouping = st.one_of(
    st.just(""),
    st.builds(
        lambda word, of: f" {word} ({', '.join(of)})",
        st.sampled_from(["by", "without"]),
        st.lists(labels, max_size=3, unique=True),
    ),
)
matching = st.one_of(
    st.just(""),
    st.builds(
        lambda word, of, group, include: (
            f" {word} ({', '.join(of)}){group}" + (f" ({', '.join(include)})" * bool(group))
        ),
        st.sampled_from(["on", "ignoring"]),
        st.lists(labels, max_size=2, unique=True),
        st.sampled_from(["", "", " group_left", " group_right"]),
        st.lists(labels, max_size=1),
    ),
)
set_matching = st.one_of(
    st.just(""),
    st.builds(
        lambda word, of: f" {word} ({', '.join(of)})",
        st.sampled_from(["on", "ignoring"]),
        st.lists(labels, max_size=2, unique=True),
    ),
)
arithmetic = st.sampled_from(["+", "-", "*", "/", "%", "^", "atan2"])
comparisons = st.builds(
    "{}{}".format, st.sampled_from(["==", "!=", ">", "<", ">=", "<="]), st.sampled_from(["", " bool"])
)
sets = st.sampled_from(["and", "or", "unless"])
plain_aggregations = st.sampled_from(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"])

bare = st.one_of(
    st.builds(lambda name, of: f"{name}{{{','.join(of)}}}" if of else name, names, st.lists(matchers, max_size=2)),
    st.builds(lambda of: f'{{{of},job=~".+"}}', matchers),
)
selectors = st.builds("{}{}".format, bare, moments)
range_selectors = st.builds("{}[{}]{}".format, bare, durations, moments)


def _call(queries: Text) -> Text:
    """A call, with now and then an argument of another type."""

    def arguments(name: str) -> Text:
        of = {"v": queries, "m": _ranges(queries), "s": st.one_of(numbers, numbers, queries), "t": texts}
        any_type = st.one_of(*of.values())
        parts = [st.one_of(*[of[kind]] * 19, any_type) for kind in FUNCTIONS[name]]
        return st.tuples(*parts).map(lambda given: f"{name}({', '.join(given)})")

    return st.sampled_from(sorted(FUNCTIONS)).flatmap(arguments)


def _ranges(queries: Text) -> Text:
    subqueries = st.builds(
        "({})[{}:{}]{}".format, queries, durations, st.sampled_from(["", "1m", "7s", "1h", "333ms"]), moments
    )
    return st.one_of(range_selectors, range_selectors, subqueries)


def _aggregation(queries: Text) -> Text:
    parameter = st.one_of(numbers, queries)
    return st.one_of(
        st.builds("{}{} ({})".format, plain_aggregations, grouping, queries),
        st.builds(
            "{}{} ({}, {})".format,
            st.sampled_from(["topk", "bottomk", "quantile", "limitk", "limit_ratio"]),
            grouping,
            parameter,
            queries,
        ),
        st.builds("count_values{} ({}, {})".format, grouping, texts, queries),
    )


def _binary(queries: Text) -> Text:
    operators = st.one_of(arithmetic, comparisons)
    return st.one_of(
        st.builds("({}) {}{} ({})".format, queries, operators, matching, queries),
        st.builds("({}) {}{} ({})".format, queries, sets, set_matching, queries),
        st.builds("({}) {} {}".format, queries, operators, numbers),
        st.builds("{} {} ({})".format, numbers, operators, queries),
        st.builds("{} {} {}".format, numbers, arithmetic, numbers),
    )


QUERIES = st.recursive(
    st.one_of(selectors, selectors, selectors, selectors, st.sampled_from(["time()", "vector(1)", "1", "pi()"])),
    lambda inner: st.one_of(_call(inner), _call(inner), _aggregation(inner), _binary(inner), inner.map("-{}".format)),
    max_leaves=6,
)
