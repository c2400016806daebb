"""Which incidents of the public history were labelled, and which of them are held out.

The draw needs no state: incidents are ordered by a hash of seed and id, so that it comes out alike everywhere and for
ever.  Strata are year times product (the `COMMON_PRODUCTS` most frequent, all others as one); each gives its share by
the largest remainder.  Of incidents whose texts are the same word for word only one can be drawn: a copy in the other
part would be recognised, not classified.

    PYTHONPATH=. python -m tests.conformance.triage.sampling FOLDER     lists the drawn incidents, to be read
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from scenarios.history.importers import gcp
from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.record import IncidentRecord

SEED = "gcp-labels-1"
SAMPLE_SIZE = 240
COMMON_PRODUCTS = 8
HELD_OUT_PERCENT = 40


def rank(purpose: str, id: str) -> int:
    """A number drawn by the hash of seed, purpose and id."""
    return int.from_bytes(hashlib.sha256(f"{SEED}/{purpose}/{id}".encode()).digest()[:8], "big")


def is_held_out(id: str) -> bool:
    """Whether an incident is in the part (`HELD_OUT_PERCENT` of 100) that nothing is tuned on."""
    return rank("split", id) % 100 < HELD_OUT_PERCENT


def stratified_sample(records: Iterable[IncidentRecord], size: int) -> list[IncidentRecord]:
    """`size` records by year times product, in the order of the draw."""
    distinct: dict[str, IncidentRecord] = {}
    for record in sorted(records, key=lambda record: rank("sample", record.id)):
        distinct.setdefault((record.title or "").strip().casefold(), record)
    common = {name for name, _ in Counter(r.service for r in distinct.values()).most_common(COMMON_PRODUCTS)}
    strata: dict[tuple[int, str], list[IncidentRecord]] = defaultdict(list)
    for record in distinct.values():
        product = record.service if record.service in common else "other"
        strata[record.began_at.year, str(product)].append(record)
    quotas = _largest_remainder({key: len(rows) for key, rows in strata.items()}, size)
    drawn = [record for key, rows in strata.items() for record in rows[: quotas[key]]]
    return sorted(drawn, key=lambda record: rank("sample", record.id))


def _largest_remainder(counts: dict[tuple[int, str], int], size: int) -> dict[tuple[int, str], int]:
    total = sum(counts.values())
    quotas = {key: size * count // total for key, count in counts.items()}
    by_remainder = sorted(counts, key=lambda key: (-(size * counts[key] % total), key))
    for key in by_remainder[: size - sum(quotas.values())]:
        quotas[key] += 1
    return quotas


def gcp_records(folder: Path) -> list[IncidentRecord]:
    """The incidents of the public history in `folder`."""
    return [imported.record for imported in gcp.read(Intake(folder / "incidents.json", Reading()))]


def _list(records: Sequence[IncidentRecord]) -> None:
    for record in records:
        print(f"{record.id}\t{record.service} [{record.component}]\t{record.title}")


if __name__ == "__main__":
    _list(stratified_sample(gcp_records(Path(sys.argv[1])), SAMPLE_SIZE))
