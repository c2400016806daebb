"""An engine forked over another storage: what nothing has changed is kept, what differs is computed anew."""

import pytest

from simulator.monitoring.rules import AlertingRule, RecordingRule, RuleEngine
from tests.simulator.monitoring.rules.builders import MINUTE, engine, group, storage, story

FOREVER = 1000 * MINUTE
RULES = group(
    RecordingRule("double", "x * 2"),
    AlertingRule("High", "double > 2", 2 * MINUTE),
    AlertingRule("Other", "y > 0"),
)


def ahead(*texts: str) -> RuleEngine:
    base = engine(storage(*texts), RULES)
    base.look_through(FOREVER)
    return base


def test_a_fork_that_is_told_what_differs_is_like_a_new_engine() -> None:
    changed = storage("x 1x5 4x9", "y 0x3 1x9")
    fork = ahead("x 1x14", "y 0x3 1x9").fork(changed)
    fork.invalidate(6 * MINUTE, ["x"])
    assert story(fork.advance(FOREVER)) == story(engine(changed, RULES).advance(FOREVER))


def test_rules_that_see_nothing_of_a_change_keep_what_lies_ahead() -> None:
    fork = ahead("x 1x14", "y 0x3 1x9").fork(storage("x 1x5 4x9"))
    fork.invalidate_rules(6 * MINUTE, lambda rule: "x" in rule.query)
    assert {t.rule.name for t in fork.advance(FOREVER)} == {"High", "Other"}


def test_the_original_is_left_as_it_was() -> None:
    base = ahead("x 1x14", "y 0x3 1x9")
    fork = base.fork(storage("x 9x14"))
    fork.invalidate(0)
    fork.advance(FOREVER)
    assert story(base.advance(FOREVER)) == story(ahead("x 1x14", "y 0x3 1x9").advance(FOREVER))


def test_an_engine_with_a_past_cannot_be_forked() -> None:
    base = ahead("x 1x14")
    base.advance(5 * MINUTE)
    with pytest.raises(ValueError, match="committed nothing"):
        base.fork(storage("x 1x14"))
