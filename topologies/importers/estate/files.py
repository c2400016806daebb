"""Reading what was given: files and folders, text in the encodings people have, documents with places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from timeline.findings import Finding, InputError, Place, Severity, nearest
from topologies.importers.estate.json_text import parse_json
from topologies.loading.document import parse_documents, read_text
from topologies.loading.gathering import Gathered
from topologies.loading.nodes import Step

M = TypeVar("M", bound=BaseModel)

MAX_EXPORT_BYTES = 64 * 1024 * 1024


class Located(Protocol):
    """A document whose values know their places: YAML or JSON."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> object: ...
    def place(self, path: Sequence[Step]) -> Place: ...


def expand(paths: Iterable[str | Path], patterns: Sequence[str]) -> list[Path]:
    """Files as they are, folders as the files in them that match, in the order of their names.

    Raises InputError for what is not there and for a folder without such files.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(file for pattern in patterns for file in path.rglob(pattern) if file.is_file())
            if not inside:
                message = f"there is no {' or '.join(patterns)} in this folder"
                raise InputError.single("input.not-found", str(path), message, "name the files themselves")
            found |= dict.fromkeys(inside)
        elif path.exists():
            found[path] = None
        else:
            beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
            raise InputError.single("input.not-found", str(path), "there is no such file", nearest(path.name, beside))
    return list(found)


def documents(path: Path) -> list[Located]:
    """The documents of a YAML or JSON file, which is told by its first character."""
    text = read_text(path, MAX_EXPORT_BYTES)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        try:
            return [parse_json(text, str(path))]
        except InputError:
            if path.suffix == ".json":
                raise
    return list(parse_documents(text, str(path)))


def all_documents(paths: Iterable[str | Path], patterns: Sequence[str]) -> list[Located]:
    """The documents of all files.  Raises InputError with everything that cannot be read in any of them."""
    gathered = Gathered()
    found = [gathered.attempt(partial(documents, path)) for path in expand(paths, patterns)]
    gathered.complete()
    return [document for several in found for document in several or ()]


def as_model(document: Located, path: Sequence[Step], data: object, model: type[M]) -> M:
    """A part of a document as a model.  Raises InputError with every disagreement at its place."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        findings = [
            Finding(
                "estate.foreign",
                Severity.ERROR,
                document.place([*path, *details["loc"]]),
                f"{'.'.join(map(str, details['loc'])) or 'this'}: {details['msg'].removeprefix('Value error, ')}",
                "is this the format that was named?",
            )
            for details in error.errors()
        ]
        raise InputError(findings) from None


def records_in(document: Located, *envelopes: str) -> list[tuple[tuple[Step, ...], object]]:
    """The records of a document with their paths: a list as it is, or under one of the envelopes, outermost first.

    Raises InputError where there is no list.
    """
    data = document.data
    path: tuple[Step, ...] = ()
    for envelope in envelopes:
        if isinstance(data, dict) and envelope in data:
            data, path = data[envelope], (*path, envelope)
    if not isinstance(data, list):
        expected = ".".join(envelopes)
        message = f"expected a list of records, alone or under {expected!r}"
        raise InputError.single("estate.foreign", document.place(path), message, "is this the format that was named?")
    return [((*path, index), record) for index, record in enumerate(data)]
