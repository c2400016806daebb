"""`blackstart report verify`: whether an evidence pack is what was signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def verify(
    pack: Annotated[Path, typer.Argument(help="An evidence pack.")],
    head: Annotated[str | None, typer.Option(help="The head hash that was signed.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="The sign-off sheet that was kept.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Check every file and every event of a pack, and whether it is the one that was signed.

    Ends with 1 when something does not hold, and says where.  The same checks run without Blackstart: `report pack
    --verifier FILE` writes them as one file that needs only Python.

    Example: blackstart report verify evidence.zip --head 1f0c...
    """
    from console import output
    from reports.evidence import verifier as checks
    from timeline.findings import InputError

    try:
        content = pack.read_bytes()
        signed = sheet.read_text(encoding="utf-8") if sheet is not None else None
    except (OSError, UnicodeDecodeError) as error:
        name = getattr(error, "filename", None) or str(sheet)
        raise InputError.single("input.not-found", name, f"it cannot be read: {error}") from None
    problems = checks.verify(content, head, signed)
    if as_json:
        output.print_json({"holds": not problems, "problems": [problem._asdict() for problem in problems]})
    elif not quiet:
        for problem in problems:
            print(f"{problem.place}: {problem.message}")
        if not problems:
            alone = head is None and sheet is None
            print(f"every file and every event holds{': against itself alone, without a signed head' if alone else ''}")
    return 1 if problems else 0
