"""What remarks about bindings and live runs mean, for `blackstart explain`."""

from __future__ import annotations

LIVE_FINDINGS: dict[str, str] = {
    "live.approval": """An approval file cannot be read.

`blackstart fault plan ... --approve-as NAME --out FILE` writes one.""",
    "live.damaged-journal": """A line of an undo journal is no record, and not merely one that a crash has cut off.

Somebody has written into it.  What it says before and after that line still holds; look at it by hand.""",
    "live.no-journal": """There is no undo journal in this folder.""",
    "live.parameters": """A live fault does not take these parameters.

`blackstart list faults --live` shows the ways to make a fault happen.""",
    "live.unknown-fault": """A binding names a live fault that does not exist.""",
}
