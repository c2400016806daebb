"""The reference of coverage: a case with estate and monitoring side by side on one kernel, rules evaluated lazily."""

from simulator.estate import ModelledEstate
from simulator.kernel import Kernel
from simulator.monitoring.promql import Labels
from simulator.monitoring.side import ModelledMonitoring, Prometheus, modelled_prometheus
from simulator.randomness import Streams
from simulator.sides import Delivered
from simulator.signals import SignalBoard
from studies.coverage.faults import Case
from studies.coverage.running import Draw, Record, Told, Watch, fired_on
from timeline.journal import Timeline


def exercised(watch: Watch, draw: Draw, case: Case) -> Record:
    """What monitoring does in an exercise in which nobody acts."""
    kernel = Kernel(Timeline(), Streams(watch.seed, draw.number), watch.epoch, start_ms=-watch.warm_ms)
    board = SignalBoard(kernel.now() - watch.back_ms)
    until_ms = draw.onset_ms + case.lasts_ms
    told: list[Told] = []

    def deliver(delivered: Delivered) -> None:
        firing = tuple(Labels(alert.labels) for alert in delivered.alerts if alert.status == "firing")
        if firing:
            told.append(Told(kernel.now(), delivered.receiver, firing))

    estate = ModelledEstate(
        kernel,
        watch.estate,
        board,
        lambda: monitoring.signals_changed(kernel.now()),
        lambda *_: None,
        lambda *_: None,
        until_ms=until_ms,
    )
    prometheus = Prometheus(*modelled_prometheus(kernel, watch.estate, watch.files, board, offset=draw.offset))
    monitoring = ModelledMonitoring(
        kernel, watch.estate, watch.files, board, estate, deliver, until_ms=until_ms, prometheus=prometheus
    )
    estate.start()
    monitoring.start()
    estate.schedule({f"{fault.kind}@{fault.target}": fault.scheduled(draw.onset_ms) for fault in case.faults})
    kernel.env.run(until=until_ms + 1)
    return Record(fired_on(kernel.timeline), tuple(told))
