"""Drafts of telemetry profiles, made of what rules read or what a scrape shows.

Names, types, labels and buckets can be read off; which signal moves a series only a person can say.  Such a place holds
`"???"`, and a profile with one of these is not loaded.
"""

from simulator.monitoring.telemetry.drafts.draft import Draft, written
from simulator.monitoring.telemetry.drafts.exposition import parse_exposition
from simulator.monitoring.telemetry.drafts.from_rules import draft_from_rules
from simulator.monitoring.telemetry.drafts.from_scrape import draft_from_scrape

__all__ = ["Draft", "draft_from_rules", "draft_from_scrape", "parse_exposition", "written"]
