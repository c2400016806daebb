"""Replay: the incidents of the past against the monitoring and the people of an estate, in a reduced model.

    mapping, incidents     which component and fault each record is; what is not, counted
    dating                 a history older than the schedules is moved to where they have begun
    detection              when somebody is first told, and who; `detection_table` keeps what trials told
    diagnosis, remedies    which checks lead to the cause; what ends it
    people, running        who takes it and works on it: a heap of events, one incident a person
    study, measures        replications, and what is measured of them
    comparison, survival   beside the record; whether the plan survives, and what breaks first
    fitted                 incidents that take as long as a fitted model says
    futures                histories that have not happened, from a fitted model
    stress                 the same, made worse in a stated way
    whole                  all of it, with a stress or another estate beside, paired

`document`, `drawing`, `page` and `folder` show it.
"""

from studies.replay.detection import DetectionSource
from studies.replay.detection_table import DetectionTables
from studies.replay.document import document
from studies.replay.folder import mapping_text, write_folder
from studies.replay.futures import future
from studies.replay.mapping import Placed, ReplayMapping, place, propose, read_mapping
from studies.replay.stress import STRESSES, Stress, World, parse_stress
from studies.replay.whole import Asked, HistoryReplay, replay_history

__all__ = [
    "STRESSES",
    "Asked",
    "DetectionSource",
    "DetectionTables",
    "HistoryReplay",
    "Placed",
    "ReplayMapping",
    "Stress",
    "World",
    "document",
    "future",
    "mapping_text",
    "parse_stress",
    "place",
    "propose",
    "read_mapping",
    "replay_history",
    "write_folder",
]
