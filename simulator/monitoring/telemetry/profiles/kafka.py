"""kafka_exporter: brokers, one topic with its replicas, and how far its consumers are behind.

One exporter asks the whole cluster, so what it shows stands under the first broker; while no broker answers it has
nothing to show.  The consumers' part is read off the first broker as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.monitoring.telemetry.profiles.generic import USUAL_CONSUMERS
from simulator.monitoring.telemetry.reading import Life, Look, Reading
from simulator.monitoring.telemetry.recipe import REQUESTS, Exposed, Profile, Recipe, Replica, gauge, whole_events
from simulator.signals import Values
from topologies.signals import Signal


def recipes(replica: Replica) -> Sequence[Recipe]:
    if replica.number:
        return []
    count = replica.component.replicas.count
    topic = {"topic": replica.id}
    partition = {**topic, "partition": "0"}
    group = {"consumergroup": f"{replica.id}-consumers"}

    def brokers(reading: Reading) -> Values:
        return _sum_over(reading, count, lambda number: reading.exact(Signal.UP, replica=number))

    def in_sync(reading: Reading) -> Values:
        def follows(number: int) -> Values:
            return reading.exact(Signal.UP, replica=number) * reading.exact(Signal.REPLICATING, replica=number)

        return _sum_over(reading, count, follows)

    def show(name: str, read: Callable[[Reading], Values], labels: dict[str, str]) -> Recipe:
        def while_a_broker_answers(reading: Reading) -> Values:
            return np.where(brokers(reading) > 0, read(reading), np.nan)

        return gauge(name, while_a_broker_answers, labels, Exposed.OUTSIDE)

    def offset(reading: Reading) -> Values:
        def written(look: Look) -> Values:
            return look(Signal.OK_RPS) * count

        return whole_events(reading.counter(written, "offsets", REQUESTS, Life.EVER))

    return [
        show("kafka_brokers", brokers, {}),
        show("kafka_topic_partitions", lambda r: np.ones(r.times.shape), topic),
        show("kafka_topic_partition_replicas", lambda r: np.full(r.times.shape, float(count)), partition),
        show("kafka_topic_partition_in_sync_replica", in_sync, partition),
        show(
            "kafka_topic_partition_under_replicated_partition",
            lambda r: (in_sync(r) < count).astype(np.float64),
            partition,
        ),
        show("kafka_topic_partition_current_offset", offset, partition),
        show(
            "kafka_consumergroup_current_offset", lambda r: np.maximum(offset(r) - _lag(r), 0), {**group, **partition}
        ),
        show("kafka_consumergroup_lag", _lag, {**group, **partition}),
        show("kafka_consumergroup_lag_sum", _lag, {**group, **topic}),
        show(
            "kafka_consumergroup_members",
            lambda r: np.round(USUAL_CONSUMERS * r.exact(Signal.CONSUMERS_RATIO)),
            group,
        ),
    ]


def _lag(reading: Reading) -> Values:
    return np.floor(np.maximum(reading.exact(Signal.QUEUE_DEPTH), 0))


def _sum_over(reading: Reading, count: int, value: Callable[[int], Values]) -> Values:
    """Sum of a value of each replica, by its number."""
    total = np.zeros(reading.times.shape)
    for number in range(count):
        total = total + value(number)
    return total


PROFILE = Profile(Exposed.OUTSIDE, recipes)
