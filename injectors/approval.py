"""Approval of a live plan by a second person, for targets that ask for it.

An approval is a file that names the digest of the plan and who approves.  It stands for this plan alone: another fault,
target, moment or binding is another plan.  Who a person is, the account that the file belongs to says.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from injectors.plan import Plan
from timeline.files import write_whole
from timeline.findings import InputError, SafetyRefused

FORMAT = "blackstart/approval/1"


class Approval(BaseModel):
    """Somebody's agreement to one plan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["blackstart/approval/1"] = "blackstart/approval/1"
    plan: str
    by: str = Field(min_length=2, max_length=200)


def write_approval(path: Path, digest: str, by: str) -> None:
    write_whole(path, Approval(plan=digest, by=by).model_dump_json(indent=2) + "\n")


def require_approval(plan: Plan, path: Path | None, runner: str) -> None:
    """Raises SafetyRefused where a target asks for an approval and there is none of this plan by somebody else."""
    asking = sorted({fault.target for fault in plan.faults if plan.target_of(fault).approval})
    if not asking:
        return
    if path is None:
        raise SafetyRefused(
            [f"Target {id!r} asks for the approval of a second person; give it by --approval FILE." for id in asking]
        )
    try:
        approval = Approval.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError.single("live.approval", str(path), f"this is no approval: {error}") from None
    if approval.plan != plan.digest:
        raise SafetyRefused([f"{path.name} approves another plan than this one."])
    if approval.by == runner or path.stat().st_uid == os.getuid() != 0:
        raise SafetyRefused([f"{path.name} was given by {approval.by}; a second person has to approve."])
