"""How long the fault-by-alert matrix of an estate takes, and whether it is what full exercises give.

    .venv/bin/python benchmarks/coverage.py                    meridian-bank, two processes
    .venv/bin/python benchmarks/coverage.py --estate corner-lab --jobs 1 --sample 20 --mutate

First a sample of cases is played as exercises too, with rules evaluated step by step, and must agree to the
millisecond; a difference ends with 1 before anything is timed.  Then the matrix is made.  Wall-clock time depends on
what else the machine does, so processor time of all processes is given beside it.  Ends with 1 when the matrix took a
minute or longer of wall-clock time.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from blackstart._coverage import coverage_input
from studies.coverage import Question, Subject, study
from studies.coverage.faults import single_cases
from studies.coverage.running import Draw, QuietRun, Watch
from timeline.instants import HOUR

LIMIT_S = 60.0


def processor_s() -> float:
    """Of this process and those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def differing(subject: Subject, question: Question, sample: int) -> list[str]:
    """Cases of an even sample that are not what an exercise gives."""
    sys.path.append(str(Path(__file__).parents[1]))
    from tests.studies.coverage.exercising import exercised

    cases, _ = single_cases(subject.estate, subject.expectations, question.lasts_ms)
    longest_ms = max(case.lasts_ms for case in cases)
    watch = Watch(subject.estate, subject.files, question.epoch, question.seed, longest_ms)
    draw = Draw.of(0, subject.estate.monitoring.scrape_interval)
    quiet = QuietRun(watch, draw)
    wrong, quick_s, slow_s = [], 0.0, 0.0
    for case in cases[:: max(len(cases) // sample, 1)][:sample]:
        begun = time.process_time()
        quick = quiet.run(case)
        between = time.process_time()
        slow = exercised(watch, draw, case)
        quick_s, slow_s = quick_s + between - begun, slow_s + time.process_time() - between
        if (quick.fired, quick.told) != (slow.fired, slow.told):
            wrong.append(case.id)
    ratio = slow_s / quick_s
    print(f"{sample} cases: {slow_s:.1f} s of processor as exercises, {quick_s:.1f} s as cases, {ratio:.0f} to 1")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Time of the coverage matrix")
    parser.add_argument("--estate", default="meridian-bank")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--sample", type=int, default=4)
    parser.add_argument("--mutate", action="store_true")
    options = parser.parse_args()
    subject = coverage_input(options.estate).subject
    epoch = datetime(2026, 3, 3, 10, tzinfo=ZoneInfo(subject.estate.timezone))
    question = Question(epoch, lasts_ms=2 * HOUR, draws=options.draws, mutate=options.mutate)
    if wrong := differing(subject, question, options.sample):
        print(f"not what an exercise gives: {', '.join(wrong)}")
        return 1
    begun, used = time.perf_counter(), processor_s()
    found = study(subject, question, jobs=options.jobs)
    took_s = time.perf_counter() - begun
    rules = sum(len(group.rules) for group in found.inventory.groups)
    mutants = "" if found.fates is None else f", {len(found.fates)} mutants"
    print(
        f"{options.estate}: {len(found.rows)} faults x {len(found.inventory.alerts)} alerts ="
        f" {len(found.rows) * len(found.inventory.alerts):,} cells, {rules} rules, {found.runs} runs"
        f"{mutants}: {took_s:.1f} s with {options.jobs} processes,"
        f" {processor_s() - used:.1f} s of processor"
    )
    return 1 if took_s >= LIMIT_S else 0


if __name__ == "__main__":
    sys.exit(main())
