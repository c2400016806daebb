"""What the findings of loading SLOs mean, by their id, for `blackstart explain`; checks explain their own."""

from __future__ import annotations

SLO_FINDINGS: dict[str, str] = {
    "slo.not-openslo": """A document that should be an object of OpenSLO has no `apiVersion` of it.""",
    "slo.version": """An object of OpenSLO is of another version than v1.""",
    "slo.kind": """OpenSLO has no such kind.

Kinds are SLO, SLI, Service, DataSource, AlertPolicy, AlertCondition and AlertNotificationTarget.""",
    "slo.none": """None of the files holds an SLO.""",
    "slo.repeated-name": """Two objects of one kind have the same name, so a reference to it would be ambiguous.""",
    "slo.unknown-name": """A reference leads nowhere.

The names of indicatorRef, metricSourceRef, alertPolicyRef and conditionRef are those of objects in these files.
All files are read together: give also the one that declares it.""",
    "slo.unknown-service": """The service of an SLO is nothing that the estate has.

In an estate the service of an SLO is the id of a component, a standby pair, a group or a business function.""",
    "slo.one-objective": """An indicator with `thresholdMetric` takes one objective, one with `ratioMetric` several.""",
    "slo.threshold": """A `thresholdMetric` becomes good or bad only by the `op` and the `value` of the objective.""",
    "slo.time-slice": """Budgeting by time slices needs the length of a slice, and for `Timeslices` its own target.""",
    "slo.source": """A metric source is not Prometheus, or does not say what it is.

Only PromQL can be evaluated; other sources are refused so that no SLO is silently ignored.""",
    "slo.query": """The query of a metric source is missing, is not PromQL, or does not give an instant vector.

A range in it (`[5m]`, `[{{.window}}]`) becomes the window of each rule.""",
    "slo.window-too-short": """The window of an SLO is shorter than a week.

The workbook's alert windows, scaled to it, would be shorter than two minutes and hold too few scrapes.""",
    "slo.no-example": """No series can be made up for the indicator, so its rules are judged by the formula alone.

Each of its queries may read one metric, with conditions that a short label value fulfils.""",
}
