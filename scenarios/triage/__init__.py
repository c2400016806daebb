"""Triage: what sort of failure is this, who owns it, which runbook helps, and why do we think so.

One classifier serves an imported history (`history classify`), the triage bot of a simulated exercise and whoever asks
about a text by `TriageDesk`.  `classifier` puts together the rules of `scenarios.history.classification` and the
nearest labelled texts (`tfidf`), says what spoke for its answer and how often such an answer was right
(`calibration`), and abstains where that is too seldom; `agreement` measures it against labels.
"""

from scenarios.triage.desk import Advice, TriageDesk, alert_text

__all__ = ["Advice", "TriageDesk", "alert_text"]
