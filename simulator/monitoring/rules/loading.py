"""Rule files, unchanged as their users have them, to groups of rules.

Read are plain rule files, files for the rulers of Mimir and Thanos (their extra keys are known), PrometheusRule
resources of Kubernetes, single or in a List, several documents a file, directories and globs.  Loki's ruler files
look the same and hold LogQL: they are refused by name.

Scalars are taken as they are written, as Prometheus' own reader does: `severity: 1.0` is the text "1.0".  Everything
that is wrong in all files is told at once, each with its place.

Sources: Prometheus, `model/rulefmt`; Mimir and Thanos ruler documentation; the PrometheusRule resource definition.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from simulator.monitoring.gotemplate import TemplateError
from simulator.monitoring.promql import QueryError, parse
from simulator.monitoring.rules.models import DEFAULT_INTERVAL_MS, AlertingRule, RecordingRule, Rule, RuleGroup
from simulator.monitoring.rules.templates import parse_template
from timeline.findings import Finding, InputError, Severity, nearest
from topologies.loading.document import Document, read_documents
from topologies.loading.gathering import Gathered
from topologies.loading.nodes import Step
from topologies.loading.validation import validate

_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS_MS = (365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000, 1)
_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_LOGQL = re.compile(r"\}\s*(?:\|[=~]|!=\s*[\"`]|\|\s*(?:json|logfmt|pattern|regexp|unwrap|line_format)\b)")
RULE_FILE_SUFFIXES = (".yaml", ".yml", ".rules")


def parse_prometheus_duration(text: object) -> int:
    """Milliseconds of a duration as Prometheus writes it: whole numbers, units from large to small, or `0`.

    Raises ValueError.
    """
    if text == "0":
        return 0
    found = _DURATION.fullmatch(text) if isinstance(text, str) and text else None
    if found is None:
        raise ValueError(f"{text!r} is not a duration; write whole numbers with units, like 90s, 5m or 1h30m")
    return sum(int(part) * unit for part, unit in zip(found.groups(), _UNITS_MS, strict=True) if part)


Duration = Annotated[int, BeforeValidator(parse_prometheus_duration)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleModel(_Model):
    record: str = ""
    alert: str = ""
    expr: str = ""
    for_: Duration = Field(0, alias="for")
    keep_firing_for: Duration = 0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class GroupModel(_Model):
    """A group; the last five keys are those of Mimir's and Thanos' rulers."""

    name: str = Field("", min_length=1)
    interval: Duration = 0
    limit: int = 0
    query_offset: Duration = 0
    labels: dict[str, str] | None = None
    rules: list[RuleModel] | None = None
    evaluation_delay: Duration = 0
    source_tenants: list[str] | None = None
    align_evaluation_time_on_interval: bool = False
    partial_response_strategy: str = ""
    partialResponseStrategy: str = ""  # noqa: N815  (as PrometheusRule resources write it)


class RuleFileModel(_Model):
    """A rule file; `namespace` is written by Mimir's tools."""

    namespace: str = ""
    groups: list[GroupModel] | None = None


class _Metadata(BaseModel):
    name: str = ""


class PrometheusRuleModel(BaseModel):
    """The PrometheusRule resource; what Kubernetes adds beside `spec` is not ours to judge."""

    metadata: _Metadata = _Metadata()
    spec: RuleFileModel


def load_rules(paths: Sequence[Path], default_interval_ms: int = DEFAULT_INTERVAL_MS) -> list[RuleGroup]:
    """The groups of all files, directories and globs, in order.

    Raises InputError with every finding of every file.
    """
    gathered = Gathered()
    groups: list[RuleGroup] = []
    for path in paths:
        for file in _files(path, gathered):
            found = gathered.attempt(partial(load_rule_file, file, default_interval_ms))
            groups.extend(found or [])
    gathered.complete()
    return groups


def load_rule_file(path: Path, default_interval_ms: int = DEFAULT_INTERVAL_MS) -> list[RuleGroup]:
    """The groups of one file.  Raises InputError with every finding."""
    return groups_of(read_documents(path), default_interval_ms)


def groups_of(documents: Iterable[Document], default_interval_ms: int = DEFAULT_INTERVAL_MS) -> list[RuleGroup]:
    """The groups of documents that were read already.  Raises InputError with every finding."""
    gathered = Gathered()
    groups: list[RuleGroup] = []
    for document in documents:
        as_written = dataclasses.replace(document, data=document.text_data())
        found = gathered.attempt(partial(_document_groups, as_written, default_interval_ms))
        groups.extend(found or [])
    gathered.complete()
    return groups


def _files(path: Path, gathered: Gathered) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.suffix in RULE_FILE_SUFFIXES)
    if not re.search(r"[*?\[]", str(path)):
        return [path]
    anchor = Path(path.anchor) if path.is_absolute() else Path()
    found = sorted(anchor.glob(str(path.relative_to(path.anchor) if path.is_absolute() else path)))
    if not found:
        near = nearest(path.name, [entry.name for entry in path.parent.glob("*")])
        gathered.add(InputError.single("rules.no-files", str(path), "no file matches this pattern", near).findings)
    return found


def _document_groups(document: Document, default_interval_ms: int) -> list[RuleGroup]:
    data = document.data
    if not isinstance(data, dict):
        return _plain_groups(document, default_interval_ms)
    match data.get("kind"):
        case None:
            return _plain_groups(document, default_interval_ms)
        case "PrometheusRule":
            resource = validate(document, PrometheusRuleModel)
            return _groups(document, resource.spec.groups or [], ["spec", "groups"], default_interval_ms)
        case "List" | "PrometheusRuleList":
            items = data.get("items")
            groups: list[RuleGroup] = []
            for number, item in enumerate(items if isinstance(items, list) else []):
                if isinstance(item, dict) and item.get("kind", "PrometheusRule") == "PrometheusRule":
                    node = document.node(["items", number])
                    assert node is not None
                    part = document.with_root(node)
                    as_written = dataclasses.replace(part, data=part.text_data())
                    groups.extend(_document_groups(as_written, default_interval_ms))
            return groups
        case kind:
            raise InputError.single(
                "rules.wrong-kind",
                document.place(["kind"]),
                f"a resource of kind {kind!r} holds no rules",
                "known: PrometheusRule, List, or a plain rule file without kind",
            )


def _plain_groups(document: Document, default_interval_ms: int) -> list[RuleGroup]:
    if document.data is None:
        return []
    model = validate(document, RuleFileModel)
    return _groups(document, model.groups or [], ["groups"], default_interval_ms)


def _groups(
    document: Document, models: Sequence[GroupModel], below: list[Step], default_interval_ms: int
) -> list[RuleGroup]:
    findings: list[Finding] = []
    groups: list[RuleGroup] = []
    seen: set[str] = set()
    for number, model in enumerate(models):
        path: list[Step] = [*below, number]
        if model.name in seen:
            place = document.place([*path, "name"])
            message = f"the group {model.name!r} is there twice in this file"
            findings.append(Finding("rules.repeated-group", Severity.ERROR, place, message, "rename one of them"))
        seen.add(model.name)
        for name in model.labels or {}:
            findings.extend(_label_name(document, [*path, "labels"], name, "label"))
        rules = []
        for index, rule in enumerate(model.rules or []):
            where: list[Step] = [*path, "rules", index]
            wrong = _check_rule(document, where, rule)
            findings.extend(wrong)
            if not wrong:
                rules.append(_rule(document, where, rule, model.labels or {}))
        groups.append(
            RuleGroup(
                document.name,
                model.name,
                tuple(rules),
                model.interval or default_interval_ms,
                model.limit,
                model.query_offset or model.evaluation_delay,
            )
        )
    if findings:
        raise InputError(findings)
    return groups


def _rule(document: Document, path: list[Step], model: RuleModel, group_labels: dict[str, str]) -> Rule:
    labels = {**group_labels, **(model.labels or {})}
    place = document.place([*path, "expr"])
    if model.record:
        return RecordingRule(model.record, model.expr, labels, place)
    return AlertingRule(
        model.alert, model.expr, model.for_, model.keep_firing_for, labels, dict(model.annotations or {}), place
    )


def _check_rule(document: Document, path: list[Step], rule: RuleModel) -> list[Finding]:
    """What Prometheus would refuse in a rule."""

    def wrong(id: str, key: str, message: str, hint: str = "") -> Finding:
        return Finding(id, Severity.ERROR, document.place([*path, key] if key else path), message, hint)

    findings = []
    if rule.record and rule.alert:
        findings.append(wrong("rules.two-kinds", "record", "a rule has either 'record' or 'alert', not both"))
    if not rule.record and not rule.alert:
        findings.append(wrong("rules.no-name", "", "a rule needs 'record' or 'alert'"))
    if message := _query_mistake(rule.expr):
        findings.append(wrong("rules.query", "expr", message))
    if rule.record:
        foreign = {"annotations": rule.annotations, "for": rule.for_, "keep_firing_for": rule.keep_firing_for}
        findings.extend(
            wrong("rules.not-for-recording", key, f"a recording rule has no {key!r}")
            for key, given in foreign.items()
            if given
        )
        if not _METRIC_NAME.fullmatch(rule.record):
            message = f"{rule.record!r} cannot be the name of a metric"
            findings.append(wrong("rules.metric-name", "record", message, "letters, digits, _ and :"))
    for key, texts in (("labels", rule.labels or {}), ("annotations", rule.annotations or {})):
        for name, text in texts.items():
            where: list[Step] = [*path, key]
            findings.extend(_label_name(document, where, name, key.removesuffix("s")))
            if rule.alert:
                findings.extend(_check_template(document, [*where, name], text))
    return findings


def _query_mistake(text: str) -> str:
    """What is wrong with a query; empty when nothing is."""
    if not text:
        return "a rule needs 'expr'"
    try:
        parse(text)
    except QueryError as error:
        if _LOGQL.search(text):
            return "this is LogQL; only rules of Prometheus, Mimir and Thanos are evaluated"
        return str(error)
    return ""


def _check_template(document: Document, path: list[Step], text: str) -> list[Finding]:
    if "{{" not in text:
        return []
    try:
        parse_template(text)
    except TemplateError as error:
        return [Finding("rules.template", Severity.ERROR, document.place(path), f"the template is wrong: {error}")]
    return []


def _label_name(document: Document, path: list[Step], name: str, what: str) -> list[Finding]:
    if _LABEL_NAME.fullmatch(name) and not (what == "label" and name == "__name__"):
        return []
    place = document.place([*path, name], key=True)
    return [Finding("rules.label-name", Severity.ERROR, place, f"{name!r} cannot be the name of a {what}")]
