"""Connections to the services of a target: to private addresses only, bounded in time, without a word in any log."""
