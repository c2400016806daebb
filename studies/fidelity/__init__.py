"""Alert fidelity: expected, predicted and observed, side by side, fault by fault.

predicting   what the model says, written and hashed before anything is broken
running      one fault after the other on real targets, with real monitoring watched
verdicts     the three columns joined, rule by rule; how far off the prediction was
reasons      why simulation and reality may disagree in a cell
document, junit   what a run leaves
"""
