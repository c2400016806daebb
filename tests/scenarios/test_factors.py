"""Files of factors: what they may say, and which value a coordinate picks."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.factors import Factor, Factors
from scenarios.shipped import shipped_factors
from timeline.findings import InputError
from topologies.loading.document import parse_document, read_document
from topologies.loading.validation import validate


def factor(**takes: Any) -> Factor:
    return Factor.model_validate({"path": "estate.it", **takes})


@pytest.mark.parametrize("path", shipped_factors().values(), ids=lambda path: path.stem)
def test_what_is_shipped_is_valid(path: Any) -> None:
    assert validate(read_document(path), Factors).factors


@pytest.mark.parametrize(
    ("takes", "coordinate", "value"),
    [
        ({"levels": ["2m", "5m", "9m"]}, 0.0, "2m"),
        ({"levels": ["2m", "5m", "9m"]}, 0.34, "5m"),
        ({"levels": ["2m", "5m", "9m"]}, 1.0, "9m"),
        ({"levels": [None, 3]}, 0.2, None),
        ({"uniform": ["1m", "3m"]}, 0.25, "1m30s"),
        ({"uniform": [1, 3]}, 0.25, 1.5),
        ({"log_uniform": [1, 100]}, 0.5, 10.0),
        ({"log_uniform": ["1m", "100m"]}, 0.5, "10m"),
        ({"distribution": "lognormal(median=8m, p90=25m)"}, 0.5, "8m"),
        ({"distribution": "lognormal(median=8m, p90=25m)"}, 0.9, "25m"),
        ({"distribution": "exponential(mean=10m)"}, 1.0, "46m3s102ms"),  # its 99th percentile: it has no end
    ],
)
def test_a_coordinate_picks_a_value(takes: dict[str, Any], coordinate: float, value: object) -> None:
    assert factor(**takes).value(coordinate) == value


def test_levels_have_equal_shares_and_stand_evenly_apart() -> None:
    three = factor(levels=[10, 20, 30])
    assert [three.level(three.coordinate_of_level(number)) for number in range(3)] == [0, 1, 2]
    assert [three.position(at) for at in (0.1, 0.5, 0.9)] == [0, 0.5, 1]


HEAD = "format: blackstart/factors/1\nfactors:\n"
TWO = "  it: {path: estate.it, levels: [1, 2]}\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (f"{HEAD}  it: {{path: estate.it}}\ndesign: {{kind: factorial}}", 3, "one of levels"),
        (f"{HEAD}  it: {{path: a, levels: [1, 2], uniform: [1, 2]}}\ndesign: {{kind: factorial}}", 3, "one of levels"),
        (f"{HEAD}  it: {{path: a, levels: [1, 1]}}\ndesign: {{kind: factorial}}", 3, "twice"),
        (f"{HEAD}  it: {{path: a, uniform: [3, 2]}}\ndesign: {{kind: sobol, points: 4}}", 3, "must rise"),
        (f"{HEAD}  it: {{path: a, uniform: [3, 4m]}}\ndesign: {{kind: sobol, points: 4}}", 3, "both durations"),
        (f"{HEAD}  it: {{path: a, log_uniform: [0, 2]}}\ndesign: {{kind: sobol, points: 4}}", 3, "above 0"),
        (f"{HEAD}{TWO}design: {{kind: sobol, points: 6}}", 4, "write 4 or 8"),
        (f"{HEAD}{TWO}design: {{kind: sobol}}", 4, "`points`"),
        (f"{HEAD}{TWO}design: {{kind: factorial, points: 6}}", 4, "no `points`"),
        (f"{HEAD}{TWO}design: {{kind: factorial, replicates: 6}}", 4, "not drawn"),
        (f"{HEAD}{TWO}design: {{kind: morris, replicates: 3}}", 4, "greater than or equal to 5"),
        (f"{HEAD}{TWO}design: {{kind: morris, grid: 5}}", 4, "even"),
        (f"{HEAD}{TWO}design: {{kind: sobl, points: 4}}", 4, "not possible"),
        (f"{HEAD}  it: {{path: a, uniform: [1, 2]}}\ndesign: {{kind: factorial}}", 1, "needs levels"),
        (f"{HEAD}{TWO}  other: {{path: estate.it, levels: [1, 2]}}\ndesign: {{kind: factorial}}", 1, "two factors"),
        (f"{HEAD}{TWO}design: {{kind: factorial}}\nrespones: [restore]", 5, "respones"),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        validate(parse_document(text, "factors.yaml"), Factors)
    (finding,) = caught.value.findings
    assert message in finding.message
    assert finding.place.line == line
