"""Each stub is caught by exactly the tests that are named for it."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.stubs import Stub
from tests.stubs.registry import STUBS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.name)
def test_a_stub_is_caught_by_exactly_the_tests_named_for_it(stub: Stub, tmp_path: Path) -> None:
    failed = run_with(stub, tmp_path / "junit.xml")
    assert failed == sorted(stub.caught_by)


def run_with(stub: Stub, junit: Path) -> list[str]:
    """Names (without parameters) of the watched tests that fail with the stub switched in."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["--stub", stub.name, f"--junit-xml={junit}", *stub.watched]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert junit.exists(), done.stdout + done.stderr
    failed = {
        f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name', '').partition('[')[0]}"
        for case in ElementTree.parse(junit).iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    }
    return sorted(failed)
