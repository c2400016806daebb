"""What a receiver shows of a notification: templates, their data, and the fields of each kind of integration.

`Messages` renders notifications of one configuration.  Text that a field of the configuration gives is used, otherwise
the default of its kind; the default definitions (`__subject`, `slack.default.title`...) are there to be called and
to be defined anew.  Versions of Alertmanager differ little here; the definitions are those of 0.25 with the kinds of
later ones.  Two things differ: the default HTML page of an e-mail is a plain one, and the values in HTML
are escaped without regard to where in the page they stand.
"""

from simulator.monitoring.alertmanager.messages.data import MessageData
from simulator.monitoring.alertmanager.messages.rendering import Message, Messages, Part

__all__ = ["Message", "MessageData", "Messages", "Part"]
