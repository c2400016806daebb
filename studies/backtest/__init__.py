"""Back-test: Prometheus rules and an Alertmanager configuration over recorded series: what would have paged whom.

    recording = read_recording(paths)                     readers/: dumps, query answers, tables
    found = answer([before, after], recording, ...)       assessment, running, people, measures; comparison, caveats
    write_folder(folder, found)                           document, drawing, page

`store` keeps series on disk and gives them to the rule engine window by window.
"""

from studies.backtest.answer import Answer, answer
from studies.backtest.comparison import Comparison
from studies.backtest.incidents import Incident, read_incidents
from studies.backtest.measures import Question, Thresholds
from studies.backtest.moments import Moments, read_moments
from studies.backtest.people import Addressees
from studies.backtest.readers import Format, Layout, NanIs, Reading, Recording, read_recording
from studies.backtest.running import Server
from studies.backtest.study import Backtest, Settings, Variant

__all__ = [
    "Addressees",
    "Answer",
    "Backtest",
    "Comparison",
    "Format",
    "Incident",
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
    "answer",
    "read_incidents",
    "read_moments",
    "read_recording",
]
