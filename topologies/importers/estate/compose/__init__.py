"""Compose files: `variables` fills in `${...}`, `model` is what a file states, `project` puts several files together
(overrides, `extends`, `include`), `reader` makes a draft of a project."""
