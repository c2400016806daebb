"""Alertmanager in virtual time: post alerts, ask when something is due, take the notifications.

    alertmanager = Alertmanager(config, epoch=datetime(2026, 3, 1, tzinfo=UTC))
    alertmanager.receive(0, [PostedAlert({"alertname": "DiskFull"}, repeated=True)])
    while (due := alertmanager.next_wakeup()) is not None and due <= until_ms:
        for notification in alertmanager.advance(due): ...

Several peers form a cluster: clients post to all of them, and each waits for those before it, by `peer_timeout` a
position, before it looks into the notification log that they share.  In a partition each side counts its own
positions and shares nothing with the other, so both notify; when it heals, logs and silences are merged.

Not modelled: the settling of the mesh after a start, delays of gossip and of failure detection (both are short beside
`peer_timeout`), the drift of timers of a real process (well under a millisecond a flush).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from simulator.monitoring.alertmanager.alert import PostedAlert
from simulator.monitoring.alertmanager.config import AlertmanagerConfig
from simulator.monitoring.alertmanager.matchers import Matcher
from simulator.monitoring.alertmanager.nflog import Entry, LogKey
from simulator.monitoring.alertmanager.notify import Notification, Sink, Suppression
from simulator.monitoring.alertmanager.process import Process, Surroundings
from simulator.monitoring.alertmanager.silence import Silence
from simulator.monitoring.alertmanager.timers import Timers
from timeline.instants import SECOND

PEER_TIMEOUT_MS = 15 * SECOND
"""`--cluster.peer-timeout`"""


class Alertmanager:
    """One Alertmanager or a cluster of several.

    `epoch` is the wall-clock moment of exercise time 0 (aware; time intervals need it).  `start_ms` is when the
    processes started: their periodic work counts from there.  `sink` says how each attempt to send ends; without one
    every notification arrives at once.  `flush_always` goes through every flush of every group, also where the result
    is known beforehand: slower, and never different.  Time never goes back: an argument before what was already done
    is a ValueError.
    """

    def __init__(
        self,
        config: AlertmanagerConfig,
        *,
        epoch: datetime,
        start_ms: int = 0,
        peers: int = 1,
        sink: Sink | None = None,
        peer_timeout_ms: int = PEER_TIMEOUT_MS,
        flush_always: bool = False,
    ) -> None:
        if epoch.tzinfo is None:
            raise ValueError("the epoch needs a time zone")
        if peers < 1:
            raise ValueError("there is at least one peer")
        self.config = config
        self._timers = Timers()
        self._arrived: list[Notification] = []
        self._now_ms = start_ms
        self._silence_count = 0
        self._side_of = dict.fromkeys(range(peers), 0)
        self._peers = [
            Process(
                number,
                config,
                Surroundings(
                    epoch,
                    self._timers,
                    self._arrived.append,
                    partial(self._share_entry, number) if peers > 1 else None,
                    partial(self._wait_ms, number, peer_timeout_ms) if peers > 1 else None,
                    sink,
                    always_flush=flush_always or peers > 1,
                ),
                start_ms,
            )
            for number in range(peers)
        ]

    def receive(self, at_ms: int, alerts: Sequence[PostedAlert], *, peers: Collection[int] | None = None) -> None:
        """Alerts as a client posts them, to all peers that run or only to some."""
        self._run_to(at_ms)
        for process in self._peers:
            if peers is None or process.number in peers:
                process.post(alerts, at_ms)

    def add_silence(
        self,
        at_ms: int,
        matchers: Sequence[Matcher],
        ends_at_ms: int,
        *,
        starts_at_ms: int | None = None,
        created_by: str = "",
        comment: str = "",
        peer: int = 0,
    ) -> str:
        """Creates a silence at one peer; gives its id.  Raises ValueError for one that Alertmanager refuses."""
        self._run_to(at_ms)
        id = f"silence-{self._silence_count + 1}"
        start = at_ms if starts_at_ms is None else starts_at_ms
        silence = Silence(id, tuple(matchers), start, ends_at_ms, created_by=created_by, comment=comment)
        self._share_silence(peer, self._peers[peer].silences.set(silence, at_ms), at_ms)
        self._silence_count += 1
        return id

    def expire_silence(self, at_ms: int, id: str, *, peer: int = 0) -> None:
        """Ends a silence now.  Raises KeyError for an id that the peer does not know."""
        self._run_to(at_ms)
        self._share_silence(peer, self._peers[peer].silences.expire(id, at_ms), at_ms)

    def next_wakeup(self) -> int | None:
        """When something may happen if nothing is posted until then; None if nothing ever will."""
        return self._arrived[0].at_ms if self._arrived else self._timers.next_due()

    def advance(self, to_ms: int) -> list[Notification]:
        """Does everything due at or before `to_ms`; what arrived since the last call, in order of time."""
        self._run_to(to_ms)
        self._timers.run(to_ms + 1)
        arrived = self._arrived.copy()
        self._arrived.clear()
        return arrived

    def stop(self, at_ms: int, *, peer: int | None = None) -> None:
        """A peer, or all of them, goes down; what it was about to send is not sent."""
        self._run_to(at_ms)
        for process in self._chosen(peer):
            process.stop()

    def start(self, at_ms: int, *, peer: int | None = None) -> None:
        """A peer, or all of them, comes up without alerts, with its silences and its log, and joins its side."""
        self._run_to(at_ms)
        for process in self._chosen(peer):
            process.start(at_ms)
        self._synchronise(at_ms)

    def restart(self, at_ms: int, *, peer: int | None = None) -> None:
        """Alerts and groups are lost; silences and the notification log are kept."""
        self.stop(at_ms, peer=peer)
        self.start(at_ms, peer=peer)

    def partition(self, at_ms: int, sides: Sequence[Collection[int]]) -> None:
        """Peers of different sides no longer hear of each other; a peer that is not named stands alone."""
        self._run_to(at_ms)
        self._side_of = {number: -1 - number for number in range(len(self._peers))}
        for side, members in enumerate(sides):
            self._side_of |= dict.fromkeys(members, side)

    def heal(self, at_ms: int) -> None:
        """All peers hear of each other again, and exchange what they know."""
        self.partition(at_ms, [range(len(self._peers))])
        self._synchronise(at_ms)

    def suppressions(self, labels: Mapping[str, str], *, peer: int = 0) -> list[Suppression]:
        """Why an alert was not notified: what held it back at the last flush of each of its groups."""
        return self._peers[peer].suppressions(labels)

    def group_count(self, *, peer: int = 0) -> int:
        """How many groups a peer keeps."""
        return self._peers[peer].group_count()

    def _run_to(self, at_ms: int) -> None:
        """Everything due before `at_ms`: what is posted at a moment takes part in the flushes of that moment."""
        if at_ms < self._now_ms:
            raise ValueError(f"time cannot go back from {self._now_ms} ms to {at_ms} ms")
        self._timers.run(at_ms)
        self._now_ms = at_ms

    def _chosen(self, peer: int | None) -> Sequence[Process]:
        return self._peers if peer is None else [self._peers[peer]]

    def _reached_from(self, number: int) -> list[Process]:
        """The other running peers on the same side."""
        side = self._side_of[number]
        return [p for p in self._peers if p.number != number and p.running and self._side_of[p.number] == side]

    def _wait_ms(self, number: int, peer_timeout_ms: int) -> int:
        """`peer_timeout` for each position before it."""
        return peer_timeout_ms * sum(process.number < number for process in self._reached_from(number))

    def _share_entry(self, number: int, key: LogKey, entry: Entry) -> None:
        for process in self._reached_from(number):
            process.log.merge([(key, entry)], entry.at_ms)

    def _share_silence(self, number: int, silence: Silence, at_ms: int) -> None:
        self._peers[number].silences_changed(at_ms)
        for process in self._reached_from(number):
            if process.silences.merge([silence]):
                process.silences_changed(at_ms)

    def _synchronise(self, at_ms: int) -> None:
        """The full exchange of state between peers of one side (push and pull)."""
        for process in self._peers:
            for other in self._reached_from(process.number):
                other.log.merge(process.log.items(), at_ms)
                if process.running and other.silences.merge(process.silences):
                    other.silences_changed(at_ms)
