"""Files of other tools, read as they are: what they say becomes models of ours, what they do not say stays unknown."""
