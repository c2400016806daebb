"""What each finding about an Alertmanager configuration means, by its id."""

from __future__ import annotations

FINDINGS = {
    f"alertmanager.{id}": text
    for id, text in {
        "route.unreachable": "A route that no alert can reach.\n"
        "Its matchers exclude each other, or an earlier sibling without `continue: true` takes all its alerts.",
        "route.no-alert": "A route that no alert rule leads to.\n"
        "For every rule a label that the route asks for is known to have another value or to be missing.",
        "route.always-muted": "A route that never notifies.\n"
        "A time interval that mutes it always holds, or its active time intervals are empty.",
        "interval.repeat-below-group": "Repeats come at every flush.\n"
        "A repeat_interval shorter than group_interval cannot be kept: a group is looked at once a group_interval.",
        "interval.repeat-between-flushes": "Repeats come later than repeat_interval says.\n"
        "They wait for the next flush, which comes every group_interval; make one a multiple of the other.",
        "interval.repeat-beyond-retention": "Repeats come more often than repeat_interval says.\n"
        "What was notified is forgotten after the retention of data, and then it is notified as if it were new.",
        "receiver.unused": "A receiver that no route leads to.",
        "receiver.incomplete": "An integration without an address or a secret: Alertmanager does not load it.",
        "time-interval.unused": "A time interval that no route uses.",
        "inhibition.never": "An inhibition that cannot hold for any alert, by its matchers alone.",
        "inhibition.no-alert": "An inhibition that the alert rules never give a source or a target for.\n"
        "No rule matches one of its sides, or the labels that have to be equal never are.",
        "inhibition.any-source": "An inhibition whose source may be any alert.",
        "inhibition.everything": "An inhibition by which one alert silences all the others.",
        "group-by.no-label": "Grouping by a label that none of the alerts on the route has: it divides nothing.",
        "dead-mans-switch.none": "No route for an alert that always fires.\n"
        "Its absence is how others learn that monitoring itself is down.",
        "dead-mans-switch.no-rule": "No alert rule that always fires, such as `vector(1)`.\n"
        "Without one a dead monitoring looks like a healthy system.",
        "alert.owner-unrouted": "An owner in a label that routes ask for, but not for this one.\n"
        "Alerts of this owner fall to the receiver at the root of the tree.",
        "alert.tells-nobody": "An urgent alert that only receivers without any integration take.",
    }.items()
}
