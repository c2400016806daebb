"""Made-up enterprises load, hold together, and come out the same for the same seed."""

from pathlib import Path
from statistics import mean

import pytest

import blackstart
from timeline.findings import InputError, Severity
from topologies.loading.estate import load_estate
from topologies.synthetic import generate
from topologies.writing import to_yaml, write_estate


def written(folder: Path, services: int, seed: int = 1) -> Path:
    estate = generate(services, seed)
    files = {"topology.yaml": estate.topology, "organisation.yaml": estate.organisation}
    alerts = {"alerts/rules/services.yaml": estate.rules, "alerts/alertmanager.yaml": estate.alertmanager}
    write_estate(folder, {**files, **alerts})
    return folder


@pytest.mark.parametrize("services", [1, 3, 60])
def test_an_estate_of_any_size_loads_and_has_no_errors(tmp_path: Path, services: int) -> None:
    folder = written(tmp_path / "estate", services)
    loaded = load_estate(folder)
    made = [id for id in loaded.topology.components if "-service-" in id]
    assert len(made) == services
    assert [f for f in blackstart.check(folder) if f.severity is Severity.ERROR] == []


def test_the_same_seed_gives_the_same_files_and_another_one_others() -> None:
    texts = [to_yaml(generate(40, seed).topology) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_calls_stay_mostly_at_home_and_a_few_services_are_popular() -> None:
    components = generate(400).topology["components"]
    services = [id for id in components if "-service-" in id]
    between = [(id, to) for id in services for to in components[id]["depends_on"] if to in services]
    at_home = mean(a.split("-service-")[0] == b.split("-service-")[0] for a, b in between)
    fan_in = [sum(b == id for _, b in between) for id in services]
    assert 0.6 < at_home < 0.9
    assert max(fan_in) > 8 * mean(fan_in)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("precious")
    with pytest.raises(InputError, match="something here already"):
        written(tmp_path, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_fewer_than_one_service_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        generate(0)
