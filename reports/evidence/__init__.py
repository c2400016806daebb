"""The evidence pack of a run: everything an auditor needs in one file, and proof that nobody touched it since.

`write_pack` makes the pack and the sign-off sheet; `verifier` checks a pack with the Python standard library alone, so
that whoever doubts needs nothing of ours but that one file.  What is secret about a forgery-proof record is nothing:
the *head hash* covers every byte, and is worth as much as the place where the signed sheet is kept.
"""

from reports.evidence.pack import Pack, write_pack

__all__ = ["Pack", "write_pack"]
