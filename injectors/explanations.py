"""What remarks about bindings and live runs mean, for `blackstart explain`."""

from __future__ import annotations

LIVE_FINDINGS: dict[str, str] = {
    "fidelity.another-prediction": """A fidelity run is resumed, and its prediction is not the one on record there.

Plan, rules or model have changed since.  Name another folder, so that no observation stands beside a prediction that
was made after it.""",
    "fidelity.damaged-history": """A line of the history of fidelity runs is no run.

The history holds one JSON document a line, appended by `blackstart fidelity`.  Remove the line, or name another
file.""",
    "stack.missing": """Packages of the shipped stack are not installed.

`make test` installs them as root; the message names them.""",
    "stack.not-up": """The shipped stack did not come up, or none runs.

The message holds the end of what it said; the logs of its parts lie in its folder.""",
    "live.approval": """An approval file cannot be read.

`blackstart fault plan ... --approve-as NAME --out FILE` writes one.""",
    "live.damaged-journal": """A line of an undo journal is no record, and not merely one that a crash has cut off.

Somebody has written into it.  What it says before and after that line still holds; look at it by hand.""",
    "live.no-journal": """There is no undo journal in this folder.""",
    "live.parameters": """A live fault does not take these parameters.

`blackstart list faults --live` shows the ways to make a fault happen.""",
    "live.unknown-fault": """A binding names a live fault that does not exist.""",
}
