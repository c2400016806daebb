"""Office files are ZIP archives that carry the moment in which they were written; here they get one that stays.

So the same run gives the same bytes, and an evidence pack over them can be made again.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"


def dated(content: bytes, moment: datetime) -> bytes:
    """The archive with every member in its place and dated alike, and `moment` (with offset) as its created and
    modified date."""
    stamp = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    target = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as settled:
        for name in source.namelist():
            member = source.read(name)
            if name == _CORE:
                member = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp.encode(), member)
            entry = ZipInfo(name, _EARLIEST)
            entry.compress_type = ZIP_DEFLATED
            settled.writestr(entry, member)
    return target.getvalue()
