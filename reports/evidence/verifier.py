"""Checks an evidence pack of Blackstart.  This file needs only the Python standard library: copy it, read it, run it.

    python verifier.py PACK.zip [--head HASH] [--sheet SIGN-OFF.txt]

A pack is a ZIP file that holds, uncompressed and in this order,

    manifest.json       what the pack is, and name, size and SHA-256 of each file below
    sign-off.txt        the sheet that was signed; made from the manifest and its hash, so not listed in it
    timeline.chain      one line for each event: the hash chain
    ...                 the files of the run, by name

The *chain* starts at the SHA-256 of `blackstart/chain/1`; each link is the SHA-256 of the link before it (as 64
hexadecimal digits), a line feed, and the bytes of the event's line in timeline.jsonl without its line feed.  The
*head* is the SHA-256 of manifest.json, and the manifest names the last link.  So one hash covers every byte.

Where the timeline states for how many years evidence of a class of data is kept, the manifest says until when, for each
class that the timeline holds: counted from the day of STARTEX.  A class without a policy is a problem.

A changed file is found by its hash, a changed event by its link.  Whoever forges a pack can make all hashes anew, but
not the head that was signed: give it by `--head`.  The sheet also has links from along the chain (checkpoints): give
the sheet that was kept by `--sheet`, and the first stretch of events that is not what was signed is named.

Ends with 0 when everything holds, with 1 when something does not, with 2 when there is nothing to read.
"""

from __future__ import annotations

import argparse
import io
import json
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "blackstart/evidence/1"
MANIFEST, SHEET, CHAIN, TIMELINE = "manifest.json", "sign-off.txt", "timeline.chain", "timeline.jsonl"
CHECKPOINTS = 32
FIRST_LINK = sha256(b"blackstart/chain/1").hexdigest()
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Problem(NamedTuple):
    """Something that does not hold.  `place` is a file of the pack, with a line where one is known."""

    place: str
    message: str


def chain(lines: Iterable[bytes]) -> Iterator[str]:
    """The link of each line."""
    link = FIRST_LINK
    for line in lines:
        link = sha256(link.encode() + b"\n" + line).hexdigest()
        yield link


def lines_of(timeline: bytes) -> list[bytes]:
    """Lines without their line feeds; what follows the last line feed is a line too, if there is anything."""
    lines = timeline.split(b"\n")
    return lines[:-1] if not lines[-1] else lines


def checkpoints(links: list[str]) -> list[tuple[int, str]]:
    """Links from along the chain, with the number of events up to each; the last one is among them."""
    if not links:
        return []
    step = max(1, -(-len(links) // CHECKPOINTS))
    counts = sorted({*range(step, len(links) + 1, step), len(links)})
    return [(count, links[count - 1]) for count in counts]


def retention(lines: list[bytes]) -> list[dict[str, Any]]:
    """For each class of data on a timeline: how many events, for how many years they are kept, and until which day.

    Nothing where the timeline states no policy; `years` and `keep_until` are None of a class that it leaves out.
    """
    events = [json.loads(line) for line in lines]
    if not events or not (stated := events[0]["detail"].get("retention")):
        return []
    years = {rule["data_class"]: rule["years"] for rule in stated}
    begun = date.fromisoformat(events[0]["detail"]["epoch"][:10])
    counts: dict[str, int] = {}
    for event in events:
        counts[event["data_class"]] = counts.get(event["data_class"], 0) + 1
    return [
        {
            "data_class": name,
            "events": count,
            "years": years.get(name),
            "keep_until": _years_later(begun, years[name]).isoformat() if name in years else None,
        }
        for name, count in sorted(counts.items())
    ]


def _years_later(day: date, years: int) -> date:
    """The same day so many years later; 1 March for 29 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def sheet_text(manifest: bytes, links: list[str]) -> str:
    """The sign-off sheet: what was exercised, the head hash, room for names, and the checkpoints."""
    facts: dict[str, Any] = json.loads(manifest)
    run = facts["run"]
    rows = [f"  {count:>9}  {link}" for count, link in checkpoints(links)]
    objectives = [f"  {o['rating'] or '-'}  {o['title']}" for o in run["objectives"]]
    kept = [
        f"  {rule['data_class']:<14}{rule['events']:>7} events  "
        + (f"until {rule['keep_until']}" if rule["keep_until"] else "no policy")
        for rule in facts.get("retention", [])
    ]
    score = "not rated" if run["score"] is None else f"{run['score']:.1f} of 100"
    return "\n".join(
        [
            "SIGN-OFF SHEET OF AN EXERCISE",
            "",
            f"Exercise        {run['title']} ({run['scenario']})",
            f"Estate          {run['estate']}",
            f"STARTEX         {run['epoch']}",
            f"Seed            {run['seed']}",
            f"Evidence class  {run['evidence_class']}",
            f"Outcome         {score}; {'objectives met' if run['objectives_met'] else 'objectives not met'}"
            + ("" if run["complete"] else "; the run is incomplete"),
            f"Events          {len(links)}",
            f"Made by         Blackstart {facts['versions']['blackstart']}",
            "",
            "Objectives, with their ratings (P, S, M, U)",
            *(objectives or ["  none"]),
            "",
            *(["To be kept, by class of data", *kept, ""] if kept else []),
            "Head hash (SHA-256): it covers every byte of the pack",
            f"  {sha256(manifest).hexdigest()}",
            "",
            "Exercise director   name ______________________  date ____________  signature ______________________",
            "Evaluator           name ______________________  date ____________  signature ______________________",
            "Auditor             name ______________________  date ____________  signature ______________________",
            "",
            "Checkpoints: number of events, and the link of the hash chain there",
            *rows,
            "",
        ]
    )


def write_zip(files: dict[str, bytes]) -> bytes:
    """The one way to write these files, in their order: the same files give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as pack:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            pack.writestr(entry, content)
    return target.getvalue()


def verify(pack: bytes, head: str | None = None, sheet: str | None = None) -> list[Problem]:
    """What does not hold; nothing when all does.  `head` and `sheet` are what was signed and kept elsewhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(pack)) as opened:
            names = opened.namelist()
            files = {entry.filename: _content(pack, entry) for entry in opened.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        return [Problem("the pack", f"it cannot be opened: {error}")]
    if len(names) != len(files):
        twice = sorted({name for name in names if names.count(name) > 1})
        return [Problem(twice[0], "the pack holds two files of this name")]
    missing = [name for name in (MANIFEST, SHEET, CHAIN, TIMELINE) if name not in files]
    if missing:
        return [Problem(name, "the pack does not hold it") for name in missing]
    problems = _against_manifest(files) + _against_signed(files, head, sheet)
    if not problems:
        listed = [entry["name"] for entry in json.loads(files[MANIFEST])["files"]]
        rewritten = write_zip({name: files[name] for name in (MANIFEST, SHEET, *listed)})
        if pack != rewritten:
            pairs = enumerate(zip(pack, rewritten, strict=False))
            offset = next((n for n, (mine, other) in pairs if mine != other), min(len(pack), len(rewritten)))
            problems.append(Problem("the pack", f"byte {offset} of the container was changed, outside of its files"))
    return problems


def _content(pack: bytes, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of an entry as they stand there, whatever its checksum says: it is judged by its hash."""
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{entry.filename} is compressed, which nothing in a pack is")
    lengths = struct.unpack_from("<HH", pack, entry.header_offset + 26)
    start = entry.header_offset + 30 + sum(lengths)
    return pack[start : start + entry.file_size]


def _against_manifest(files: dict[str, bytes]) -> list[Problem]:
    try:
        manifest = json.loads(files[MANIFEST])
        listed = {entry["name"]: entry["sha256"] for entry in manifest["files"]}
        last, events = manifest["chain"]["last"], manifest["chain"]["events"]
        known = manifest["format"] == FORMAT
    except (ValueError, KeyError, TypeError) as error:
        return [Problem(MANIFEST, f"it is not a manifest: {error!r}")]
    if not known:
        return [Problem(MANIFEST, f"it is of format {manifest['format']!r}; this verifier knows {FORMAT!r}")]
    problems = [Problem(name, "it is listed, but the pack does not hold it") for name in listed if name not in files]
    problems += [
        Problem(name, "the pack holds it, but it is not listed")
        for name in files
        if name not in {*listed, MANIFEST, SHEET}
    ]
    problems += [
        Problem(name, "its SHA-256 is not the listed one")
        for name, digest in listed.items()
        if name in files and sha256(files[name]).hexdigest() != digest
    ]
    problems += _against_chain(files[TIMELINE], files[CHAIN], last, events)
    if not problems:
        problems += _against_retention(manifest, lines_of(files[TIMELINE]))
    if not problems and not _is_sheet_of(files):
        problems.append(Problem(SHEET, "it is not the sheet of this manifest"))
    return problems


def _against_retention(manifest: dict[str, Any], lines: list[bytes]) -> list[Problem]:
    """Whether the manifest states until when evidence is kept as the timeline does, for every class."""
    try:
        stated = retention(lines)
    except (ValueError, KeyError, TypeError, AttributeError):
        return [Problem(TIMELINE, "its first event is not that of an exercise")]
    if manifest.get("retention", []) != stated:
        return [Problem(MANIFEST, "what it says about retention is not what the timeline states")]
    return [
        Problem(MANIFEST, f"no policy says how long evidence of the class {rule['data_class']} is kept")
        for rule in stated
        if rule["years"] is None
    ]


def _is_sheet_of(files: dict[str, bytes]) -> bool:
    try:
        sheet = sheet_text(files[MANIFEST], list(chain(lines_of(files[TIMELINE]))))
    except (ValueError, KeyError, TypeError):
        return False
    return files[SHEET] == sheet.encode()


def _against_chain(timeline: bytes, written: bytes, last: str, events: int) -> list[Problem]:
    """The first event whose link is not the written one, and whether the chain ends where the manifest says."""
    lines = lines_of(timeline)
    links, stated = list(chain(lines)), written.decode("ascii", "replace").split()
    for number, (link, said) in enumerate(zip(links, stated, strict=False), start=1):
        if link != said:
            return [Problem(f"{TIMELINE}:{number}", "this event, or its link in the chain, was changed")]
    if len(links) != len(stated):
        first = min(len(links), len(stated)) + 1
        return [Problem(f"{TIMELINE}:{first}", f"the timeline has {len(links)} events, its chain {len(stated)} links")]
    if (links[-1] if links else FIRST_LINK) != last or len(links) != events:
        return [Problem(MANIFEST, f"its chain of {events} events does not end as the timeline of {len(links)} does")]
    for number, line in enumerate(lines):
        try:
            seq = json.loads(line)["seq"]
        except (ValueError, KeyError, TypeError):
            return [Problem(f"{TIMELINE}:{number + 1}", "this line is not an event")]
        if seq != number:
            return [Problem(f"{TIMELINE}:{number + 1}", f"event {number} is missing: this is event {seq}")]
    return []


def _against_signed(files: dict[str, bytes], head: str | None, sheet: str | None) -> list[Problem]:
    found = sha256(files[MANIFEST]).hexdigest()
    problems = []
    if head is not None and head.strip().lower() != found:
        problems.append(
            Problem(MANIFEST, f"its hash {found} is not the signed head: this is not the pack that was signed")
        )
    if sheet is None:
        return problems
    if found not in sheet.split():
        problems.append(Problem(MANIFEST, f"its hash {found} does not stand on the signed sheet"))
    links = list(chain(lines_of(files[TIMELINE])))
    before = 0
    for count, link in signed_checkpoints(sheet):
        if count > len(links):
            problems.append(
                Problem(f"{TIMELINE}:{len(links) + 1}", f"{count} events were signed, {len(links)} are here")
            )
            break
        if links[count - 1] != link:
            stretch = f"between events {before + 1} and {count} lies the first that is not as signed"
            problems.append(Problem(f"{TIMELINE}:{before + 1}", stretch))
            break
        before = count
    return problems


def signed_checkpoints(sheet: str) -> list[tuple[int, str]]:
    """The checkpoints that stand on a sheet."""
    _, _, below = sheet.partition("Checkpoints:")
    rows = [line.split() for line in below.splitlines()[1:]]
    return [(int(row[0]), row[1]) for row in rows if len(row) == 2 and row[0].isdigit()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--head", help="the head hash that was signed")
    parser.add_argument("--sheet", type=Path, help="the sign-off sheet that was kept")
    options = parser.parse_args()
    try:
        pack = options.pack.read_bytes()
        sheet = options.sheet.read_text(encoding="utf-8") if options.sheet else None
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    problems = verify(pack, options.head, sheet)
    for problem in problems:
        print(f"{problem.place}: {problem.message}")
    if not problems:
        against = "the signed head" if options.head or options.sheet else "itself alone: give --head to be sure"
        print(f"every file and every event holds against {against}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
