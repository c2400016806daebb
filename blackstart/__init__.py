"""The Python front door, for notebooks and scripts:

    import blackstart

    result = blackstart.run("datacentre-loss", seed=7)
    print(result.scores.score)
    result.frame().filter(kind="page.acknowledged")

- `load` reads a scenario with everything it names; `check` returns what is weak in a file or folder;
- `run` plays and scores an exercise and leaves its run folder; `simulate` plays it in memory only;
- `sweep` plays scenarios many times, `compare` two variants in pairs: probabilities and distributions with intervals;
- `score_record` scores the records of a real incident by the same measures;
- `score` scores a timeline; `report` writes its documents; `pack` makes the evidence pack for an auditor;
- `export_documents` writes them for readers: after-action report, executive summary, technical report, workbook;
- `export_webhooks` writes what the webhook of a real platform would have sent;
- `events_frame` is a timeline as a data frame.
"""

from blackstart._checks import check
from blackstart._frames import events_frame
from blackstart._plans import load, plan_of
from blackstart._records import ScoredRecord, score_record
from blackstart._runs import Run, export_documents, export_webhooks, open_run, pack, report, run, score, simulate
from blackstart._sweeps import compare, sweep

__all__ = [
    "Run",
    "ScoredRecord",
    "check",
    "compare",
    "events_frame",
    "export_documents",
    "export_webhooks",
    "load",
    "open_run",
    "pack",
    "plan_of",
    "report",
    "run",
    "score",
    "score_record",
    "simulate",
    "sweep",
]
