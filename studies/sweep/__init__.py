"""Sweeps: one scenario, or several, played hundreds of times from named random streams.

    with writing(path, study) as folder, backend_for(plans, study.seed, jobs) as backend:
        play(folder, backend)
        summary = summarise(folder)

`arms` says what is swept, `backends` where it is played, `outcomes` what is kept of a replication, `store` how the
folder is written and taken up again, `running` plays, `summary` is what the rows say.
"""

from studies.sweep.arms import Arm, ArmRecord, Shard, Study, Until, arm_of, study_of
from studies.sweep.backends import Backend, InProcess, Processes, Task, backend_for, usual_jobs
from studies.sweep.outcomes import Replication, replication_of
from studies.sweep.running import Progress, play
from studies.sweep.store import SweepFolder, merge, open_folder, writing
from studies.sweep.summary import ArmSummary, Summary, summarise, summarise_arm

__all__ = [
    "Arm",
    "ArmRecord",
    "ArmSummary",
    "Backend",
    "InProcess",
    "Processes",
    "Progress",
    "Replication",
    "Shard",
    "Study",
    "Summary",
    "SweepFolder",
    "Task",
    "Until",
    "arm_of",
    "backend_for",
    "merge",
    "open_folder",
    "play",
    "replication_of",
    "study_of",
    "summarise",
    "summarise_arm",
    "usual_jobs",
    "writing",
]
