"""`blackstart report pack`: the evidence of a run in one file, with a hash that covers every byte."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.output import JsonOption, QuietOption


def pack(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The pack, a ZIP file; must not exist yet.")],
    sheet: Annotated[
        Path | None, typer.Option(help="Also write the sign-off sheet here: to be signed, and kept elsewhere.")
    ] = None,
    verifier: Annotated[
        Path | None, typer.Option(help="Also write the verifier here: one file, needs only Python.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Timeline with its hash chain, inputs, documents, versions and sign-off sheet of a run as one ZIP file.

    The head hash that is printed covers every byte.  Sign it, and keep it where the pack is not.

    Example: blackstart report pack exercises/demo -o evidence.zip --sheet sign-off.txt
    """
    import blackstart
    from console import output
    from console.options import refused
    from reports.evidence import verifier as checks
    from timeline.files import write_whole

    for option, path in (("--out", out), ("--sheet", sheet), ("--verifier", verifier)):
        if path is not None and path.exists():
            raise refused(option, f"{path} exists already", "choose another name: evidence is never overwritten")
    made = blackstart.pack(run)
    if sheet is not None:
        write_whole(sheet, made.sheet)
    if verifier is not None:
        write_whole(verifier, Path(checks.__file__).read_text(encoding="utf-8"))
    write_whole(out, made.content)
    if as_json:
        output.print_json({"file": str(out), "head": made.head})
    elif not quiet:
        print(out)
        print(made.head)
    return 0
