"""`blackstart --help` is fast because nothing heavy is imported before a verb is called."""

import json
import subprocess
import sys

import pytest

HEAVY = [
    "docx",
    "jinja2",
    "matplotlib",
    "networkx",
    "numpy",
    "openpyxl",
    "polars",
    "promql_parser",
    "pydantic",
    "rich.progress",
    "ruamel",
    "simpy",
]
OURS = ["blackstart", "reports", "scenarios", "simulator", "topologies"]


@pytest.fixture(scope="module")
def imported_for_help() -> set[str]:
    script = """
import contextlib, io, json, sys
from console.main import main
with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
    main(["--help"])
assert "run" in printed.getvalue()
json.dump(sorted(sys.modules), sys.stdout)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("module", [*HEAVY, *OURS])
def test_help_does_without(module: str, imported_for_help: set[str]) -> None:
    assert not [name for name in imported_for_help if name == module or name.startswith(f"{module}.")]
