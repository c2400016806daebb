"""Back-test: Prometheus rules and an Alertmanager configuration over recorded series: what would have paged whom.

    recording = read_recording(paths)                            readers/: dumps, query answers, tables
    test = backtest(variant, recording.store, ...)               assessment, running, people, measures
    comparison = compare(before.figures, after.figures, to_ms)   before and after a change

`store` keeps series on disk and gives them to the rule engine window by window.  `document`, `page` and `drawing` show
what was found, `caveats` says what cannot be known from the data.
"""

from studies.backtest.caveats import caveats
from studies.backtest.comparison import Comparison, compare
from studies.backtest.incidents import read_incidents
from studies.backtest.measures import Question, Thresholds
from studies.backtest.moments import Moments, read_moments
from studies.backtest.people import Addressees
from studies.backtest.readers import Format, Layout, NanIs, Reading, Recording, read_recording
from studies.backtest.running import Server
from studies.backtest.study import Backtest, Settings, Variant, backtest, progress_of

__all__ = [
    "Addressees",
    "Backtest",
    "Comparison",
    "Format",
    "Layout",
    "Moments",
    "NanIs",
    "Question",
    "Reading",
    "Recording",
    "Server",
    "Settings",
    "Thresholds",
    "Variant",
    "backtest",
    "caveats",
    "compare",
    "progress_of",
    "read_incidents",
    "read_moments",
    "read_recording",
]
