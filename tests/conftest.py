"""Settings of the whole suite."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stub", help="switch in a stub of tests/stubs/registry.py: tests that should notice, must fail")


def pytest_configure(config: pytest.Config) -> None:
    if name := config.getoption("--stub"):
        from tests.stubs.registry import STUBS

        next(stub for stub in STUBS if stub.name == name).switch_in()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`prove` tests run only when asked for by `-m prove`."""
    if "prove" in (config.getoption("-m") or ""):
        return
    for item in items:
        if "prove" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="long proof: run `make prove`"))
