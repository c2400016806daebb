"""Files of rule unit tests, in the grammar of `promtool test rules`.

Known are also the keys of newer versions (`fuzzy_compare`, `start_timestamp`) and one extension, `repeat`:

    input_series:
      - series: up{instance="host-$n"}
        values: 1x100
        repeat: 2000

makes 2,000 series, with `$n` as 1 to 2000.  Reading strictly refuses the extension.

Source: Prometheus, `docs/configuration/unit_testing_rules.md`.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from simulator.monitoring.rules.loading import Duration
from timeline.findings import Finding, InputError, Severity
from topologies.loading.document import Document, read_document
from topologies.loading.validation import validate

_FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_INFINITY = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NOT_A_NUMBER = re.compile(r"\.(?:nan|NaN|NAN)")


def _yaml_float(text: object) -> object:
    """A number as YAML writes it; what is none is left for the model to refuse."""
    if isinstance(text, str):
        plain = text.replace("_", "")
        if _FLOAT.fullmatch(plain):
            return float(plain)
        if found := _INFINITY.fullmatch(text):
            return float(f"{found[1]}inf")
        if _NOT_A_NUMBER.fullmatch(text):
            return float("nan")
        raise ValueError(f"{text!r} is not a number; YAML writes infinity as .inf and not-a-number as .nan")
    return text


def _start(text: object) -> object:
    """Milliseconds of a start: Unix seconds or RFC 3339."""
    if not isinstance(text, str):
        return text
    if _FLOAT.fullmatch(text):
        return round(float(text) * 1000)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{text!r} is not a start; write Unix seconds or 2026-03-14T02:10:00Z")
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputSeries(_Model):
    series: str = ""
    values: str = ""
    repeat: int = Field(0, ge=0, le=1_000_000)


class ExpectedAlert(_Model):
    exp_labels: dict[str, str] | None = None
    exp_annotations: dict[str, str] | None = None


class AlertCase(_Model):
    eval_time: Duration = 0
    alertname: str = ""
    exp_alerts: list[ExpectedAlert] | None = None


class ExpectedSample(_Model):
    labels: str = ""
    value: Annotated[float, BeforeValidator(_yaml_float)] = 0.0
    histogram: str = ""


class QueryCase(_Model):
    expr: str = ""
    eval_time: Duration = 0
    exp_samples: list[ExpectedSample] | None = None


class TestGroup(_Model):
    __test__ = False

    name: str = ""
    interval: Duration = 0
    input_series: list[InputSeries] | None = None
    alert_rule_test: list[AlertCase] | None = None
    promql_expr_test: list[QueryCase] | None = None
    external_labels: dict[str, str] | None = None
    external_url: str = ""
    start_timestamp: Annotated[int, BeforeValidator(_start)] = 0


class TestFileModel(_Model):
    __test__ = False

    rule_files: list[str] | None = None
    evaluation_interval: Duration = 0
    group_eval_order: list[str] | None = None
    fuzzy_compare: bool = False
    tests: list[TestGroup] | None = None


@dataclasses.dataclass(frozen=True)
class TestFile:
    """A file of tests, with the document to find places in."""

    __test__ = False

    path: Path
    document: Document
    model: TestFileModel


def read_test_file(path: Path, *, strict: bool = False) -> TestFile:
    """Read a file of tests.  Raises InputError with every finding."""
    document = read_document(path)
    document = dataclasses.replace(document, data=document.text_data())
    model = validate(document, TestFileModel)
    findings = []
    order = model.group_eval_order or []
    for number, name in enumerate(order):
        if name in order[:number]:
            place = document.place(["group_eval_order", number])
            message = f"the group {name!r} is there twice"
            findings.append(Finding("ruletests.repeated-group", Severity.ERROR, place, message))
    for number, group in enumerate(model.tests or []):
        for index, case in enumerate(group.alert_rule_test or []):
            if not case.alertname:
                place = document.place(["tests", number, "alert_rule_test", index])
                message = "a test of alerts needs 'alertname'"
                findings.append(Finding("ruletests.no-alertname", Severity.ERROR, place, message))
        for index, series in enumerate(group.input_series or []):
            if strict and series.repeat:
                place = document.place(["tests", number, "input_series", index, "repeat"])
                message = "`repeat` is an extension that promtool does not know"
                findings.append(Finding("ruletests.extension", Severity.ERROR, place, message, "leave out --strict"))
    if findings:
        raise InputError(findings)
    return TestFile(path, document, model)
