"""XES (IEEE 1849): logs of process mining.  A trace becomes an incident, its events the steps.

Of the standard extensions `concept:name`, `time:timestamp`, `org:group`, `org:resource` and `lifecycle:transition` are
read; an activity is its name, with the transition behind a `+` where a trace has several of them.  Attributes of a
trace that are called like fields of an incident (`priority`, `service`, ...) are taken over.  The file is read event by
event, through a parser that refuses entities and external references.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from scenarios.history.importers.event_log import LogEvent, case_of
from scenarios.history.importers.grouping import by_incident
from scenarios.history.importers.intake import Imported, Intake
from scenarios.history.importers.mapping import FORMAT_LINE, Activities, Kind, Mapping
from timeline.findings import InputError, Place

FORMAT = "xes"
_CHUNK = 2**16
_OWN = ("title", "service", "component", "priority", "cause")
_VALUES = ("string", "date", "int", "float", "boolean", "id")
_ACTIVITIES = Activities(
    opened=("opened", "Opened", "New"),
    resolved=("resolved", "Resolved", "Completed"),
    closed=("closed", "Closed"),
    reopened=("reopened", "Reopened"),
)


@dataclass
class _Trace:
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    events: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def read(intake: Intake) -> Iterator[Imported]:
    """The traces of a log.  Raises InputError where the file is no XES that is safe to read."""
    called: set[str] = set()
    # All events have been seen when the first case is whole: then it is known what activities there are.
    for case, rows in by_incident(_events(intake, called)):
        events = []
        for line, values in rows:
            try:
                events.append(_event(line, values, intake))
            except ValueError as error:
                intake.refuse(line, str(error))
        if events:
            yield case_of(case, events, _mapping(called), intake, FORMAT)


def _mapping(called: set[str]) -> Mapping:
    """What the activities of a log mean, where some are called like the end of an incident; else nothing is said."""
    columns = {"id": "concept:name", "activity": "concept:name", "at": "time:timestamp"}
    activities = _ACTIVITIES if called & {*_ACTIVITIES.resolved, *_ACTIVITIES.closed} else Activities()
    return Mapping(format=FORMAT_LINE, kind=Kind.LOG, columns=columns, activities=activities)


def _events(intake: Intake, called: set[str]) -> Iterator[tuple[str, int, dict[str, str]]]:
    for trace in _traces(intake):
        case = trace.attributes.get("concept:name") or f"{intake.path.stem}:{trace.line}"
        transitions = {values.get("lifecycle:transition") for _, values in trace.events}
        own = {name: value for name in _OWN if (value := trace.attributes.get(name))}
        if not trace.events:
            intake.remark("history.empty-case", trace.line, f"the trace {case} has no events, and is no incident")
        for line, values in trace.events:
            intake.rows += 1
            transition = values.get("lifecycle:transition")
            name = values.get("concept:name", "")
            activity = f"{name}+{transition}" if transition and len(transitions) > 1 else name
            called.add(activity)
            yield case, line, {**own, **values, "activity": activity}


def _event(line: int, values: dict[str, str], intake: Intake) -> LogEvent:
    """Raises ValueError saying what is missing or cannot be read."""
    if not values["activity"]:
        raise ValueError("the event has no concept:name")
    at = values.get("time:timestamp")
    if at is None:
        raise ValueError("the event has no time:timestamp")
    return LogEvent(
        line,
        values["activity"],
        intake.moments.read(at),
        values.get("org:group"),
        values.get("org:resource"),
        *(values.get(name) for name in _OWN),
    )


def _traces(intake: Intake) -> Iterator[_Trace]:
    parser = DefusedExpatParser(forbid_dtd=True)
    handler = _Handler(parser)
    parser.setContentHandler(handler)
    try:
        with intake.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.feed(chunk)
                yield from handler.take()
            parser.close()
    except OSError as error:
        raise InputError.single("input.unreadable", str(intake.path), f"the file cannot be read: {error}") from None
    except SAXParseException as error:
        place = Place(str(intake.path), error.getLineNumber() or 0, (error.getColumnNumber() or 0) + 1)
        raise InputError.single("input.xml", place, f"this is no XML: {error.getMessage()}") from None
    except DefusedXmlException:
        message = "the file declares a document type or entities, which are not read"
        raise InputError.single("input.xml", str(intake.path), message, "export without a DOCTYPE") from None
    yield from handler.take()
    if handler.root != "log":
        message = f"expected a <log>, found <{handler.root}>"
        raise InputError.single("history.format", str(intake.path), message, "is this an XES file?")


class _Handler(ContentHandler):
    """Gathers traces while elements come by; nested attributes of attributes are passed over."""

    def __init__(self, parser: DefusedExpatParser) -> None:
        super().__init__()
        self.root = ""
        self._parser = parser
        self._done: list[_Trace] = []
        self._trace: _Trace | None = None
        self._event: dict[str, str] | None = None
        self._inside: list[str] = []

    def take(self) -> list[_Trace]:
        """The traces that are complete."""
        done, self._done = self._done, []
        return done

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        line = self._parser.getLineNumber()
        self.root = self.root or name
        parent = self._inside[-1] if self._inside else ""
        self._inside.append(name)
        if name == "trace":
            self._trace = _Trace(line)
        elif name == "event" and self._trace is not None:
            self._event = {}
            self._trace.events.append((line, self._event))
        elif name in _VALUES and self._trace is not None and parent in ("trace", "event"):
            values = self._event if parent == "event" and self._event is not None else self._trace.attributes
            values[attrs.get("key", "")] = attrs.get("value", "")

    def endElement(self, name: str) -> None:  # noqa: N802
        self._inside.pop()
        if name == "trace" and self._trace is not None:
            self._done.append(self._trace)
            self._trace = None
        elif name == "event":
            self._event = None
