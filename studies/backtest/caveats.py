"""What a back-test cannot know, in sentences: every one has its reason in the data at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reports.quantities import write_ms
from studies.backtest.measures import Question
from studies.backtest.people import Addressees
from studies.backtest.readers import Format, NanIs, Recording
from studies.backtest.running import EPOCH
from studies.backtest.study import Backtest
from timeline.instants import HOUR, MINUTE, to_wall


def caveats(recording: Recording, tests: Sequence[Backtest], question: Question, addressees: Addressees) -> list[str]:
    """One sentence for each thing that limits the answer."""
    return [*_of_data(recording, question.zone), *_of_rules(tests, question), *_of_people(tests, addressees)]


def write_local(at_ms: int, zone: ZoneInfo) -> str:
    """A moment of the recording as people of a zone read it: `Sat 14 Mar 2026 02:10:30`."""
    local: datetime = to_wall(at_ms, EPOCH).astimezone(zone)
    return f"{local:%a %d %b %Y %H:%M:%S}"


def _of_data(recording: Recording, zone: ZoneInfo) -> list[str]:
    store, found = recording.store, []
    nans = sum(one.nans for one in recording.files)
    if nans:
        taken = "the end of its series (--nan value takes them as values)"
        if recording.nan is NanIs.VALUE:
            taken = "a value (--nan stale takes them as the ends of series)"
        found.append(
            "A dump writes ends of series as NaN, like values that are NaN: "
            f"each of its {nans} NaN was taken as {taken}."
        )
    if any(one.format is Format.JSON for one in recording.files):
        step_ms = max(series.step_ms for series in store.series)
        found.append(
            f"Answers of query_range are evaluated at steps (here up to {write_ms(step_ms)}), not scraped: what "
            "happened between them is not known, and each value has already been looked for over the lookback once."
        )
    gaps = store.gaps()
    if gaps:
        longest = max(gaps, key=lambda gap: gap.to_ms - gap.from_ms)
        lasted = write_ms(longest.to_ms - longest.from_ms)
        found.append(
            f"In {_count(len(gaps), 'span')} nothing at all was recorded, the longest {lasted} "
            f"from {write_local(longest.from_ms, zone)}: alerts resolve there that may have gone on."
        )
    if recording.refused:
        found.append(f"{_count(len(recording.refused), 'line')} of the data could not be read and was left out.")
    return found


def _of_rules(tests: Sequence[Backtest], question: Question) -> list[str]:
    """Of each variant; what holds for all of them is said once."""
    said: dict[str, list[str]] = {}
    for test in tests:
        for sentence in dict.fromkeys([*_of_assessment(test, question), *_of_outcome(test, question)]):
            said.setdefault(sentence, []).append(test.variant.name)
    return [
        sentence if len(names) == len(tests) else f"{', '.join(names)}: {sentence}" for sentence, names in said.items()
    ]


def _of_assessment(test: Backtest, question: Question) -> Iterator[str]:
    assessed = test.assessed
    for one in assessed.rules:
        if one.set_aside:
            yield f"{one.rule.name} cannot be assessed: the recording has no series {', '.join(one.missing)}."
        for remark in one.remarks:
            yield f"{one.rule.name}: {remark}."
    kept = [one for one in assessed.rules if one.alerting and not one.set_aside]
    late = [one for one in kept if one.from_ms > question.from_ms]
    slow = [one for one in late if one.from_ms - question.from_ms > HOUR]
    for one in slow:
        begins = write_local(one.from_ms, question.zone)
        yield f"{one.rule.name} can be judged from {begins} on, when its windows and its `for` are filled."
    if quick := [one for one in late if one not in slow]:
        most = write_ms(max(one.from_ms for one in quick) - question.from_ms)
        yield f"{_count(len(quick), 'rule')} can be judged after {most} at most, when windows and `for` are filled."
    for one in kept:
        if one.to_ms < question.to_ms - MINUTE:
            yield f"{one.rule.name} can be judged until {write_local(one.to_ms, question.zone)}, where its series end."
    if assessed.rewritten:
        names = ", ".join(assessed.rewritten)
        yield f"The recording has series that the rules write; they were computed anew: {names}."


def _of_outcome(test: Backtest, question: Question) -> Iterator[str]:
    for one in test.outcome.failures:
        yield f"{one.rule.name} fails at {write_local(one.at_ms, question.zone)}: {one.reason}."
    if left_out := test.figures.left_out:
        was = "was" if left_out == 1 else "were"
        yield f"{_count(left_out, 'alert')} fired where the rule could not be judged, and {was} not counted."
    if not test.guessed:
        return
    unknown = "When in its interval the real server evaluates a group is not in the data"
    if len(test.guessed) < len(test.assessed.groups):
        unknown = f"The server did not say when it evaluates {', '.join(test.guessed)}"
    if test.spread is None:
        yield (
            f"{unknown}; alerts may begin up to an interval earlier or later, and short ones may differ: --offsets N "
            "tells how much, --evaluated takes the moments of the server."
        )
    else:
        every = test.spread.total
        things = "pages" if test.outcome.notified else "alerts"
        yield f"{unknown}: over {test.spread.offsets} offsets there were {every.least} to {every.most} {things}."


def _of_people(tests: Sequence[Backtest], addressees: Addressees) -> list[str]:
    receivers = sorted({one.receiver for test in tests for one in test.figures.receivers})
    unlisted = addressees.unlisted(receivers)
    found = []
    if unlisted:
        found.append(f"The organisation does not say whom these receivers reach: {', '.join(unlisted)}.")
    if addressees.known:
        found.append(
            "People are those of the first step of a policy; who was reached after it depends on who answered."
        )
    if any(test.outcome.notified for test in tests):
        found.append("Silences of that time are not in the data: what they held back is counted here.")
    return found


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
