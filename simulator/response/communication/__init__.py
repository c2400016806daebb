"""Communication as the organisation file states it, at work: `Communications` is told when something has to be said.

`desk` writes, `composing` finds the words, `sending` gets them there; `updates`, `briefings`, `status_page` and
`callouts` (`call_tree`, `mass_notification`) are the occasions.  Reports to authorities have a module of their own,
`simulator.response.obligations`.
"""

from simulator.response.communication.communications import Communications

__all__ = ["Communications"]
