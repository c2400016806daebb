"""What the errors mean that end a command before it has begun, by their id, for `blackstart explain`.

A first line, then what to do.  Findings of checks are explained where the checks are; a test holds that every id that
the code can report is explained somewhere.
"""

from __future__ import annotations

INPUT_ERRORS: dict[str, str] = {
    "actions.register": """A file is not an improvement register, or one of a later version.""",
    "actions.row": """A row of a table of actions is not one: the line says where, and what was expected.""",
    "actions.unknown": """There is no such action in the register.

`blackstart programme actions list` shows them.""",
    "alertmanager.config": """An Alertmanager configuration is not one that Alertmanager would load.

The place is the field; `amtool check-config` would refuse it too.""",
    "alertmanager.resource": """A Kubernetes resource is no AlertmanagerConfig, or one the operator would refuse.""",
    "alertmanager.template": """A template of a notification cannot be read or rendered.""",
    "alertmanager.test": """A file of notification tests is not of the form that `alerts notify-test` reads.""",
    "backtest.bad-line": """A line of a recording cannot be read.

Up to as many as `--skip-bad` allows are left out, and told.""",
    "backtest.bad-lines": """More lines of a recording cannot be read than `--skip-bad` allows.""",
    "backtest.csv-heading": """The heading of a CSV recording does not tell the time from the series.""",
    "backtest.empty": """A recording holds no sample in the span that was asked for.""",
    "backtest.format": """A recording is of no form that is read here.

Those are OpenMetrics, a dump of the TSDB, the answer of query_range, and CSV.""",
    "backtest.gzip": """A file ends in .gz and cannot be unpacked.""",
    "backtest.incidents": """The file of incidents is not of the form name, start, end.""",
    "backtest.moments": """A moment or a span cannot be read.

Write an ISO 8601 time with offset, like 2026-03-29T02:30:00+02:00.""",
    "backtest.no-room": """There is not enough room for the working copy of a recording in the temporary folder.

Set TMPDIR to a folder with more.""",
    "backtest.query-range": """A file is JSON, but not an answer of Prometheus' query_range.""",
    "draft.exists": """A file that would be started exists already, and is not written over.""",
    "draft.nothing": """There is nothing to make a draft of: no series are named in what was given.""",
    "draft.source": """A draft is made from rules or from a scrape, and from one of them at a time.""",
    "explain.unknown-id": """There is nothing of this id: no measure, no kind of fault, no finding.""",
    "gate.unknown-objective": """A gate names an objective that the run does not have.""",
    "input.option": """An option can be read, but what it asks for cannot be meant.

The message says why; `--help` of the command shows an example.""",
    "output.no-folder": """The folder of a file that would be written does not exist.""",
    "output.not-empty": """There is something already where a file or folder would be written.

Nobody's files are written over: name another place, or empty this one.""",
    "rules.helm-template": """A rule file is a Helm template, not a rule file.

Render it first: `helm template`.""",
    "rules.label-name": """A label of a rule has a name that Prometheus does not allow.""",
    "rules.no-files": """No rule files are here.""",
    "rules.repeated-group": """Two groups of one rule file have the same name, which Prometheus refuses.""",
    "rules.template": """A template in a label or an annotation of a rule cannot be read.""",
    "rules.wrong-kind": """A Kubernetes resource holds no rules: no PrometheusRule, no ConfigMap of rule files.""",
    "ruletests.extension": """A test of rules uses a field that promtool does not know.""",
    "ruletests.no-alertname": """A test of alerts does not say which alert it is about.""",
    "ruletests.repeated-group": """Two groups of the rule files of one test have the same name.""",
    "ruletests.series": """The notation of an input series cannot be read.

It is that of promtool: `0+10x100`, `1 2 _ 4`, `stale`.""",
    "playbook.bpmn": """A scenario names a BPMN diagram as its playbook.

A diagram says nothing of durations, skills, authority and planned times, and its conditions are code of an engine.""",
    "review.folder": """A review would be written where something else is.""",
    "review.no-incident": """There is no such incident on the timeline of a run.

The incidents of a run stand in its report; `--story` tells them as they come.""",
    "review.other-incident": """Only reviews of one incident of one run can be compared.""",
    "run.documents": """The documents in a run folder are not what its timeline gives.

`blackstart report` writes them anew.""",
    "run.folder": """The folder for a run holds something that is not a run, or is no folder.""",
    "run.no-playbook": """What runs suggest to change in a playbook was asked for, and the run had none.""",
    "run.playbook-not-started": """What runs suggest to change in a playbook was asked for, and none began it.""",
    "run.not-found": """There is no run here: a run folder holds a timeline.jsonl.""",
    "schema.unknown-kind": """There is no schema of this name; without one, `blackstart schema` lists them.""",
    "scores.unknown-measure": """A timeline names a measure that this version of Blackstart does not know.

It was made by another version.""",
    "scrape.syntax": """A line of a scrape is not in the text format of Prometheus.""",
    "script.syntax": """A line of a PromQL test script cannot be read.""",
    "script.unreadable": """A PromQL test script cannot be read as a file.""",
    "script.version": """The version of Prometheus that was asked for is not one that is modelled.""",
    "timeline.gap": """An event of a timeline is missing.

The file was changed after it was written: `report verify` says more where there is an evidence pack.""",
    "timeline.line": """A line of a timeline is not an event.

Only the last line may be torn, by a run that was killed.""",
    "timeline.not-started": """A timeline does not begin with the start of an exercise, so nothing can be judged.""",
}
