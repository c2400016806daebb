"""The commands that the README shows are understood."""

import re
from pathlib import Path

import pytest

import blackstart

ROOT = Path(__file__).parents[1]
LINES = re.findall(r"blackstart run (\S+)((?: --\S+ \S+)*)", (ROOT / "README.md").read_text())


@pytest.mark.parametrize(("scenario", "options"), LINES)
def test_scenario_and_settings_of_the_readme_load(scenario: str, options: str) -> None:
    settings = re.findall(r"--set (\S+)", options)
    assert blackstart.load(scenario, settings=settings).name == scenario


def test_the_picture_is_there() -> None:
    (picture,) = re.findall(r"!\[.*?\]\((.*?)\)", (ROOT / "README.md").read_text())
    assert (ROOT / picture).stat().st_size > 10_000
