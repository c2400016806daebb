"""Tests of rules and queries, in the two languages that Prometheus has for them.

`unit_tests` runs the files that `promtool test rules` runs; `promql_script` runs the scripts with which Prometheus
tests PromQL itself.
"""
