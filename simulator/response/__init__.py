"""The modelled response: people who are told, look for causes, decide and act on what they know."""
