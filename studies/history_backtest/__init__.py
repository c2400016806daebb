"""Back-test of a history: fitted up to a moment, does the model foretell what came after better than naive forecasts?

    test = backtest_history(records)      study: cut, forecasting, pooling, scores, skill; arrivals
    write_folder(folder, test)            document, drawing

What is fitted is made in `scenarios.history.calibration`.
"""

from studies.history_backtest.document import document
from studies.history_backtest.drawing import draw_backtest, named_skills
from studies.history_backtest.folder import write_folder
from studies.history_backtest.study import HistoryBacktest, TargetTest, Untested, backtest_history

__all__ = [
    "HistoryBacktest",
    "TargetTest",
    "Untested",
    "backtest_history",
    "document",
    "draw_backtest",
    "named_skills",
    "write_folder",
]
