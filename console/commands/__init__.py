"""The verbs of the command line, one module each.  What is heavy is imported inside the functions."""
