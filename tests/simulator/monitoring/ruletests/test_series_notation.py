"""The notation for series in tests."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.monitoring.promql import Labels, is_stale
from simulator.monitoring.ruletests.series_notation import UnsupportedNotation, parse_items, parse_labels


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("5", [5]),
        ("5x3", [5, 5, 5, 5]),
        ("5+2x3", [5, 7, 9, 11]),
        ("5-2x3 1", [5, 3, 1, -1, 1]),
        ("-2+4x1 .5 1e3 Inf", [-2, 2, 0.5, 1000, float("inf")]),
        ("0x2", [0, 0, 0]),
        ("_ _x2 1", [None, None, None, 1]),
        ("", []),
    ],
)
def test_items_are_samples_and_gaps(items, expected):
    values, present = parse_items(items)
    assert [value if here else None for value, here in zip(values.tolist(), present.tolist(), strict=True)] == expected


def test_stale_is_a_marker():
    values, present = parse_items("1 stale NaN")
    assert present.all()
    assert is_stale(values).tolist() == [False, True, False]


@pytest.mark.parametrize("items", ["five", "1+x3", "1x", "_x-1", "1,2", "--1"])
def test_what_is_no_item_is_refused(items):
    with pytest.raises(ValueError, match="is not an item"):
        parse_items(items)


def test_native_histograms_are_refused_by_name():
    with pytest.raises(UnsupportedNotation, match="native histograms"):
        parse_items("{{schema:1 count:2}}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up", Labels(__name__="up")),
        ("up{job=\"a\", instance='b',}", Labels(__name__="up", job="a", instance="b")),
        ("{}", Labels()),
        ('{__name__="x y", q="\\"\\n\\u00e9"}', Labels({"__name__": "x y", "q": '"\né'})),
        ('{"dotted.name", "a.b"="c"}', Labels({"__name__": "dotted.name", "a.b": "c"})),
    ],
)
def test_label_sets_are_written_as_in_promql(text, expected):
    assert parse_labels(text) == (expected, "")


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ValueError):
        assert isinstance(parse_labels(text)[0], Labels)
    with contextlib.suppress(ValueError):
        values, present = parse_items(text)
        assert values.shape == present.shape
