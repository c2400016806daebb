"""A disk that is really full: a small file system in a mount namespace of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from injectors.knobs.file import Ballast
from injectors.knobs.knob import KnobError
from injectors.plan import turns_of
from tests.injectors.lab import Lab
from tests.injectors.plans import planned
from timeline.findings import SafetyRefused


def test_the_machines_own_file_system_is_never_filled(lab: Lab) -> None:
    plan = planned(lab.binding(lab.target(data_folder=lab.folder)), first={"fault": "disk-full"})
    (fault,) = plan.faults
    with pytest.raises(SafetyRefused, match="is not filled"):
        turns_of(fault, plan, plan.proven["orders-1"], lab.root)


def test_ballast_that_somebody_else_has_put_there_is_not_ours(tmp_path: Path) -> None:
    token = "0" * 24
    ballast = Ballast(path=tmp_path / f"b-{token}", token=token, leaves_bytes=0, at_most_bytes=1)
    assert ballast.read() is None
    ballast.path.write_bytes(b"somebody's own")
    assert ballast.read() not in (None, token)
    ballast.path.write_bytes(token[:10].encode())
    assert ballast.read() == token, "half-made by a crash"


def test_more_than_is_allowed_is_not_taken(tmp_path: Path) -> None:
    token = "1" * 24
    ballast = Ballast(path=tmp_path / f"b-{token}", token=token, leaves_bytes=0, at_most_bytes=1)
    with pytest.raises(KnobError, match="are allowed"):
        ballast.write(token)
    assert ballast.read() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system of one's own needs root")
def test_a_small_file_system_is_full_and_then_is_not(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import errno, subprocess, sys
        from pathlib import Path
        from injectors.knobs.file import Ballast
        folder = Path(sys.argv[1])
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "small", str(folder)], check=True)
        token = "2" * 24
        ballast = Ballast(path=folder / f"b-{token}", token=token, leaves_bytes=0, at_most_bytes=2**24)
        (folder / "data").write_bytes(b"x" * 1000)
        ballast.write(token)
        assert ballast.read() == token
        try:
            with (folder / "more").open("wb", buffering=0) as file:
                file.write(b"x" * 100_000)
                raise SystemExit("there was room")
        except OSError as error:
            assert error.errno == errno.ENOSPC, error
        (folder / "more").unlink()
        ballast.write(None)
        assert ballast.read() is None
        (folder / "more").write_bytes(b"x" * 100_000)
        assert sorted(p.name for p in folder.iterdir()) == ["data", "more"]
        """
    )
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-c", script, str(tmp_path)]
    subprocess.run(command, check=True, timeout=30)
    assert list(tmp_path.iterdir()) == [], "the mount was the namespace's own"


def test_a_target_names_the_folder_of_its_data(lab: Lab) -> None:
    (left_out,) = planned(lab.binding(), first={"fault": "disk-full"}).left_out
    assert left_out.reason.endswith("ballast needs data_folder")
