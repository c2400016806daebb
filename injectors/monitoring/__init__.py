"""Real monitoring, watched: what Prometheus and Alertmanager made of a fault, and what its users felt."""
