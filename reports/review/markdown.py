"""A review as Markdown, to be completed in any editor.  Evidence stands in brackets: [e17] is event 17 of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reports.quantities import write_ms
from reports.review.model import Review, Statement


def markdown(review: Review) -> str:
    """The text of `review.md`."""
    parts = [
        _head(review),
        _listed("Summary", review.summary),
        _impact(review),
        _moments(review),
        _listed("Detection", review.detection),
        _listed("Response", review.response),
        _listed("Recovery", review.recovery),
        _causes(review),
        _factors(review),
        _listed("What went well", review.went_well),
        _actions(review),
        _edits(review),
        _sign_off(),
    ]
    return "\n".join(line for part in parts for line in part)


def _head(review: Review) -> Iterator[str]:
    yield f"# Review of {review.incident}: {review.title}"
    yield ""
    yield f"Scenario `{review.scenario}`, seed {review.seed}, STARTEX {review.epoch}. Method: {review.method}."
    yield f"Reviewed by: {review.by or '______________________'}"
    yield ""


def _listed(title: str, statements: Sequence[Statement]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield from (f"- {escaped(s.text)}{_evidence(s.evidence)}" for s in statements)
    if not statements:
        yield "- Nothing on record."
    yield ""


def _impact(review: Review) -> Iterator[str]:
    yield "## Impact"
    yield ""
    rows = [
        (
            impact.function,
            write_ms(impact.duration_ms) + (" and longer" if impact.still_down else ""),
            f"{impact.lowest_ratio:.0%}",
            "unknown" if impact.rto_ms is None else write_ms(impact.rto_ms),
            "unknown" if impact.lost_ms is None else write_ms(impact.lost_ms) if impact.lost_ms else "none",
        )
        for impact in review.impact
    ]
    yield from _table(("Function", "Lasted", "Lowest service", "RTO", "Data lost"), rows)


def _moments(review: Review) -> Iterator[str]:
    yield "## Timeline"
    yield ""
    rows = [(m.clock, m.wall, f"{m.text}{_evidence(m.evidence)}") for m in review.moments]
    yield from _table(("Exercise", "Clock", "What happened"), rows)


def _causes(review: Review) -> Iterator[str]:
    yield "## Causes"
    yield ""
    for mode in review.failure_modes:
        rule = f", by rule `{mode.rule}`" if mode.rule else ""
        yield f"Failure mode: {mode.title} (`{mode.mode}`{rule}); fault family: {mode.family}."
    yield ""
    yield "### Cause and effect"
    yield ""
    words = {node.id: node for node in review.chart.nodes}
    causes: dict[str, list[str]] = {}
    for link in review.chart.links:
        causes.setdefault(link.effect, []).append(link.cause)
    caused = {link.cause for link in review.chart.links}
    told: set[str] = set()

    def tell(id: str, depth: int) -> Iterator[str]:
        node = words[id]
        again = ", see above" if id in told and id in causes else ""
        yield f"{'  ' * depth}- {node.kind}: {escaped(node.text)}{_evidence(node.evidence)}{again}"
        if id not in told:
            told.add(id)
            for cause in causes.get(id, ()):
                yield from tell(cause, depth + 1)

    for node in review.chart.nodes:
        if node.id not in caused:
            yield from tell(node.id, 0)
    if review.chart.left_out:
        yield f"- {review.chart.left_out} more functions were hurt, each for a shorter time."
    yield ""
    yield "### Whys"
    yield ""
    for number, why in enumerate(review.whys, start=1):
        yield f"{number}. {escaped(why.question)} **{escaped(why.answer)}**{_evidence(why.evidence)}"
    yield ""


def _factors(review: Review) -> Iterator[str]:
    yield "## Contributing factors"
    yield ""
    yield from (f"- **{f.title}**: {escaped(f.text)}{_evidence(f.evidence)}" for f in review.factors)
    if not review.factors:
        yield "- None that can be read off the timeline."
    yield ""


def _actions(review: Review) -> Iterator[str]:
    yield "## Actions"
    yield ""
    rows = [(a.id, a.title, a.because, a.owner or "**nobody**", a.due, a.measure or "") for a in review.actions]
    yield from _table(("Id", "Action", "Because", "Owner", "Due", "Shown by"), rows)


def _edits(review: Review) -> Iterator[str]:
    yield "## Proposed edits"
    yield ""
    for edit in review.edits:
        yield f"`{edit.file}`: {escaped(edit.why)}{_evidence(edit.evidence)}"
        yield ""
        yield "```diff"
        yield edit.diff.rstrip("\n")
        yield "```"
        yield ""
    if not review.edits:
        yield "None."
        yield ""


def _sign_off() -> Iterator[str]:
    yield "## Approval"
    yield ""
    yield from _table(
        ("Role", "Name", "Date", "Signature"), [(role, "", "", "") for role in ("Review", "Legal", "Compliance")]
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows)
    yield ""


def _evidence(events: Sequence[int], most: int = 6) -> str:
    """The first events, and how many more there are."""
    if not events:
        return ""
    more = f", {len(events) - most} more" if len(events) > most else ""
    return f" [{', '.join(f'e{seq}' for seq in events[:most])}{more}]"


def escaped(text: str) -> str:
    """Words that cannot end a cell or begin markup."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
