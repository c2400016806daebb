"""What the findings about on-call load mean, by their id, for `blackstart explain`.  A first line, then what to do."""

from __future__ import annotations

WORKLOAD_FINDINGS: dict[str, str] = {
    "oncall.too-many-incidents": """Somebody is paged for more incidents in twelve hours than one can see through.

An incident takes about six hours with what follows it, so two fill a shift (Beyer et al., Site Reliability Engineering,
2016, chapter 11).  Fewer pages for one cause, or more people, help; `--incidents-per-shift` sets another limit.""",
    "oncall.too-much-time": """Somebody is on call for more of the time than leaves room for other work.

The Google SRE book (2016, chapter 11) caps it at a quarter, which takes four people in a rotation around the clock,
eight with a second call; `--on-call-share` sets another limit.""",
    "input.columns": """The first line of a CSV file of pages does not name the columns that are needed.

`at`, and `person` or `rotation`; `incident`, and `until` or `minutes`, where they are known.""",
    "input.row": """A row of a CSV file of pages cannot be understood.""",
}
