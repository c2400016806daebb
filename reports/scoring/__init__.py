"""Scoring: what an exercise showed, judged from its timeline alone.

`score` reads the measures, holds targets and critical tasks against them by the rules of `reports.scoring.ratings`, and
returns `Scores`, the content of `scores.json`.  Every result names the events behind it, the class of its evidence and
the parameters that it rests on.
"""

from reports.scoring.model import Scores
from reports.scoring.parts import rate_target
from reports.scoring.ratings import Outcome, Rating
from reports.scoring.scorer import score, score_index

__all__ = ["Outcome", "Rating", "Scores", "rate_target", "score", "score_index"]
