"""How a study of alerting is told in words, the same on a terminal and in the page."""

from __future__ import annotations

from reports.quantities import write_ms
from studies.coverage.inventory import Share
from studies.coverage.matrix import Addressees, Cell, Interval
from studies.coverage.study import Coverage


def span(interval: Interval) -> str:
    """`1 min 21 s to 1 min 43 s`; one time where both ends are the same."""
    low, high = write_ms(interval.low_ms), write_ms(interval.high_ms)
    return low if low == high else f"{low} to {high}"


def sentences(coverage: Coverage) -> list[str]:
    """What could be judged, and how times are meant.  This comes before any result."""
    inventory, question = coverage.inventory, coverage.question
    judged = [
        f"{_of(inventory.alerting_rules)} alerting rules",
        f"{_of(inventory.recording_rules)} recording rules",
        f"{_of(inventory.label_matchers)} label matchers",
    ]
    several = f"the least and the most over {question.draws} draws of onset, evaluation offsets and noise"
    one = "those of one draw, and may differ by a scrape and an evaluation interval"
    draws = one if question.draws == 1 else several
    if question.draws > 1 and not question.draws_for_all:
        draws += f" where something is expected, otherwise {one}"
    return [
        f"Could be mapped to components: {', '.join(judged)}; the rest is set aside and not counted as silent.",
        f"{len(coverage.rows)} faults, each lasting {write_ms(question.lasts_ms)} from"
        f" {question.epoch:%A %d %B %Y %H:%M} on; nobody acts.  Times are {draws}.",
    ]


def cell_words(cell: Cell, addressees: Addressees, draws: int) -> str:
    """`InstanceDown after 1 min 6 s; shop-pager (shop) after 1 min 21 s`."""
    told = [f"{receiver} ({_reached(addressees, receiver)}) after {span(t)}" for receiver, t in cell.told.items()]
    some = f" in {cell.draws} of {draws} draws" if cell.draws < draws else ""
    return f"{cell.alert} after {span(cell.fired)}{some}; {', '.join(told) or 'nobody is told'}"


def _reached(addressees: Addressees, receiver: str) -> str:
    reached = addressees.of(receiver)
    return (", ".join(reached.teams) or "no team") + ("" if reached.pages else ", pages nobody")


def _of(share: Share) -> str:
    return f"{share.mapped} of {share.of}"
