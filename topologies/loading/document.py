"""A YAML file as plain data that still knows where each value was written.

    document = read_document(Path("topology.yaml"))
    document.data["components"]["payments-db"]["replicas"]                        # 3
    document.place(["components", "payments-db", "replicas"])                     # topology.yaml:12:15

YAML is read as version 1.2 and safely: plain data only, limited in size and depth, duplicate keys refused, aliases
within a budget.  `yes`, `no`, `on` and `off` are text; `012` is twelve, `1_000` and timestamps are text.
Prometheus and Alertmanager read the same files with go-yaml, where a field that holds text takes a scalar as it
was written (`severity: 1.0` is the label value "1.0"); `text_data` gives that reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from timeline.findings import InputError, Place, nearest
from topologies.loading.nodes import Node, ScalarNode, SourceText, Step, child, compose, plain

MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Document:
    """One document of a file.  `data` is made of dict (keys are text), list, str, int, float, bool and None.

    `text` is the whole text of the file, also where the file holds several documents.
    """

    name: str
    text: str
    data: object
    root: Node = field(repr=False, compare=False)

    def place(self, path: Sequence[Step], *, key: bool = False) -> Place:
        """Where the value at `path` starts, or with `key` where its key is written.

        A path that leads nowhere gives the nearest ancestor that exists, by its key: what is missing in a
        component is best shown at the component's name.
        """
        node, key_mark = self.root, self.root.mark
        for step in path:
            entry = child(node, step)
            if entry is None:
                return key_mark.place()
            node, key_mark = entry.value, entry.mark
        return (key_mark if key else node.mark).place()

    def text_at(self, path: Sequence[Step]) -> str | None:
        """The scalar at `path` as it was written, without quotes; None where there is no scalar."""
        node = self.node(path)
        return node.text if isinstance(node, ScalarNode) else None

    def node(self, path: Sequence[Step]) -> Node | None:
        """The node at `path`; None where there is nothing."""
        node: Node = self.root
        for step in path:
            entry = child(node, step)
            if entry is None:
                return None
            node = entry.value
        return node

    def text_data(self) -> object:
        """The data with each scalar as it was written, and None for null: how go-yaml fills text fields."""
        return plain(self.root, as_written=True)

    def with_root(self, root: Node) -> Document:
        """The same document with other content, as an overlay makes it."""
        return Document(self.name, self.text, plain(root), root)


def read_document(path: Path) -> Document:
    """The one document of a file.  Raises InputError with every problem found, each with its place."""
    return parse_document(read_text(path), str(path))


def read_documents(path: Path) -> list[Document]:
    """The documents of a file that holds several, divided by `---`; at least one."""
    return parse_documents(read_text(path), str(path))


def parse_document(text: str, name: str) -> Document:
    """As `read_document`, from text; `name` is what places call the file."""
    documents = parse_documents(text, name)
    if len(documents) > 1:
        second = documents[1]
        raise InputError.single(
            "yaml.several-documents",
            second.place([]),
            "a second document starts here, after '---'",
            "this kind of file holds one document; divide it into two files",
        )
    return documents[0]


def parse_documents(text: str, name: str) -> list[Document]:
    """As `read_documents`, from text."""
    if len(text) > MAX_BYTES:
        raise _too_large(name)
    source = SourceText(name, text.removeprefix("\ufeff"))
    roots = compose(source)
    if not roots:
        hint = "`blackstart new` starts a file from a template"
        raise InputError.single("input.empty", name, "the file is empty", hint)
    return [Document(name, source.text, plain(root), root) for root in roots]


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The content of a file.  Raises InputError when it cannot be read or is too large."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(max_bytes + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(raw) > max_bytes:
        raise _too_large(str(path), max_bytes)
    return raw


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """The text of a file, UTF-8 or UTF-16.  Raises InputError when it cannot be read, is too large or is no text."""
    raw = read_bytes(path, max_bytes)
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError.single(
            "input.not-text",
            Place(str(path), line),
            f"the file is not text: the byte 0x{raw[error.start]:02x} does not fit {encoding.upper()}",
            "save the file as UTF-8",
        ) from None


def _unreadable(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        return InputError.single("input.not-found", str(path), "there is no such file", nearest(path.name, beside))
    if isinstance(error, IsADirectoryError):
        return InputError.single("input.unreadable", str(path), "this is a directory, not a file")
    return InputError.single("input.unreadable", str(path), f"the file cannot be read: {error.strerror}")


def _too_large(name: str, max_bytes: int = MAX_BYTES) -> InputError:
    limit = max_bytes // (1024 * 1024)
    return InputError.single("input.too-large", name, f"the file is larger than {limit} MiB", "divide it")
