"""When in its interval a real server evaluates each group, told by the server itself.

Prometheus spreads groups over their interval by a hash of file and name, which differs between its builds.  Its answer
to `/api/v1/rules` has the moment of the last evaluation of each group, and every other one lies whole intervals before:

    {"data": {"groups": [{"name": "api", "file": "/etc/prometheus/api.yml", "interval": 60,
                          "lastEvaluation": "2026-03-01T12:00:53.193812Z", ...}]}}

Source: Prometheus, HTTP API, "Rules".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from simulator.monitoring.rules import RuleGroup
from timeline.findings import InputError


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the moment has no offset")
    return moment


class _Group(BaseModel):
    name: str
    file: str
    interval: float = Field(gt=0)
    last_evaluation: Annotated[datetime, AfterValidator(_aware)] = Field(alias="lastEvaluation")


class _Groups(BaseModel):
    groups: list[_Group]


class _Answer(BaseModel):
    data: _Groups


@dataclass(frozen=True, slots=True)
class Moments:
    """Unix ms of one evaluation, by name of file (without its folder) and group, and by the group alone."""

    by_file: Mapping[tuple[str, str], int] = field(default_factory=dict)
    by_name: Mapping[str, int] = field(default_factory=dict)
    """Only names that one group has."""

    def of(self, group: RuleGroup) -> int | None:
        """A moment at which the server evaluated the group; None for one that it does not know."""
        known = self.by_file.get((PurePosixPath(group.file).name, group.name))
        return self.by_name.get(group.name) if known is None else known


def read_moments(path: Path) -> Moments:
    """The moments of an answer to `/api/v1/rules`.  Raises InputError for what is none."""
    try:
        answer = _Answer.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError.single("input.unreadable", str(path), error.strerror or str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        message = f"no answer of /api/v1/rules: {where}: {first['msg']}"
        raise InputError.single("backtest.moments", str(path), message, "save it with curl") from None
    except ValueError as error:
        raise InputError.single("backtest.moments", str(path), f"not JSON: {error}") from None
    # A group that was never evaluated has the year 1.
    groups = [group for group in answer.data.groups if group.last_evaluation.year > 1]
    names = [group.name for group in groups]
    at_ms = [int(group.last_evaluation.timestamp() * 1000) for group in groups]
    return Moments(
        {(PurePosixPath(group.file).name, group.name): at for group, at in zip(groups, at_ms, strict=True)},
        {name: at for name, at in zip(names, at_ms, strict=True) if names.count(name) == 1},
    )
