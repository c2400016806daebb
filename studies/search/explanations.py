"""What the errors of searches mean, by their id, for `blackstart explain`."""

from __future__ import annotations

SEARCH_FINDINGS: dict[str, str] = {
    "search.folder": """The folder holds something else than this search, and is left as it is.

A search goes on where it was when everything is the same: scenario, files, settings, seed, what may be combined and
when an objective counts as broken; only its budget, `--order` and `--jobs` may change.""",
    "search.damaged": """A line of the exercises that a search has kept cannot be read.

Only the last line may be cut off, by a kill; then it is played again.""",
    "search.nothing-to-break": """None of the objectives has a target that a search could break.

Critical tasks belong to the faults that the playbook was written for: they count with `--given` only.""",
    "search.budget": """The budget ended before there was an answer.

What was played is kept: the same command with a larger `--budget` or `--exercises` goes on from there.""",
}
