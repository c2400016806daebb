"""Real services that tests compare against: a missing one skips the test with a reason, or fails it under CI=true."""

import os
import shutil
from typing import NoReturn

import pytest

PACKAGE_OF = {
    "nginx": "nginx-light",
    "openssl": "openssl",
    "redis-server": "redis-server",
    "setpriv": "util-linux",
    "promtool": "prometheus",
    "prometheus": "prometheus",
    "amtool": "prometheus-alertmanager",
    "prometheus-alertmanager": "prometheus-alertmanager",
}


def require(command: str) -> str:
    """The path of `command`; skips the calling test when it is not installed."""
    path = shutil.which(command)
    if path is None:
        missing(f"{command} is not installed (Debian package {PACKAGE_OF[command]})")
    return path


def missing(reason: str) -> NoReturn:
    """Skips the calling test, or fails it where everything has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
