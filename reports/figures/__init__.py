"""Figures: drawn from the timeline, as SVG; the same timeline gives the same bytes.

Each figure has a caption that says what to see.  Colours are those of Okabe and Ito (2008), told apart by people with
any common colour blindness; shapes and labels say the same without colour.
"""

from reports.figures.draw import FIGURES, Figure, draw

__all__ = ["FIGURES", "Figure", "draw"]
