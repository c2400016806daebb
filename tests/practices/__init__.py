"""One test for each of the 48 practices: break it, and what it is for gets worse, and nothing else does.

`harness` says what a case is and how it is judged; `library` holds the small exercises that cases are played on.
"""
