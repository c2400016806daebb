"""What the findings of loading mean, by their id, for `blackstart explain`.  A first line, then what to do."""

from __future__ import annotations

LOADING_FINDINGS: dict[str, str] = {
    "input.not-found": """A file, an estate or a scenario was named that does not exist.

Names of shipped things are shown by `blackstart list`; paths in a file are relative to that file.""",
    "input.unreadable": """A path exists but cannot be read as a file: a directory, or no permission.""",
    "input.not-text": """A file is not text.

Save it as UTF-8.  UTF-16 with a byte order mark is read as well.""",
    "input.too-large": """A file is larger than Blackstart reads (8 MiB).

Divide it; an estate of that size comes from an importer, and importers read larger files.""",
    "input.empty": """A file holds nothing but blanks and comments.""",
    "yaml.syntax": """A file is not YAML.

The place is where the parser gave up or where the open construct began.  Text with `: `, `#`, quotes, backslashes or a
special first character belongs in quotes; single quotes leave backslashes alone.""",
    "yaml.duplicate-key": """The same key stands twice in one map.

One of the two would be ignored silently, so both are refused.""",
    "yaml.tag": """A value carries a tag (`!something`).

Files hold plain data: maps, lists, text, numbers, true, false and null.""",
    "yaml.unknown-alias": """An alias (`*name`) repeats an anchor (`&name`) that is not defined above it.""",
    "yaml.alias-expansion": """The aliases of a file expand to more than is allowed.

Aliases of aliases multiply: a few lines can stand for billions of values, so what they add is limited.""",
    "yaml.bad-merge": """The merge key `<<` takes a map or a list of maps, mostly as aliases.""",
    "yaml.structured-key": """A map or a list stands where a key belongs.

Mostly a template like {{ $value }} without quotes.""",
    "yaml.missing-key": """A colon has no key before it.""",
    "yaml.bad-scalar": """A value does not have the type that its tag says, or is a number too long to be meant.""",
    "yaml.too-deep": """Maps and lists are nested deeper than is allowed.""",
    "yaml.several-documents": """A file that should hold one document holds several, divided by `---`.""",
    "model.format": """The first line of a file says which format and version it has, and this is not the expected one.

`blackstart schema` lists the kinds of file.""",
    "model.missing": """A field that cannot be left out is missing.""",
    "model.unknown-key": """There is no field of this name at this place.

Unknown keys are errors, so that a misspelt one is never ignored.""",
    "model.not-one-of": """A value is not in the closed list of what is possible here.""",
    "model.wrong-type": """A value is of the wrong type: text for a number, a list for a map, nothing at all.""",
    "model.out-of-range": """A number or a length lies outside what is possible here.""",
    "model.bad-value": """A value cannot be understood, or contradicts another one beside it.""",
    "model.bad-id": """A key cannot be an id.

Ids are lower-case letters, digits, '.', '-' and '_', and begin with a letter or a digit.""",
    "reference.unknown": """A name leads nowhere: nothing of that kind is declared in any of the files.""",
    "automation.name-taken": """Two automations have the same name.

The files that an organisation names are read together; on the timeline an automation is known by its name.""",
    "profile.name-taken": """Two telemetry profiles have the same name, or one has that of a shipped profile.

A profile is named as its file, without the ending.""",
    "overlay.syntax": """A setting is not of the form `path=value`.""",
    "overlay.unknown-path": """A setting names a path that leads nowhere.

Paths begin with scenario, estate, organisation or alerts and follow the nesting of the files; `null` removes.""",
}
