"""A back-test as one JSON document: moments in ISO 8601 with offset, durations in seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studies.backtest.answer import Answer
from studies.backtest.assessment import Assessment
from studies.backtest.comparison import Comparison
from studies.backtest.measures import Busiest, Question, RuleFigures
from studies.backtest.readers import Recording
from studies.backtest.running import EPOCH
from studies.backtest.study import Backtest, Range
from timeline.instants import SECOND, to_wall


def document(answer: Answer) -> dict[str, Any]:
    """Everything that a back-test found."""
    question = answer.question
    moment = _writer(question)
    found: dict[str, Any] = {
        "from": moment(question.from_ms),
        "to": moment(question.to_ms),
        "timezone": question.zone.key,
        "data": _data(answer.recording, moment),
        "variants": [_variant(test, question, moment) for test in answer.tests],
        "not_known": list(answer.caveats),
    }
    if answer.comparison is not None:
        found["comparison"] = _comparison(answer.comparison, moment)
    return found


def _writer(question: Question) -> Callable[[int], str]:
    def moment(at_ms: int) -> str:
        return to_wall(at_ms, EPOCH).astimezone(question.zone).isoformat(timespec="milliseconds")

    return moment


def _data(recording: Recording, moment: Callable[[int], str]) -> dict[str, Any]:
    store = recording.store
    return {
        "files": [
            {"file": str(one.path), "format": str(one.format), "samples": one.samples, "nan": one.nans}
            for one in recording.files
        ],
        "series": len(store.series),
        "samples": store.samples,
        "from": moment(store.first_ms),
        "to": moment(store.last_ms),
        "nan_taken_as": str(recording.nan),
        "gaps": [{"from": moment(gap.from_ms), "to": moment(gap.to_ms)} for gap in store.gaps()],
        "refused": [finding.to_json() for finding in recording.refused],
    }


def _variant(test: Backtest, question: Question, moment: Callable[[int], str]) -> dict[str, Any]:
    figures, outcome = test.figures, test.outcome
    # An alert is named in many pages: they share its labels, of which there may be very many otherwise.
    labels = [dict(episode.labels) for episode in outcome.episodes]
    return {
        "name": test.variant.name,
        "alerts": len(figures.episodes),
        "pages": len(figures.pages) if outcome.notified else None,
        "left_out": figures.left_out,
        "rules": [_rule(one, test) for one in figures.rules],
        "receivers": [
            {
                "receiver": one.receiver,
                "pages": one.pages,
                "repeats": one.repeats,
                "asleep": one.asleep,
                "busiest_hour": _busiest(one.busiest, moment),
                "people": dict(one.people),
                "nobody_on_call": one.unheld,
            }
            for one in figures.receivers
        ],
        "busiest_hour": _busiest(figures.busiest, moment),
        "by_weekday_and_hour": figures.by_hour.tolist(),
        "duplicates": [
            {"alert": one.rule.name, "of": one.other.name, "alerts": one.alerts} for one in figures.duplicates
        ],
        "told_together": [{"receivers": list(one.receivers), "alerts": one.alerts} for one in figures.together],
        "incidents_missed": None if figures.missed is None else [one.name for one in figures.missed],
        "not_assessable": [_assessment(one, moment) for one in test.assessed.rules if one.set_aside],
        "assessable": [_assessment(one, moment) for one in test.assessed.rules if not one.set_aside],
        "rewritten": list(test.assessed.rewritten),
        "failures": [
            {"at": moment(one.at_ms), "group": one.rule.group, "rule": one.rule.name, "reason": one.reason}
            for one in outcome.failures
        ],
        "offsets": None if test.spread is None else {"tried": test.spread.offsets, "total": _range(test.spread.total)},
        "firing": [
            {
                "alert": one.rule.name,
                "labels": dict(one.labels),
                "fired": moment(one.fired_ms),
                "resolved": None
                if one.resolved_ms is None or one.resolved_ms > question.to_ms
                else moment(one.resolved_ms),
                "told": {receiver: moment(at_ms) for receiver, at_ms in one.told_ms.items()},
            }
            for one in figures.episodes
        ],
        "sent": [
            {
                "at": moment(page.at_ms),
                "receiver": page.receiver,
                "group": dict(page.group),
                "reason": str(page.reason),
                "alerts": [labels[number] for number in page.episodes],
                "people": list(who.people),
                "asleep": list(who.asleep),
            }
            for page, who in zip(figures.pages, figures.reached, strict=True)
        ],
    }


def _rule(one: RuleFigures, test: Backtest) -> dict[str, Any]:
    return {
        "group": one.rule.group,
        "alert": one.rule.name,
        "alerts": one.alerts,
        "firing_seconds": one.firing_ms / SECOND,
        "median_seconds": one.median_ms / SECOND,
        "still_firing": one.still_firing,
        "at_start": one.at_start,
        "pages": one.pages if test.outcome.notified else None,
        "short": one.short,
        "gone": one.gone,
        "never_told": one.never_told,
        "flapping": one.flapping,
        "near_misses": one.near_misses,
        "in_incidents": one.inside,
        "precision": one.precision,
        **(
            {"alerts_range": _range(test.spread.alerts[one.rule]), "pages_range": _range(test.spread.pages[one.rule])}
            if test.spread is not None
            else {}
        ),
    }


def _range(found: Range) -> list[int]:
    return [found.least, found.most]


def _assessment(one: Assessment, moment: Callable[[int], str]) -> dict[str, Any]:
    common = {"group": one.rule.group, "rule": one.rule.name, "remarks": list(one.remarks)}
    if one.set_aside:
        return {**common, "missing": list(one.missing)}
    return {**common, "from": moment(one.from_ms), "to": moment(one.to_ms)}


def _busiest(busiest: Busiest | None, moment: Callable[[int], str]) -> dict[str, Any] | None:
    return None if busiest is None else {"from": moment(busiest.from_ms), "pages": busiest.pages}


def _comparison(comparison: Comparison, moment: Callable[[int], str]) -> dict[str, Any]:
    return {
        "by_alert_and_receiver": [
            {
                "alert": one.alert,
                "receiver": one.receiver,
                "before": one.before,
                "after": one.after,
                "added": one.added,
                "gone": one.gone,
                "moved": one.moved,
                "same": one.same,
            }
            for one in comparison.tallies
        ],
        "differences": [
            {
                "change": str(one.change),
                "alert": one.alert,
                "receiver": one.receiver,
                "labels": dict(one.labels),
                "before": None if one.before_ms is None else moment(one.before_ms),
                "after": None if one.after_ms is None else moment(one.after_ms),
            }
            for one in comparison.differences
        ],
    }
