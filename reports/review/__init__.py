"""The review of an incident as a document that is begun: what happened, why, what helped and what did not, what to do.

`review_of` reads it off a timeline, with the files of the run where they are there; people complete it.  `review.json`
is what `compare` reads: the same incident reviewed by another method, or by another team.
"""

from reports.review.comparison import Comparison, compare_reviews
from reports.review.material import Material
from reports.review.model import Method, Review
from reports.review.reviewing import review_of

__all__ = ["Comparison", "Material", "Method", "Review", "compare_reviews", "review_of"]
