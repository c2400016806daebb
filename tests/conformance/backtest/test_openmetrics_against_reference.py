"""OpenMetrics text with timestamps: read as the reference parser reads it, or refused as it refuses."""

from __future__ import annotations

import io
import math

from hypothesis import example, given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from simulator.monitoring.promql import METRIC_NAME, Labels
from studies.backtest.readers.complaints import Complaints
from studies.backtest.readers.series_text import OPENMETRICS, read_series_text
from timeline.findings import InputError

Samples = dict[tuple[Labels, int], str]

label_values = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8)
"""No carriage return: the reference reads through a text stream, which takes it for the end of a line."""
label_sets = st.dictionaries(st.sampled_from(["job", "instance", "le_", "_x"]), label_values, max_size=3)
values = st.one_of(
    st.floats().map(repr),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda number: f"{number:g}"),
    st.integers(-(10**15), 10**15).map(str),
    st.sampled_from(["NaN", "+Inf", "-Inf", "0", "1e300", "-0.0"]),
)


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


@st.composite
def expositions(draw: st.DrawFn) -> str:
    """Families one after the other, series after series, each in the order of time, as the specification wants it."""
    lines = []
    for name in draw(st.lists(st.sampled_from(["up", "queue:depth", "x_seconds", "Y"]), unique=True, max_size=3)):
        if draw(st.booleans()):
            lines.append(f"# TYPE {name} {draw(st.sampled_from(['gauge', 'unknown']))}")
        if draw(st.booleans()):
            lines.append(f"# HELP {name} {escaped(draw(label_values))}")
        kinds = draw(
            st.lists(label_sets, unique_by=lambda labels: tuple(sorted(labels.items())), min_size=1, max_size=3)
        )
        for labels in kinds:
            inner = ",".join(f'{key}="{escaped(value)}"' for key, value in labels.items())
            head = f"{name}{{{inner}}}" if inner or draw(st.booleans()) else name
            at_ms = draw(st.integers(0, 2 * 10**12))
            for _ in range(draw(st.sampled_from([1, 2, 3, 40]))):
                lines.append(f"{head} {draw(values)} {at_ms // 1000}.{at_ms % 1000:03d}")
                at_ms += draw(st.integers(1, 10**7))
    return "\n".join([*lines, "# EOF\n"])


def written(value: float) -> str:
    """A number so that NaN equals NaN, and -0 (an integer to the reference) equals 0."""
    return repr(float(value) + 0.0)


def ours(text: str) -> Samples | None:
    complaints = Complaints()
    try:
        batches = list(read_series_text(io.BytesIO(text.encode()), "x", OPENMETRICS, complaints))
        complaints.settle()
    except InputError:
        return None
    return {
        (batch.labels, int(at_ms)): written(value)
        for batch in batches
        for at_ms, value in zip(batch.times, batch.values, strict=True)
    }


def reference(text: str) -> Samples | None:
    try:
        families = list(text_string_to_metric_families(text))
    except (ValueError, IndexError):
        return None
    found = {}
    for family in families:
        for sample in family.samples:
            if sample.timestamp is None:
                return None  # a recording without times is none
            at_ms = round(float(sample.timestamp) * 1000)
            found[Labels({METRIC_NAME: sample.name, **sample.labels}), at_ms] = written(sample.value)
    return found


@settings(max_examples=60)
@given(expositions())
@example('up{job="a\\\\n\\"}"} 1 1.5\n# EOF\n')
@example('up{job="} 5 6",instance=" # {"} 1 2\nup{job="} 5 6",instance=" # {"} 1 3\n# EOF\n')
@example("up 1 1\nup 2 2\nup 0x1 3\n# EOF\n")
def test_what_the_reference_reads_is_read_alike(text: str) -> None:
    assert ours(text) == reference(text)


@settings(max_examples=150)
@given(expositions(), st.data())
def test_one_character_off_is_refused_or_read_as_the_reference_does(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from(['"', "{", "}", " ", "1", "a", "\\", "\n", "#", ",", "=", "_", ""]))
    changed = text[:position] + character + text[position + 1 :]
    got, wanted = ours(changed), reference(changed)
    # The reference judges more than the grammar (families, order, kinds of metric), and lets pass some names that
    # the grammar does not have; where both read something, it is the same.
    assert got is None or wanted is None or got == wanted


def test_nan_and_infinities_are_kept() -> None:
    found = ours("a NaN 1\na +Inf 2\na -Inf 3\n# EOF\n")
    assert found is not None
    assert [float(value) for value in found.values()][1:] == [math.inf, -math.inf]
    assert next(iter(found.values())) == "nan"
