"""The Python front door, for notebooks and scripts:

    import blackstart

    result = blackstart.run("datacentre-loss", seed=7)
    print(result.scores.score)
    result.frame().filter(kind="page.acknowledged")

- `load` reads a scenario with everything it names; `check` returns what is weak in a file or folder;
- `run` plays and scores an exercise and leaves its run folder; `simulate` plays it in memory only;
- `replay` lets a history of incidents happen again on an estate, as recorded, fitted or made worse;
- `sweep` plays scenarios many times, `compare` two variants in pairs: probabilities and distributions with intervals;
- `score_record` scores the records of a real incident by the same measures;
- `propose` says what runs suggest to change in their playbook;
- `score` scores a timeline; `report` writes its documents; `pack` makes the evidence pack for an auditor;
- `export_webhooks` writes what the webhook of a real platform would have sent;
- `review` begins the review of an incident, `compare_reviews` says where two of them agree;
- `risk_results` writes what a run showed into a risk register;
- `add_actions` and `verify_actions` keep the improvement register;
- `events_frame` is a timeline as a data frame.
"""

from blackstart._checks import check
from blackstart._frames import events_frame
from blackstart._plans import load, plan_of
from blackstart._programme import add_actions, verify_actions
from blackstart._records import ScoredRecord, score_record
from blackstart._replays import replay
from blackstart._reviews import compare_reviews, review
from blackstart._risks import risk_results
from blackstart._runs import Run, export_webhooks, open_run, pack, propose, report, run, score, simulate
from blackstart._sweeps import compare, sweep

__all__ = [
    "Run",
    "ScoredRecord",
    "add_actions",
    "check",
    "compare",
    "compare_reviews",
    "events_frame",
    "export_webhooks",
    "load",
    "open_run",
    "pack",
    "plan_of",
    "propose",
    "replay",
    "report",
    "review",
    "risk_results",
    "run",
    "score",
    "score_record",
    "simulate",
    "sweep",
    "verify_actions",
]
