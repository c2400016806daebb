"""On-call schedules and escalation policies as other tools export them, without changing a file.

    imported = import_roster(Path("schedule.json"), Window.around(now))
    imported.roster        # rotations, policies and people, by the ids of the export
    imported.remarks       # what the export does not say, or says in a way that has no equal here

`FORMATS` lists what can be read, one module each; `source` reads a file and tells what it holds, `draft` gathers what
a format finds in it.  Estates have importers of their own.
"""

from topologies.importers.oncall.draft import Imported, Window
from topologies.importers.oncall.formats import FORMATS, import_roster, is_native
from topologies.importers.oncall.icalendar import leave_of, shifts_above

__all__ = ["FORMATS", "Imported", "Window", "import_roster", "is_native", "leave_of", "shifts_above"]
