"""Calibration shown: figures of how well what was fitted to a history agrees with it, and the files of a fit."""

from studies.calibration.drawing import draw_fit
from studies.calibration.folder import write_page

__all__ = ["draw_fit", "write_page"]
