"""From files to models, with errors that help: a YAML document knows where each of its values was written.

`document` reads YAML safely and remembers places; what turns documents into estates stands beside it.
"""
