from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from injectors.stack.control import down, status, supervisor_of, up
from injectors.stack.layout import Layout
from injectors.stack.parts import missing_packages
from tests.injectors.lab import Lab, running_lab
from tests.injectors.service_lab import (
    Cache,
    Gateway,
    Named,
    PostgreSQL,
    nginx_before,
    nginx_with_resolver,
    postgresql_pair,
    redis_pair,
)
from tests.injectors.service_ways import Services, stock


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


@pytest.fixture(scope="session")
def databases() -> Iterator[tuple[PostgreSQL, PostgreSQL]]:
    """A primary and its standby; every test leaves them as they were."""
    with postgresql_pair() as pair:
        yield pair


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cache, Cache]]:
    with redis_pair(tmp_path_factory.mktemp("redis")) as pair:
        yield pair


@pytest.fixture
def gateway(lab: Lab) -> Iterator[Gateway]:
    with nginx_before(lab) as made:
        yield made


@pytest.fixture(scope="session")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Named]:
    with nginx_with_resolver(tmp_path_factory.mktemp("named")) as made:
        yield made


@pytest.fixture
def services(
    lab: Lab, databases: tuple[PostgreSQL, PostgreSQL], caches: tuple[Cache, Cache], gateway: Gateway, named: Named
) -> Services:
    made = Services(lab, *databases, *caches, gateway, named)
    stock(made)
    return made
