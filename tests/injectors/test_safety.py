"""What is refused before anything is touched, and what ends a run in the middle; beside each, what is let through."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from injectors.addresses import require_private
from injectors.approval import require_approval, write_approval
from injectors.binding import Budget, Proof
from injectors.identity import ProcessGone, ProcessIdentity, read_pid_file
from injectors.knobs import KnobError
from injectors.live_timeline import LiveClock, live_timeline
from injectors.plan import Plan
from injectors.proofs import prove
from injectors.refusals import looks_like_production
from injectors.running import Runner, RunResult
from injectors.undo.claims import Claims
from injectors.undo.journal import Change
from injectors.undo.points import Point, Watcher, unwatched
from injectors.undo.watchdog import READY
from tests.injectors.dying import play as play_and_die
from tests.injectors.lab import Lab, until
from tests.injectors.plans import planned
from timeline.findings import SafetyRefused

HANG: dict[str, object] = {"fault": "hang"}


def play(lab: Lab, plan: Plan, watcher: Watcher = unwatched, name: str = "run") -> RunResult:
    clock = LiveClock()
    with live_timeline(lab.folder / f"{name}.jsonl", clock) as timeline:
        return Runner(plan, lab.root, lab.root / name, timeline, clock, watcher).run()


# Names and addresses


@pytest.mark.parametrize("name", ["prod", "shop-prod-1", "PRODUCTION", "db.live.example", "eu_prd", "prod1"])
def test_names_of_production_are_known(name: str) -> None:
    assert looks_like_production(name)


@pytest.mark.parametrize("name", ["lab", "non-production", "not-prod", "product-page", "delivery", "reproduction"])
def test_other_names_are_not(name: str) -> None:
    assert not looks_like_production(name)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.1.2.3", "192.168.7.1", "172.16.0.9", "localhost"])
def test_private_addresses_are_let_through(host: str) -> None:
    assert require_private(host) in ("127.0.0.1", "::1", host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:4860:4860::8888", "0.0.0.0", "no-such-host.invalid"])
def test_public_and_unknown_addresses_are_refused(host: str) -> None:
    with pytest.raises(SafetyRefused):
        require_private(host)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"environment": "production"}, "looks like production"),
        ({"monitoring": {"prometheus": "http://1.1.1.1:9090"}}, "no address of a private network"),
    ],
)
def test_a_binding_that_looks_real_is_refused_even_with_a_proof(
    lab: Lab, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(SafetyRefused, match=reason):
        planned(lab.binding(**changes), first=HANG)


# Proofs


@pytest.mark.parametrize(
    "proof",
    [
        Proof(says="lab", environment="BLACKSTART_ENVIRONMENT"),
        Proof(says="lab", header="X-Environment"),
        Proof(says="lab", marker=Path("marker")),
    ],
)
def test_each_kind_of_proof_is_read_from_the_target(lab: Lab, proof: Proof) -> None:
    (lab.folder / "marker").write_text("lab\n")
    assert prove("orders-1", lab.target(proof=proof)).process == read_pid_file(lab.pid_file)


@pytest.mark.parametrize(
    "proof",
    [
        Proof(says="lab", environment="ANOTHER_VARIABLE"),
        Proof(says="test", environment="BLACKSTART_ENVIRONMENT"),
        Proof(says="lab", header="X-Another"),
        Proof(says="lab", marker=Path("missing")),
    ],
)
def test_without_a_proof_nothing_is_planned(lab: Lab, proof: Proof) -> None:
    with pytest.raises(SafetyRefused, match="orders-1"):
        planned(lab.binding(lab.target(proof=proof)), first=HANG)


def test_a_proof_that_vanishes_between_plan_and_action_ends_the_run_untouched(lab: Lab) -> None:
    marker = lab.folder / "marker"
    marker.write_text("lab")
    plan = planned(lab.binding(lab.target(proof=Proof(says="lab", marker=Path("marker")))), first=HANG)
    marker.unlink()
    result = play(lab, plan)
    assert (result.done, result.undone) == ([], [])
    assert "does not prove" in result.refused[0]
    assert read_pid_file(lab.pid_file).state != "T"


def test_another_process_at_the_same_place_is_not_the_one_that_was_planned_for(lab: Lab) -> None:
    plan = planned(lab.binding(), first=HANG)
    read_pid_file(lab.pid_file).end()
    again = subprocess.Popen(
        lab.start.arguments, cwd=lab.folder, env={"BLACKSTART_ENVIRONMENT": "lab"}, stdin=subprocess.DEVNULL
    )
    try:
        until(lambda: lab.answers(proxied=True))
        result = play(lab, plan)
        assert result.undone == []
        assert "not the process any more" in result.refused[0]
    finally:
        again.kill()
        again.wait()


# Budget and approval


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(faults=1), "2 faults; the budget allows 1"),
        (Budget(minutes=0.01), "minutes; the budget allows"),
        (Budget(share=0.0, at_once=5), "1 of 1 targets"),
        (Budget(at_once=1), "2 faults at once"),
    ],
)
def test_a_plan_beyond_its_budget_is_refused(lab: Lab, budget: Budget, reason: str) -> None:
    with pytest.raises(SafetyRefused, match=reason):
        planned(lab.binding(budget=budget), first=HANG, second={"fault": "slow", "at": "500ms"})


def test_a_plan_within_its_budget_is_made(lab: Lab) -> None:
    binding = lab.binding(budget=Budget(faults=2, at_once=2, targets=1))
    assert len(planned(binding, first=HANG, second={"fault": "slow", "at": "500ms"}).faults) == 2


def test_a_target_that_asks_for_a_second_person_gets_one(lab: Lab) -> None:
    plan = planned(lab.binding(lab.target(approval=True)), first=HANG)
    with pytest.raises(SafetyRefused, match="second person"):
        require_approval(plan, None, "ann")
    approval = lab.folder / "approval.json"
    write_approval(approval, plan.digest, "ann")
    with pytest.raises(SafetyRefused, match="second person"):
        require_approval(plan, approval, "ann")
    require_approval(plan, approval, "ben")
    other = planned(lab.binding(lab.target(approval=True)), first=HANG | {"duration": "3s"})
    with pytest.raises(SafetyRefused, match="another plan"):
        require_approval(other, approval, "ben")


# In the middle of a run


def _long(lab: Lab) -> Plan:
    return planned(lab.binding(), first=HANG | {"duration": "60s"})


def _is_undone(lab: Lab, result: RunResult, reason: str) -> bool:
    return reason in result.refused[0] and not result.left and result.steady_after and lab.answers()


def test_a_run_without_its_watchdog_ends(lab: Lab) -> None:
    def kill(point: Point, _change: Change) -> None:
        if point is Point.MARKED:
            ProcessIdentity.model_validate_json((lab.root / "run" / READY).read_bytes()).end()

    assert _is_undone(lab, play(lab, _long(lab), kill), "watchdog is gone")


def test_an_interrupt_ends_a_run_in_good_order(lab: Lab) -> None:
    def interrupt(point: Point, _change: Change) -> None:
        if point is Point.MARKED:
            signal.raise_signal(signal.SIGINT)

    assert _is_undone(lab, play(lab, _long(lab), interrupt), "interrupted")


def test_a_knob_that_another_run_holds_is_left_alone(lab: Lab) -> None:
    plan = _long(lab)
    knobs = []

    def learn(point: Point, change: Change) -> None:
        knobs.append(change.knob)
        if point is Point.JOURNALLED:
            raise KnobError("enough")

    play(lab, plan, learn, "first")
    Claims(lab.root).claim(knobs[0], lab.root / "another-run")
    result = play(lab, plan)
    assert "is held by the faults of" in result.refused[0]
    assert result.undone == []
    assert Claims(lab.root).owner_of(knobs[0]) == str(lab.root / "another-run")


def test_what_somebody_has_changed_meanwhile_is_left_alone_and_reported(lab: Lab) -> None:
    """Somebody else sets the limit to a third value while the fault lasts."""
    pid = read_pid_file(lab.pid_file).pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)

    def meddle(point: Point, _change: Change) -> None:
        if point is Point.MARKED:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (333, hard))

    result = play(lab, planned(lab.binding(), first={"fault": "descriptor-exhaustion"}), meddle)
    assert [left.outcome for left in result.left] == ["conflict"]
    assert resource.prlimit(pid, resource.RLIMIT_NOFILE)[0] == 333


def test_a_runner_that_hangs_is_fenced_and_its_faults_are_undone(lab: Lab) -> None:
    """It is stopped in the middle of a fault: the lease runs out, the watchdog ends it and restores."""
    binding = lab.binding(lab.target(faults={"latency": {"delay": "900ms"}}))
    runner = play_and_die(lab.folder, binding, "slow", "hang", Point.MARKED)
    try:
        assert runner.wait(30) == -signal.SIGKILL
    finally:
        runner.kill()
    until(lambda: (took := lab.asked(proxied=True)) is not None and took < 0.5, 20)


def test_a_bystander_is_not_touched(lab: Lab) -> None:
    """An unrelated process, and the machine's own settings, are as before."""
    threads = threading.active_count()
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        identity = ProcessIdentity.of(bystander.pid)
        before = _machine()
        for kind in ("hang", "slow", "descriptor-exhaustion", "cpu-starvation"):
            assert play(lab, planned(lab.binding(), first={"fault": kind}), name=kind).done
        assert identity.state in "SR"
        assert _machine() == before
        assert threading.active_count() == threads
    finally:
        bystander.kill()
        bystander.wait()


def _machine() -> dict[str, str]:
    mounts = Path("/proc/self/mounts").read_text()
    settings = [
        "/proc/sys/vm/overcommit_memory",
        "/proc/sys/net/ipv4/ip_forward",
        "/proc/sys/fs/file-max",
        "/etc/resolv.conf",
    ]
    return {"mounts": mounts} | {name: Path(name).read_text() for name in settings}


def test_a_process_number_that_was_given_out_anew_is_not_hit() -> None:
    me = ProcessIdentity.of(1)
    another = me.model_copy(update={"started_ticks": me.started_ticks + 1})
    assert me.alive
    assert not another.alive
    with pytest.raises(ProcessGone):
        another.send(signal.SIGCONT)
