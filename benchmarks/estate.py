"""What-if of every component of an estate: the same graph to faultray and to Blackstart, each in a process of its own.

A synthetic enterprise of about 1,000 components.  First the same cases, of hard dependencies only, since both judge
these alike: every component is lost alone and with each of 29 others, and what falls with them is compared before any
ratio is printed.  Then the what-if that each product makes of an estate by itself: faultray the scenarios that it
thinks of, as many as it allows itself; Blackstart every kind of fault on everything that it fits.  Their scenarios are
not the same, so this compares rates and memory, not answers.  Then, on our side alone, 10,000 components.

Last, how many exercises a second the shipped scenarios make on one core, in memory, and where their time goes.

    python benchmarks/estate.py [--quick] [--peer PYTHON]

`--peer` is the Python of an environment that has faultray; without it one is made in a temporary folder.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

PEER = "faultray==11.1.0"
CASES_AT_ONCE = 512
OTHER_LOSSES = 29
PEAK = """
def peak_mib():
    # Not ru_maxrss, which a child inherits from whoever started it.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
"""
PEER_PROGRAM = """
import json, sys, time
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
if "cases" not in data:
    start = time.perf_counter()
    found = len(SimulationEngine(graph).run_all_defaults().results)
    seconds = time.perf_counter() - start
    json.dump({"scenarios": found, "seconds": seconds, "peak_mib": peak_mib()}, sys.stdout)
    sys.exit()
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
json.dump({"seconds": seconds, "peak_mib": peak_mib(), "lost": lost}, sys.stdout)
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
    cases = [
        [id, *other] for id in components for other in ([], *([random.choice(components)] for _ in range(OTHER_LOSSES)))
    ]
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
        hit = [(columns.number[target], case) for case, targets in enumerate(cases) for target in targets]
        own[tuple(zip(*hit, strict=True))] = 0.0
        down.append(columns.settle(own) < 0.5)
    seconds = time.perf_counter() - start
    by_case = np.hstack(down).T
    lost = {str(case): sorted(columns.ids[n] for n in np.flatnonzero(nodes)) for case, nodes in enumerate(by_case)}
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


PARTS = {
    "estate": ("simulator/estate/",),
    "telemetry": ("simulator/monitoring/telemetry/", "simulator/signals.py", "simulator/randomness.py"),
    "rules": ("simulator/monitoring/promql/", "simulator/monitoring/rules/"),
    "alertmanager": ("simulator/monitoring/",),
    "response": ("simulator/response/",),
}
"""Where time goes, by the path of the code; the first that fits."""
Function = tuple[str, int, str]


def exercises(seeds: int) -> list[dict[str, Any]]:
    """Each shipped scenario, played with one seed after the other; one more run says where the time goes."""
    from blackstart import load, simulate
    from blackstart._plans import plan_of
    from scenarios.shipped import shipped_scenarios

    found = []
    for name in shipped_scenarios():
        plan = plan_of(load(name))
        simulate(plan, seed=seeds + 1)
        start = time.process_time()
        for seed in range(1, seeds + 1):
            simulate(plan, seed=seed)
        seconds = (time.process_time() - start) / seeds
        profile = cProfile.Profile()
        profile.runcall(simulate, plan, seed=1)
        found.append({"scenario": name, "seconds": seconds, "shares": time_by_part(pstats.Stats(profile))})
    return found


def time_by_part(stats: pstats.Stats) -> dict[str, float]:
    """Share of the time by part of the simulator; what a library spends belongs to whoever called it."""
    table: dict[Function, tuple[Any, Any, float, float, dict[Function, tuple[Any, Any, float, float]]]]
    table = stats.stats  # type: ignore[attr-defined]
    known: dict[Function, dict[str, float]] = {}

    def parts(function: Function, seen: frozenset[Function]) -> dict[str, float]:
        own = next((part for part, paths in PARTS.items() if any(path in function[0] for path in paths)), None)
        if own is not None:
            return {own: 1.0}
        if function in known:
            return known[function]
        callers = {c: t[2] for c, t in table[function][4].items() if c not in seen and c in table}
        whole = sum(callers.values())
        shares: dict[str, float] = {} if whole else {"other": 1.0}
        for caller, seconds in callers.items():
            for part, share in parts(caller, seen | {function}).items() if whole else ():
                shares[part] = shares.get(part, 0.0) + share * seconds / whole
        known[function] = shares
        return shares

    total: dict[str, float] = {}
    for function, (_, _, seconds, _, _) in table.items():
        for part, share in parts(function, frozenset()).items():
            total[part] = total.get(part, 0.0) + share * seconds
    whole = sum(total.values())
    return {part: seconds / whole for part, seconds in sorted(total.items(), key=lambda item: -item[1])}


def _peak_mib() -> float:
    space: dict[str, Any] = {}
    exec(PEAK, space)
    peak: float = space["peak_mib"]()
    return peak


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
    program.write_text(PEAK + PEER_PROGRAM)
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


def compare_products(services: int, python: str, folder: Path) -> None:
    """What each makes of the estate when asked for everything."""
    file, program = folder / "everything.json", folder / "peer.py"
    file.write_text(json.dumps({key: value for key, value in graph_of(services).items() if key != "cases"}))
    mine, theirs = run(itself("--everything", str(services))), run([python, str(program), str(file)])
    rates = {"faultray": theirs["scenarios"] / theirs["seconds"], "blackstart": mine["faults"] / mine["seconds"]}
    print("everything that each product asks by itself")
    for name, found, scenarios in (("faultray", theirs, theirs["scenarios"]), ("blackstart", mine, mine["faults"])):
        print(
            f"  {name:<11}{scenarios:9,} scenarios {found['seconds']:9.2f} s {rates[name]:12,.0f} a second"
            f" {found['peak_mib']:8.0f} MiB"
        )
    speed, memory = rates["blackstart"] / rates["faultray"], mine["peak_mib"] / theirs["peak_mib"]
    print(f"  {speed:,.0f} times as many scenarios a second, with {memory:.2f} of its memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--peer", help="Python of an environment with faultray")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--everything", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--exercises", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        json.dump(ours(json.loads(Path(options.worker).read_text())), sys.stdout)
        return
    if options.everything:
        json.dump(everything(options.everything), sys.stdout)
        return
    if options.exercises:
        json.dump(exercises(options.exercises), sys.stdout)
        return
    sizes = (75, 750) if options.quick else (750, 7_500)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = options.peer or peer_python(folder / "peer")
        compare(sizes[0], python, folder)
        compare_products(sizes[0], python, folder)
    print("every kind of fault on everything that it fits, Blackstart alone")
    for services in sizes:
        found = run(itself("--everything", str(services)))
        rate = found["faults"] / found["seconds"]
        print(
            f"  {found['components']:7,} components {found['faults']:9,} faults {found['seconds']:9.2f} s"
            f" {rate:10,.0f} a second {found['peak_mib']:7.0f} MiB"
        )
    print("shipped scenarios, one core, in memory")
    for scenario in run(itself("--exercises", "1" if options.quick else "5")):
        where = ", ".join(f"{part} {share:.0%}" for part, share in scenario["shares"].items() if share >= 0.01)
        print(f"  {scenario['scenario']:<22}{1 / scenario['seconds']:8.2f} a second; {where}")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
