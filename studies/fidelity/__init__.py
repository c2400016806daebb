"""Alert fidelity: expected, predicted and observed, side by side, fault by fault.

predicting   what the model says, written and hashed before anything is broken
running      one fault after the other on real targets, with real monitoring watched
verdicts     the three columns joined, rule by rule; how far off the prediction was
reasons      why simulation and reality may disagree in a cell
history      runs over time: what fired last time and no longer does
document, page    what a run leaves, for a build and for people
"""
