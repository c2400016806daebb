"""All cases of all modules: none is missing, and together they hold when 48 tests share one level."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

import tests.practices
from reports.practices import PRACTICES
from tests.practices.harness import LEVEL, MANY, PracticeCase, holm, judge
from tests.reports.exports import test_exports


def _modules() -> Iterator[ModuleType]:
    names = [m.name for m in pkgutil.iter_modules(tests.practices.__path__) if m.name.startswith("test_")]
    return (import_module(f"tests.practices.{name}") for name in sorted(names) if f"tests.practices.{name}" != __name__)


def _cases() -> list[PracticeCase]:
    return [case for module in _modules() for case in getattr(module, "CASES", ())]


def _shown_otherwise() -> set[str]:
    tests_of = (vars(module).values() for module in _modules())
    found = {practice for tests in tests_of for test in tests for practice in getattr(test, "shows", ())}
    return found | {practice for test in vars(test_exports).values() for practice in getattr(test, "shows", ())}


def test_every_practice_is_broken_by_a_test() -> None:
    assert {case.practice for case in _cases()} | _shown_otherwise() == set(PRACTICES)


@pytest.mark.prove
def test_all_of_them_hold_together() -> None:
    """The exact one-sided p-values of all cases, corrected for 48 tests; several of one practice count each."""
    verdicts = {f"{case.practice} #{number}": judge(case, MANY) for number, case in enumerate(_cases())}
    failed = holm({name: verdict.p for name, verdict in verdicts.items()}, max(len(PRACTICES), len(verdicts)), LEVEL)
    objections = [f"{name}: not significant among all, p = {verdicts[name].p:.2g}" for name in failed]
    for name, verdict in verdicts.items():
        objections += [f"{name}: {objection}" for objection in verdict.objections(LEVEL / len(PRACTICES))]
    assert not objections, "\n".join(objections)
