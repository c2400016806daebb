"""The fire drill: for each alert rule a marked alert goes the way that a real one would, and its arrival is timed.

alarms      what each rule of a real Prometheus would send, marked as an exercise
rehearsal   the same played through the model of Alertmanager first: whom it tells, whom it mutes, how many pages
drilling    posted to the real one, wave by wave, watched, ended
document    what a drill leaves
"""
