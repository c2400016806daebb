"""OpenSLO files, one or several documents each, to objectives.

All files are read together: an SLO may refer to an indicator, a data source or an alert policy of another file.
Metric sources other than Prometheus are refused by name.  Everything that is wrong is told at once, with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from simulator.monitoring.promql import Expression, QueryError, parse
from simulator.monitoring.promql.expressions import ValueType
from simulator.monitoring.slo import openslo
from simulator.monitoring.slo.indicators import Counts, Indicator, Slices, StoredRatio, Threshold
from simulator.monitoring.slo.objectives import BurnCondition, Objective
from timeline.findings import InputError, Place, nearest
from topologies.loading.document import Document, read_documents
from topologies.loading.gathering import Gathered
from topologies.loading.nodes import Step
from topologies.loading.validation import validate

_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_WINDOW_PLACEHOLDER = re.compile(r"\{\{\s*\.window\s*\}\}|\$(?:__)?window\b")
_OPERATORS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_QUERY_KEYS = ("query", "promql")
_OWN_LABELS = frozenset({"slo", "service", "severity", "alertname"})

_KIND_OF: dict[type, str] = {model: kind for kind, model in openslo.KINDS.items()}

O = TypeVar("O", bound=openslo.OpenSlo)  # noqa: E741


@dataclass(frozen=True, slots=True)
class _Written:
    """A part of a document: where it stands, to say what is wrong with it."""

    document: Document
    path: tuple[Step, ...] = ()

    def at(self, *below: Step) -> _Written:
        return _Written(self.document, (*self.path, *below))

    def place(self, *, key: bool = False) -> Place:
        return self.document.place(self.path, key=key)

    def wrong(self, id: str, message: str, hint: str = "") -> InputError:
        return InputError.single(id, self.place(), message, hint)


@dataclass
class _Objects:
    """Everything that the files declare, by kind and name."""

    found: dict[str, dict[str, tuple[openslo.OpenSlo, _Written]]] = field(default_factory=dict)

    def add(self, document: Document) -> None:
        declared = validate(document, _model_of(document))
        known = self.found.setdefault(declared.kind, {})
        name = declared.metadata.name
        where = _Written(document)
        if name in known:
            message = f"there are two objects of kind {declared.kind} with the name {name!r}"
            raise where.at("metadata", "name").wrong("slo.repeated-name", message, "rename one of them")
        known[name] = (declared, where)

    def get(self, kind: type[O], name: str, asked: _Written) -> tuple[O, _Written]:
        label = _KIND_OF[kind]
        known = self.found.get(label, {})
        entry = known.get(name)
        if entry is None:
            hint = nearest(name, known) or f"give the file that declares it, too: no {label} was read"
            raise asked.wrong("slo.unknown-name", f"there is no {label} {name!r} in these files", hint)
        declared, where = entry
        assert isinstance(declared, kind)
        return declared, where


def load_objectives(paths: Sequence[Path]) -> list[Objective]:
    """The objectives of all files.  Raises InputError with every finding of every file."""
    gathered = Gathered()
    documents = [d for path in paths for d in gathered.attempt(partial(read_documents, path)) or []]
    objectives = gathered.attempt(partial(objectives_of, documents))
    gathered.complete()
    return objectives or []


def objectives_of(documents: Iterable[Document]) -> list[Objective]:
    """The objectives of documents that were read already.  Raises InputError with every finding."""
    gathered, objects = Gathered(), _Objects()
    for document in documents:
        gathered.attempt(partial(objects.add, document))
    objectives: list[Objective] = []
    for declared, where in objects.found.get("SLO", {}).values():
        assert isinstance(declared, openslo.Slo)
        objectives += gathered.attempt(partial(_objectives, declared, where, objects)) or []
    gathered.complete()
    return objectives


def is_openslo(document: Document) -> bool:
    """Whether a document says that it is one of OpenSLO, of whatever version."""
    return isinstance(document.data, dict) and str(document.data.get("apiVersion", "")).startswith("openslo/")


def _model_of(document: Document) -> type[openslo.OpenSlo]:
    data = document.data
    if not isinstance(data, dict) or "apiVersion" not in data:
        hint = f"begin it with `apiVersion: {openslo.API_VERSION}` and a kind"
        raise InputError.single("slo.not-openslo", document.place([]), "this is no object of OpenSLO", hint)
    version, kind = data["apiVersion"], data.get("kind")
    if version != openslo.API_VERSION:
        message = f"only {openslo.API_VERSION} is read, this is {version!r}"
        raise InputError.single("slo.version", document.place(["apiVersion"]), message, "`oslo convert` converts")
    if kind not in openslo.KINDS:
        message = f"OpenSLO has no kind {kind!r}" if kind is not None else "the object does not say of which kind it is"
        hint = nearest(str(kind), openslo.KINDS)
        raise InputError.single("slo.kind", document.place(["kind"]), message, hint)
    return openslo.KINDS[kind]


def _objectives(slo: openslo.Slo, where: _Written, objects: _Objects) -> list[Objective]:
    spec, at = slo.spec, where.at("spec")
    gathered = Gathered()
    if spec.indicator is not None:
        metric, metric_at = spec.indicator.spec, at.at("indicator", "spec")
    else:
        sli, sli_at = objects.get(openslo.Sli, spec.indicatorRef, at.at("indicatorRef"))
        metric, metric_at = sli.spec, sli_at.at("spec")
    if metric.thresholdMetric is not None and len(spec.objectives) > 1:
        message = "an indicator with thresholdMetric has one objective, found several"
        gathered.add(at.at("objectives", 1).wrong("slo.one-objective", message).findings)
    conditions = gathered.attempt(partial(_conditions, spec, at, objects))
    found: list[Objective] = []
    for number, objective in enumerate(spec.objectives):
        objective_at = at.at("objectives", number)
        indicator = gathered.attempt(partial(_indicator, metric, metric_at, spec, objective, objective_at, objects))
        if indicator is None:
            continue
        target = objective.target if objective.target is not None else (objective.targetPercent or 0.0) / 100
        several = len(spec.objectives) > 1
        found.append(
            Objective(
                name=f"{slo.metadata.name}-{number + 1}" if several else slo.metadata.name,
                title=objective.displayName or slo.metadata.displayName or slo.metadata.name,
                service=spec.service,
                target_ratio=round(target, 12),
                window_ms=spec.timeWindow[0].duration,
                indicator=indicator,
                place=objective_at.at("target" if objective.target is not None else "targetPercent").place(),
                service_place=at.at("service").place(),
                labels=_labels(slo.metadata),
                conditions=tuple(conditions or ()),
            )
        )
    gathered.complete()
    return found


def _labels(metadata: openslo.Metadata) -> dict[str, str]:
    """Labels that Prometheus can carry, too; several values stand side by side."""
    return {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in metadata.labels.items()
        if _LABEL_NAME.fullmatch(name) and not name.startswith("__") and name not in _OWN_LABELS
    }


def _conditions(spec: openslo.SloSpec, at: _Written, objects: _Objects) -> list[BurnCondition]:
    """What the alert policies of an SLO ask for."""
    found = []
    for number, inline in enumerate(spec.alertPolicies):
        policy, policy_at = inline.spec, at.at("alertPolicies", number, "spec")
        if policy is None:
            asked = at.at("alertPolicies", number, "alertPolicyRef")
            declared, declared_at = objects.get(openslo.AlertPolicy, inline.alertPolicyRef, asked)
            policy, policy_at = declared.spec, declared_at.at("spec")
        if not policy.alertWhenBreaching:
            continue
        written = policy.conditions[0]
        condition, name = written.spec, written.metadata.name if written.metadata else f"condition-{number + 1}"
        if condition is None:
            asked = policy_at.at("conditions", 0, "conditionRef")
            named, _ = objects.get(openslo.AlertCondition, written.conditionRef, asked)
            condition, name = named.spec, named.metadata.name
        burn = condition.condition
        found.append(BurnCondition(name, burn.threshold, burn.lookbackWindow, burn.alertAfter, condition.severity))
    return found


def _indicator(
    metric: openslo.SliSpec,
    at: _Written,
    spec: openslo.SloSpec,
    objective: openslo.ObjectiveSpec,
    objective_at: _Written,
    objects: _Objects,
) -> Indicator:
    indicator: Indicator
    if metric.ratioMetric is not None:
        indicator = _ratio(metric.ratioMetric, at.at("ratioMetric"), objects)
    else:
        assert metric.thresholdMetric is not None
        if objective.op is None or objective.value is None:
            message = "an objective on a thresholdMetric needs 'op' and 'value'"
            raise objective_at.wrong("slo.threshold", message, "for example op: lte, value: 0.3")
        query = _query(metric.thresholdMetric, at.at("thresholdMetric"), objects)
        indicator = Threshold(query, _OPERATORS[objective.op], objective.value)
    if spec.budgetingMethod == "Occurrences":
        return indicator
    if objective.timeSliceWindow is None:
        message = f"budgetingMethod {spec.budgetingMethod} needs 'timeSliceWindow' here"
        raise objective_at.wrong("slo.time-slice", message, "for example timeSliceWindow: 1m")
    if spec.budgetingMethod == "RatioTimeslices":
        return Slices(indicator, objective.timeSliceWindow, None)
    if objective.timeSliceTarget is None:
        message = "budgetingMethod Timeslices needs 'timeSliceTarget' here"
        raise objective_at.wrong("slo.time-slice", message, "for example timeSliceTarget: 0.95")
    return Slices(indicator, objective.timeSliceWindow, objective.timeSliceTarget)


def _ratio(ratio: openslo.RatioMetric, at: _Written, objects: _Objects) -> Indicator:
    if ratio.raw is not None:
        return StoredRatio(_query(ratio.raw, at.at("raw"), objects), ratio.rawType == "success")
    gathered = Gathered()
    good = ratio.good is not None
    part = ratio.good if ratio.good is not None else ratio.bad
    assert part is not None
    assert ratio.total is not None
    numerator = gathered.attempt(partial(_query, part, at.at("good" if good else "bad"), objects))
    total = gathered.attempt(partial(_query, ratio.total, at.at("total"), objects))
    gathered.complete()
    assert numerator is not None
    assert total is not None
    return Counts(numerator, total, good, ratio.counter)


def _query(metric: openslo.Metric, at: _Written, objects: _Objects) -> Expression:
    """The PromQL of a metric source."""
    source, at = metric.metricSource, at.at("metricSource")
    kind, kind_at = source.type, at.at("type")
    if not kind and not source.metricSourceRef:
        message = "the metric source says neither its type nor which DataSource it is"
        raise at.wrong("slo.source", message, "add `type: Prometheus`")
    if not kind:
        declared, declared_at = objects.get(openslo.DataSource, source.metricSourceRef, at.at("metricSourceRef"))
        kind, kind_at = declared.spec.type, declared_at.at("spec", "type")
    if kind.lower() != "prometheus":
        message = f"the metric source is of type {kind!r}; only Prometheus is evaluated"
        raise kind_at.wrong("slo.source", message)
    key = next((key for key in _QUERY_KEYS if key in source.spec), None)
    if key is None or not isinstance(source.spec[key], str):
        raise at.at("spec").wrong("slo.query", "there is no `query` with PromQL here", nearest("query", source.spec))
    return _parsed(source.spec[key], at.at("spec", key))


def _parsed(text: str, at: _Written) -> Expression:
    try:
        query = parse(_WINDOW_PLACEHOLDER.sub("5m", text))
    except QueryError as error:
        raise at.wrong("slo.query", str(error)) from None
    if query.value_type is not ValueType.VECTOR:
        raise at.wrong("slo.query", f"the query gives a {query.value_type}, expected an instant vector")
    return query
