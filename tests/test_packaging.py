"""The wheel carries everything that an installed Blackstart needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ["timeline", "topologies", "scenarios", "simulator", "reports", "blackstart", "console"]


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("package", PACKAGES)
def test_wheel_holds_every_file_of_a_package(package: str, wheel_names: set[str]) -> None:
    listed = subprocess.run(
        ["git", "ls-files", package], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout: nothing says which files belong to the package")
    present = [name for name in listed if (ROOT / name).exists()]
    assert set(present) <= wheel_names


def test_wheel_holds_no_tests(wheel_names: set[str]) -> None:
    assert not [name for name in wheel_names if name.startswith(("tests/", "benchmarks/"))]
