"""The headline scores of a run once more, from `timeline.jsonl` alone, with nothing but the standard library.

Prints a JSON object; shares no code with the scorer, so that both must be wrong in the same way to agree.
"""

import json
import sys


def headline(lines):
    events = [json.loads(line) for line in lines if line.endswith("\n")]
    ended = [e for e in events if e["kind"] == "exercise.ended"]
    complete = bool(ended)
    end_ms = (ended or events)[-1]["at_ms"]
    faults, origins, alerted = [], [], []
    for e in events:
        behind = set().union(*(origins[c] for c in e["causes"])) if e["causes"] else set()
        if e["kind"] == "fault.started":
            behind = behind | {e["seq"]}
            faults.append(e)
        origins.append(frozenset(behind))
        if e["kind"] == "alert.firing" and dict(e["detail"]["labels"]).get("severity") != "none":
            alerted.append(e)

    def first_s(fault, kinds):
        """Seconds from a fault to the first such event that follows from it, third parties left out."""
        for e in events:
            if e["kind"] in kinds and fault["seq"] in origins[e["seq"]] and not e["subject"].startswith("vendor:"):
                return (e["at_ms"] - fault["at_ms"]) / 1000
        return (end_ms - fault["at_ms"]) / 1000

    down, outages, promises = {}, [], dict.fromkeys(events[0]["detail"]["functions"], 1.0)
    for e in events:
        name = e["subject"].partition(":")[2]
        if e["kind"] == "function.disrupted" and name not in down:
            down[name] = e
        elif e["kind"] == "function.restored" and name in down:
            outages.append((name, down.pop(name), e["at_ms"]))
    outages += [(name, begun, end_ms) for name, begun in down.items()]
    for name, begun, until_ms in outages:
        if begun["detail"]["rto_ms"] is not None and until_ms - begun["at_ms"] > begun["detail"]["rto_ms"]:
            promises[name] = 0.0
    return {
        "complete": complete,
        "time_to_detect": max((first_s(f, {"page.delivered", "report.received"}) for f in faults), default=None),
        "recovery_time_achieved": max(((u - b["at_ms"]) / 1000 for _, b, u in outages), default=None),
        "rto_met": promises,
        "alert_precision": sum(bool(origins[a["seq"]]) for a in alerted) / len(alerted) if alerted else None,
        "alert_recall": sum(any(f["seq"] in origins[a["seq"]] for a in alerted) for f in faults) / len(faults)
        if faults
        else None,
    }


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123
        json.dump(headline(list(file)), sys.stdout)
