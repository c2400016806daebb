"""`blackstart schema`: JSON Schemas, so that an editor completes and checks the files while they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            help="topology, organisation, scenario, playbook, expectations, obligations, automations or profile."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of standard output.")] = None,
) -> int:
    """Print the JSON Schema of a kind of file.

    Example: blackstart schema scenario --out scenario.schema.json
    """
    import json

    from console import output
    from scenarios.schemas import KINDS, schema_of
    from timeline.files import write_whole
    from timeline.findings import InputError, nearest

    if kind not in KINDS:
        raise InputError.single("schema.unknown-kind", kind, "there is no such kind of file", nearest(kind, KINDS))
    if out is None:
        output.print_json(schema_of(kind))
        return 0
    if not out.parent.is_dir():
        raise InputError.single("input.not-found", str(out.parent), "there is no such folder", "make it first")
    write_whole(out, json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n")
    return 0
