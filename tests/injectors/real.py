"""Commands on the real stack of a test, inside its namespaces."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from injectors.stack.control import inside
from injectors.stack.layout import Layout

_ASK = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"


def run(stack: Layout, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line of Blackstart."""
    return _inside(stack, "-m", "console.main", *arguments)


def ask(stack: Layout, address: str) -> str:
    """The body of a GET.  Raises AssertionError where it is not answered."""
    asked = _inside(stack, "-c", _ASK, address)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def _inside(stack: Layout, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = inside(stack, [sys.executable, *(str(argument) for argument in arguments)])
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=400, env=environment)
