from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from injectors.stack.control import down, status, supervisor_of, up
from injectors.stack.layout import Layout
from injectors.stack.parts import missing_packages
from tests.injectors.lab import Lab, running_lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """The shipped stack, for the tests of one module: up before the first, gone after the last."""
    if os.geteuid() != 0:
        pytest.skip("the stack lives in namespaces of its own, which only root can make")
    if missing := missing_packages():
        reason = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    layout = Layout(tmp_path_factory.mktemp("stack") / "stack")
    up(layout)
    yield layout
    supervisor = supervisor_of(layout)
    assert supervisor is not None
    assert down(layout)
    assert not supervisor.alive
    assert status(layout) == {}
