"""Readers of recorded series, streamed: OpenMetrics and dumps of a TSDB, answers of query_range, CSV; gzip too.

`read_recording` puts files into a store.  A format is one module that turns a stream into batches of samples.
"""

from studies.backtest.readers.csv_table import Layout
from studies.backtest.readers.recording import FileRead, Format, NanIs, Reading, Recording, read_recording

__all__ = ["FileRead", "Format", "Layout", "NanIs", "Reading", "Recording", "read_recording"]
