"""Live faults, a module for each way to make one happen; importing this package fills `LIVE_FAULTS`."""

from __future__ import annotations

from injectors.faults import descriptors as descriptors
from injectors.faults import full_disk as full_disk
from injectors.faults import killed as killed
from injectors.faults import nginx as nginx
from injectors.faults import postgresql as postgresql
from injectors.faults import proxied as proxied
from injectors.faults import redis as redis
from injectors.faults import resolved as resolved
from injectors.faults import skewed as skewed
from injectors.faults import starved as starved
from injectors.faults import stopped as stopped
from injectors.faults.live import LIVE_FAULTS as LIVE_FAULTS
from injectors.faults.live import LiveFault as LiveFault
