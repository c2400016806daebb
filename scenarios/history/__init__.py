"""Real incidents of the past: what was recorded, brought into one form.

- `record` is that form, one row an incident, and the file that holds it; `steps` beside it, one row an update;
- `importers` read the exports of other tools into it, one module a format;
- `classification` gives each incident a failure mode, with the rule that said so.

What the past looks like (arrivals, times, recurrences) is worked out in `reports.history`.
"""
