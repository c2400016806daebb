"""The whole answer: one variant or two over one recording, what differs between them, and what is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studies.backtest.caveats import caveats
from studies.backtest.comparison import Comparison, compare
from studies.backtest.measures import Question
from studies.backtest.people import Addressees
from studies.backtest.readers import Recording
from studies.backtest.study import Backtest, Settings, Variant, backtest, progress_of


@dataclass(frozen=True, slots=True)
class Answer:
    """`comparison` is there when two variants were asked for; `caveats` are sentences."""

    recording: Recording
    question: Question
    tests: tuple[Backtest, ...]
    comparison: Comparison | None
    caveats: tuple[str, ...]


def answer(
    variants: Sequence[Variant],
    recording: Recording,
    settings: Settings,
    question: Question,
    addressees: Addressees,
    progress: Callable[[float], None] = lambda _: None,
) -> Answer:
    """Back-tests each variant; two of them are compared, the first as before, the second as after the change."""
    share = 1 / len(variants)
    tests = tuple(
        backtest(one, recording.store, settings, question, addressees, progress_of(progress, number * share, share))
        for number, one in enumerate(variants)
    )
    comparison = compare(tests[0].figures, tests[1].figures, question.to_ms) if len(tests) == 2 else None
    return Answer(recording, question, tests, comparison, tuple(caveats(recording, tests, question, addressees)))
