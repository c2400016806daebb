"""From files to models, with errors that help: a YAML document knows where each of its values was written.

- `document` reads YAML safely and remembers places (`nodes`, `scalars`, `syntax` are its parts);
- `overlay` makes settings (`--set path=value`) on the tree of a document;
- `shape` tells what a model allows at a path; `validation` turns disagreements into findings, `references` finds names
  that lead nowhere, `gathering` keeps on going so that all errors of all files come at once;
- `estate` puts them together: a folder becomes a loaded estate;
- `explanations` says what the findings of loading mean.

What weak spots a sound estate has is not judged here but in `topologies.checks`.
"""
