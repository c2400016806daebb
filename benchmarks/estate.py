"""What-if of every component of an estate: the same graph to faultray and to Blackstart, each in a process of its own.

A synthetic enterprise of about 1,000 components, its hard dependencies only, since both judge these alike: every
component is lost alone and with each of nine others, and what falls with them is compared before any ratio is printed.
Then, on our side alone, every kind of fault on the whole estate, at 1,000 and at 10,000 components.

    python benchmarks/estate.py [--quick] [--peer PYTHON]

`--peer` is the Python of an environment that has faultray; without it one is made in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

PEER = "faultray==11.1.0"
CASES_AT_ONCE = 512
PEER_PROGRAM = """
import json, resource, sys, time
from faultray.model.components import Component, ComponentType, Dependency
from faultray.model.graph import InfraGraph
from faultray.simulator.engine import SimulationEngine
from faultray.simulator.scenarios import Fault, FaultType, Scenario

data = json.load(open(sys.argv[1]))
graph = InfraGraph()
for id in data["components"]:
    graph.add_component(Component(id=id, name=id, type=ComponentType.APP_SERVER))
for dependent, dependency in data["edges"]:
    graph.add_dependency(Dependency(source_id=dependent, target_id=dependency))
down = FaultType.COMPONENT_DOWN
faults = [[Fault(target_component_id=id, fault_type=down) for id in targets] for targets in data["cases"]]
scenarios = [Scenario(id=str(n), name=str(n), description="", faults=both) for n, both in enumerate(faults)]
start = time.perf_counter()
report = SimulationEngine(graph).run_scenarios(scenarios, max_scenarios=len(scenarios))
seconds = time.perf_counter() - start
lost = {
    result.scenario.id: sorted({e.component_id for e in result.cascade.effects if e.health.value == "down"})
    for result in report.results
}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
json.dump({"seconds": seconds, "peak_mib": peak, "lost": lost}, sys.stdout)
"""


def graph_of(services: int) -> dict[str, Any]:
    """Components and hard dependencies of a synthetic estate; a standby pair stands for its primary."""
    from topologies.synthetic import generate

    topology = generate(services).topology
    primaries = {id: pair["primary"] for id, pair in topology["standby_pairs"].items()}
    edges = [
        (id, primaries.get(needed, needed))
        for id, component in topology["components"].items()
        for needed, spec in component.get("depends_on", {}).items()
        if spec["type"] == "hard"
    ]
    components = list(topology["components"])
    random = Random(1)
    cases = [[id, *other] for id in components for other in ([], *([random.choice(components)] for _ in range(9)))]
    return {"components": components, "edges": edges, "cases": cases}


def ours(graph: dict[str, Any]) -> dict[str, Any]:
    """Every case; runs in a process of its own."""
    import numpy as np

    from simulator.estate.columns import Columns
    from simulator.estate.graph import compile_estate
    from topologies.estate import Estate

    needs: dict[str, dict[str, Any]] = {id: {} for id in graph["components"]}
    for dependent, dependency in graph["edges"]:
        needs[dependent][dependency] = {"type": "hard"}
    estate = Estate.model_validate(
        {
            "format": "blackstart/estate/1",
            "title": "benchmark",
            "timezone": "UTC",
            "components": {id: {"title": id, "kind": "service", "depends_on": to} for id, to in needs.items()},
        }
    )
    start = time.perf_counter()
    columns = Columns(compile_estate(estate))
    down = []
    for first in range(0, len(graph["cases"]), CASES_AT_ONCE):
        cases = graph["cases"][first : first + CASES_AT_ONCE]
        own = columns.untouched(len(cases))
        for case, targets in enumerate(cases):
            own[[columns.number[target] for target in targets], case] = 0.0
        down += list((columns.settle(own) < 0.5).T)
    seconds = time.perf_counter() - start
    lost = {str(case): sorted(columns.ids[n] for n in np.flatnonzero(nodes)) for case, nodes in enumerate(down)}
    return {"seconds": seconds, "peak_mib": _peak_mib(), "lost": lost}


def everything(services: int) -> dict[str, Any]:
    """Every kind of fault on a whole synthetic estate; runs in a process of its own."""
    from studies.impact import assess
    from topologies.estate import Estate
    from topologies.synthetic import generate

    estate = Estate.model_validate(generate(services).topology)
    start = time.perf_counter()
    faults = len(assess(estate).faults)
    seconds = time.perf_counter() - start
    return {"components": len(estate.components), "faults": faults, "seconds": seconds, "peak_mib": _peak_mib()}


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(command: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def itself(*arguments: str) -> list[str]:
    return [sys.executable, __file__, *arguments]


def peer_python(folder: Path) -> str:
    """An environment with the peer."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", "install", *quiet, PEER], check=True, stderr=subprocess.DEVNULL)
    return python


def compare(services: int, python: str, folder: Path) -> None:
    file, program = folder / "graph.json", folder / "peer.py"
    graph = graph_of(services)
    file.write_text(json.dumps(graph))
    program.write_text(PEER_PROGRAM)
    mine, theirs = run(itself("--worker", str(file))), run([python, str(program), str(file)])
    differing = [id for id in mine["lost"] if mine["lost"][id] != theirs["lost"][id]]
    if differing:
        first = graph["cases"][int(differing[0])]
        sys.exit(f"the answers differ in {len(differing)} cases, the first is the loss of {first}: no ratio")
    components, edges, cases = len(graph["components"]), len(graph["edges"]), len(graph["cases"])
    print(f"{components:,} components, {edges:,} dependencies, {cases:,} cases of one or two losses; answers equal")
    for name, found in (("faultray", theirs), ("blackstart", mine)):
        rate = cases / found["seconds"]
        print(f"  {name:<11}{found['seconds']:9.3f} s  {rate:12,.0f} cases a second  {found['peak_mib']:8.0f} MiB")
    speed, memory = theirs["seconds"] / mine["seconds"], mine["peak_mib"] / theirs["peak_mib"]
    print(f"  {speed:,.0f} times as many cases a second, with {memory:.2f} of its memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--peer", help="Python of an environment with faultray")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--everything", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        json.dump(ours(json.loads(Path(options.worker).read_text())), sys.stdout)
        return
    if options.everything:
        json.dump(everything(options.everything), sys.stdout)
        return
    sizes = (75, 750) if options.quick else (750, 7_500)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare(sizes[0], options.peer or peer_python(folder / "peer"), folder)
    print("every kind of fault on everything that it fits, Blackstart alone")
    for services in sizes:
        found = run(itself("--everything", str(services)))
        rate = found["faults"] / found["seconds"]
        print(
            f"  {found['components']:7,} components {found['faults']:9,} faults {found['seconds']:9.2f} s"
            f" {rate:10,.0f} a second {found['peak_mib']:7.0f} MiB"
        )


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
