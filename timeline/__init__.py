"""The spine of Blackstart: time, references, events with their causes, predicates, commands, findings, the store.

Everything that happens in an exercise, modelled or real, is an event on one timeline; everything that judges
reads that timeline.  This package knows nothing of estates, people or alerts beyond the words for them.
"""
