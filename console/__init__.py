"""The command line and the drill web application."""
