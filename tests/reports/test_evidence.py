"""Evidence packs: what was signed verifies; whatever is done to it afterwards is found, and where."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import blackstart
from console.main import main
from reports.evidence import Pack, write_pack
from reports.evidence.verifier import CHAIN, MANIFEST, SHEET, TIMELINE, verify, write_zip
from reports.scoring import Scores, score
from timeline.store import read_timeline

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return blackstart.run("corner-lab-crash", out=tmp_path_factory.mktemp("evidence") / "run").folder


@pytest.fixture(scope="module")
def pack(run: Path) -> Pack:
    return blackstart.pack(run)


@pytest.fixture(scope="module")
def small(run: Path) -> tuple[Files, Scores, Pack]:
    """The timeline alone, so that every byte can be tried."""
    files = {TIMELINE: (run / TIMELINE).read_bytes()}
    scores = score(read_timeline(run / TIMELINE))
    return files, scores, write_pack(files, scores)


def files_of(pack: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def places(problems: list[object]) -> list[str]:
    return [problem.place for problem in problems]  # type: ignore[attr-defined]


def test_a_pack_holds_the_whole_run_and_verifies(run: Path, pack: Pack) -> None:
    held = files_of(pack.content)
    ours = {MANIFEST, SHEET, CHAIN}
    on_disk = {path.relative_to(run).as_posix(): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert {name: content for name, content in held.items() if name not in ours} == on_disk
    assert list(held)[:3] == [MANIFEST, SHEET, CHAIN]
    assert verify(pack.content) == []
    assert verify(pack.content, pack.head, pack.sheet) == []
    assert pack.head == sha256(held[MANIFEST]).hexdigest()


def test_the_same_run_gives_the_same_pack_to_the_byte(run: Path, pack: Pack) -> None:
    assert blackstart.pack(run) == pack


def test_the_chain_is_what_the_verifier_says_it_is(pack: Pack) -> None:
    """Reckoned here once more, from the words of its docstring."""
    held = files_of(pack.content)
    link = sha256(b"blackstart/chain/1").hexdigest()
    expected = []
    for line in held[TIMELINE].decode().splitlines():
        link = sha256(f"{link}\n{line}".encode()).hexdigest()
        expected.append(link)
    assert held[CHAIN].decode().split() == expected
    assert json.loads(held[MANIFEST])["chain"] == {"events": len(expected), "last": expected[-1]}


def kept(run: Path, retention: dict[str, int]) -> tuple[Pack, Files]:
    """The pack of a run whose organisation has such a policy, and its files."""
    first, *others = (run / TIMELINE).read_bytes().splitlines(keepends=True)
    started = json.loads(first)
    started["detail"]["retention"] = [{"data_class": name, "years": years} for name, years in retention.items()]
    line = json.dumps(started, separators=(",", ":")).encode() + b"\n"
    made = write_pack({TIMELINE: b"".join([line, *others])}, score(read_timeline(run / TIMELINE)))
    return made, files_of(made.content)


def test_a_pack_says_until_when_each_class_of_data_is_kept(run: Path) -> None:
    made, files = kept(run, {"internal": 7, "public": 1})
    (rule,) = json.loads(files[MANIFEST])["retention"]
    assert (rule["data_class"], rule["years"], rule["keep_until"]) == ("internal", 7, "2033-03-10")
    assert "until 2033-03-10" in made.sheet
    assert verify(made.content, made.head, made.sheet) == []


def test_a_class_without_a_policy_is_told(run: Path) -> None:
    made, _ = kept(run, {"public": 1})
    assert [problem.message for problem in verify(made.content)] == [
        "no policy says how long evidence of the class internal is kept"
    ]


def test_another_date_than_the_policy_gives_is_found_also_in_a_forgery(run: Path) -> None:
    _, files = kept(run, {"internal": 7})
    files[MANIFEST] = files[MANIFEST].replace(b"2033-03-10", b"2023-03-10")
    assert "what it says about retention is not what the timeline states" in {
        problem.message for problem in verify(write_zip(files))
    }


def test_any_byte_that_is_changed_is_found(small: tuple[Files, Scores, Pack]) -> None:
    """Also in headers and in the directory of the container.  Every 61st byte here; a proof tries each one."""
    content = small[2].content
    for position in range(0, len(content), 61):
        changed = bytearray(content)
        changed[position] ^= 1 << (position % 8)
        assert verify(bytes(changed)), position


@pytest.mark.prove
def test_every_single_byte_that_is_changed_is_found(small: tuple[Files, Scores, Pack]) -> None:
    content = small[2].content
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1 << (position % 8)
        assert verify(bytes(changed)), position


@given(data=st.data())
@settings(max_examples=30)
def test_a_changed_event_is_located_to_its_line(small: tuple[Files, Scores, Pack], data: st.DataObject) -> None:
    content = small[2].content
    timeline = small[0][TIMELINE]
    offset = data.draw(st.integers(0, len(timeline) - 2).filter(lambda n: timeline[n : n + 1] != b"\n"))
    start = content.index(timeline)
    changed = bytearray(content)
    changed[start + offset] ^= 1
    line = timeline.count(b"\n", 0, offset) + 1
    assert f"{TIMELINE}:{line}" in places(verify(bytes(changed)))


def tampered(pack: Pack, change: Callable[[Files], Mapping[str, bytes] | None]) -> bytes:
    """The container written anew, as somebody would who knows the format but makes no hash."""
    held = files_of(pack.content)
    return write_zip(dict(change(held) or held))


def test_a_truncated_timeline_is_found_where_it_ends(small: tuple[Files, Scores, Pack]) -> None:
    def cut(held: Files) -> None:
        held[TIMELINE] = b"".join(held[TIMELINE].splitlines(keepends=True)[:40])

    assert f"{TIMELINE}:41" in places(verify(tampered(small[2], cut)))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda held: held.update(extra=b"more"), "extra"),
        (lambda held: {name: text for name, text in held.items() if name != "scores.json"}, "scores.json"),
        (lambda held: {name: text for name, text in held.items() if name != CHAIN}, CHAIN),
        (lambda held: held.update({SHEET: held[SHEET].replace(b"100.0 of 100", b"90.0 of 100")}), SHEET),
        (lambda held: held.update({MANIFEST: held[MANIFEST].replace(b'"seed": 1', b'"seed": 2')}), SHEET),
        (lambda held: held.update({MANIFEST: b"{}"}), MANIFEST),
        (lambda held: held.update({MANIFEST: b"[]"}), MANIFEST),
        (lambda held: dict(reversed(held.items())), "the pack"),
    ],
)
def test_what_else_can_be_done_to_a_pack_is_found(
    pack: Pack, change: Callable[[Files], Mapping[str, bytes] | None], place: str
) -> None:
    assert place in places(verify(tampered(pack, change)))


def test_a_truncated_file_and_a_file_of_another_kind_are_told(pack: Pack) -> None:
    assert places(verify(pack.content[:-1])) == ["the pack"]
    assert places(verify(b"not a pack")) == ["the pack"]
    assert places(verify(b"")) == ["the pack"]
    squeezed = io.BytesIO()
    with zipfile.ZipFile(squeezed, "w", zipfile.ZIP_DEFLATED) as other:
        for name, content in files_of(pack.content).items():
            other.writestr(name, content)
    assert places(verify(squeezed.getvalue())) == ["the pack"]


def test_a_forgery_with_all_hashes_made_anew_fails_against_what_was_signed(
    small: tuple[Files, Scores, Pack],
) -> None:
    files, scores, signed = small
    lines = files[TIMELINE].splitlines(keepends=True)
    lines[57] = lines[57].replace(b'"at_ms":', b'"at_ms": ')
    forged = write_pack({TIMELINE: b"".join(lines)}, scores)
    assert verify(forged.content) == []
    assert verify(forged.content, forged.head, forged.sheet) == []
    assert places(verify(forged.content, signed.head)) == [MANIFEST]
    found = verify(forged.content, sheet=signed.sheet)
    # 100 events and 25 checkpoints: the event numbered 58 lies in the stretch from 57 to 60.
    assert places(found) == [MANIFEST, f"{TIMELINE}:57"]
    assert "between events 57 and 60" in found[1].message


def test_a_forgery_that_leaves_events_out_at_the_end_is_located(small: tuple[Files, Scores, Pack]) -> None:
    files, scores, signed = small
    forged = write_pack({TIMELINE: b"".join(files[TIMELINE].splitlines(keepends=True)[:90])}, scores)
    assert places(verify(forged.content, sheet=signed.sheet)) == [MANIFEST, f"{TIMELINE}:91"]


def test_a_run_without_events_can_be_packed(small: tuple[Files, Scores, Pack]) -> None:
    empty = write_pack({TIMELINE: b""}, small[1])
    assert verify(empty.content, empty.head, empty.sheet) == []


def test_names_of_the_pack_itself_are_refused(small: tuple[Files, Scores, Pack]) -> None:
    with pytest.raises(ValueError, match=r"manifest\.json"):
        write_pack({**small[0], MANIFEST: b""}, small[1])


def status(*arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def test_from_the_command_line_to_a_verifier_that_needs_nothing_of_ours(
    run: Path, pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sheet, verifier = tmp_path / "e.zip", tmp_path / "sign-off.txt", tmp_path / "verifier.py"
    assert status("report", "pack", run, "-o", file, "--sheet", sheet, "--verifier", verifier, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(file), "head": pack.head}
    assert file.read_bytes() == pack.content
    assert status("report", "verify", file, "--head", pack.head, "--sheet", sheet) == 0
    assert status("report", "verify", file, "--head", "0" * 64, "--json") == 1
    # -I: isolated from the environment and this folder; -S: no site-packages, the standard library alone.
    alone = [sys.executable, "-I", "-S", str(verifier), str(file)]
    assert subprocess.run([*alone, "--head", pack.head, "--sheet", str(sheet)], check=False).returncode == 0
    assert subprocess.run([*alone, "--head", "0" * 64], check=False, capture_output=True).returncode == 1
    assert subprocess.run([*alone[:-1], str(tmp_path / "none.zip")], check=False, capture_output=True).returncode == 2


def test_evidence_is_never_overwritten_and_documents_must_be_those_of_the_timeline(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "e.zip"
    file.write_bytes(b"older")
    assert status("report", "pack", run, "-o", file) == 2
    assert file.read_bytes() == b"older"
    other = tmp_path / "other"
    blackstart.run("corner-lab-crash", seed=2, out=other)
    (other / "scores.json").write_bytes((run / "scores.json").read_bytes())
    assert status("report", "pack", other, "-o", tmp_path / "f.zip") == 2
    assert not (tmp_path / "f.zip").exists()
    assert status("report", "verify", tmp_path / "f.zip") == 2


def test_a_folder_is_still_reported_without_naming_a_command(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status("report", run) == 0
    assert capsys.readouterr().out.strip().endswith("report.html")
    assert status("report", "--quiet", run) == 0
    assert capsys.readouterr().out == ""
