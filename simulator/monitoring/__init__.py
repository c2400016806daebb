"""The modelled monitoring: telemetry, PromQL, alert rules, Alertmanager."""
