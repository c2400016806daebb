"""What a history looks like: how often incidents come and when, how long they last, what comes back.

- `spans`: times to acknowledge and to restore, as distributions with intervals; what is still open is censored;
- `arrivals`: hours of the week, seasons, and where the rate changed;
- `concentration`: pareto by service and failure mode, recurrences, reassignments;
- `description` puts them together, `tables` and `page` write them for people.

Everything is worked out from the columns of a history (`scenarios.history.record`), so that ten million rows are no
matter of memory; figures are drawn in `reports.figures.history`.
"""
