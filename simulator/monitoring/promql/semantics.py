"""Which Prometheus is meant: the differences between the major versions that change verdicts.

| | 2 | 3 |
|---|---|---|
| a range `[5m]` and the lookback | closed on the left | open on the left |
| `.` in regular expressions | not a newline | any character |
| `sum` and `avg` | plain | compensated (Kahan-Neumaier) |
| zero point of a counter in `rate` | caps the gap before its size is judged | afterwards |
| `holt_winters` | known | gone |
| buckets closer than 1e-12 | differ | are equal |
| filtered samples in one-to-one matches | may be duplicates | may not |

Labels `le` and `quantile` are floats in 3 (`1.0`) because the server writes them so when it scrapes; queries and unit
tests take them as they are given, in both versions.

Sources: the changelogs of 2.x and 3.x and the migration guide of Prometheus 3.  `PROMETHEUS_2` follows 2.42,
`PROMETHEUS_3` follows 3.14.
"""

from __future__ import annotations

from enum import Enum


class Semantics(Enum):
    """A version of Prometheus; `PROMETHEUS_3_LATE_NAMES` is 3 with the flag `promql-delayed-name-removal`."""

    PROMETHEUS_2 = "2"
    PROMETHEUS_3 = "3"
    PROMETHEUS_3_LATE_NAMES = "3-delayed-name-removal"

    @property
    def is_2(self) -> bool:
        return self is Semantics.PROMETHEUS_2

    @property
    def left_open(self) -> bool:
        """Whether a sample exactly at the left edge of a range or of the lookback is outside."""
        return not self.is_2

    @property
    def drops_names_late(self) -> bool:
        return self is Semantics.PROMETHEUS_3_LATE_NAMES
