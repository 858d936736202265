"""A batch that is killed, starved or stopped goes on as if nothing had been: with stand-ins for the engines."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile
from small_batch import stand_in_pipeline, tone

from pipeline.batch import Failure
from pipeline.batch.journal import JOURNAL, Journal
from pipeline.chain.engines import Engines
from pipeline.core.errors import OutputError, UsageError
from pipeline.core.results import Conversion

SCRIPT = Path(__file__).with_name("small_batch.py")
ROOT = SCRIPT.parents[2]
HIDDEN = {".batch.jsonl", ".batch.lock"}


def start(recordings: Path, output: Path, workers: str = "", limit: float = 0) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(recordings), str(output), workers, str(limit)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
        text=True,
    )


def run(*arguments) -> dict[str, str]:
    process = start(*arguments)
    told, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints
    return dict(line.split(" ", 1) for line in told.splitlines())


def contents(output: Path) -> dict[str, object]:
    """Return what matters of each file: sounds as they are, descriptions without times of the clock."""
    found: dict[str, object] = {}
    for path in output.iterdir():
        if path.suffix == ".json":
            values = json.loads(path.read_text())
            found[path.name] = {
                name: value for name, value in values.items() if name not in ("timings", "created", "output")
            }
        elif path.name not in HIDDEN:
            found[path.name] = path.read_bytes()
    return found


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch):
    """Emotions in words are of no interest here."""
    monkeypatch.setattr(Engines, "reader", lambda self: None)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    for number in range(9):
        tone(folder / f"{number}.wav", number)
    shutil.copy(folder / "3.wav", folder / "3 again.wav")
    return folder


@pytest.fixture(scope="module")
def whole(recordings, tmp_path_factory) -> dict[str, object]:
    """What the batch writes if nothing disturbs it."""
    output = tmp_path_factory.mktemp("whole") / "output"
    assert len(run(recordings, output)) == 10
    return contents(output)


def test_each_recording_has_one_result(whole):
    assert sorted(whole) == sorted(f"{number}.{ending}" for number in range(1, 11) for ending in ("json", "wav"))
    assert len({values["source"] for values in whole.values() if isinstance(values, dict)}) == 10


@pytest.mark.parametrize(
    ("workers", "whom"), [("", "batch"), ("2", "batch"), pytest.param("2", "all", marks=pytest.mark.slow)]
)
def test_killed_again_and_again_it_ends_as_if_never_killed(workers, whom, recordings, whole, tmp_path):
    dice = random.Random(f"{workers} {whom}")
    output = tmp_path / "output"
    for _ in range(3):
        process = start(recordings, output, workers)
        if dice.random() < 0.8:
            process.stdout.readline()  # It has begun.
        time.sleep(dice.uniform(0, 0.4))
        if whom == "all":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.communicate()
    told = run(recordings, output, workers)
    assert len(told) == 10
    assert contents(output) == whole
    before = {path: path.stat().st_mtime_ns for path in output.glob("*.*")}
    assert run(recordings, output, workers) == told
    assert {path: path.stat().st_mtime_ns for path in output.glob("*.*")} == before, "nothing is done twice"


@pytest.mark.parametrize("is_late", [False, True])
def test_a_kill_between_any_two_steps_is_repaired(is_late, recordings, whole, tmp_path):
    """Every prefix of the journal ends in the same results, with what is on the disk soon or late after its line."""
    output, pipeline = tmp_path / "output", stand_in_pipeline()
    list(pipeline.convert_many([recordings], "happy", output=output))
    lines = (output / JOURNAL).read_bytes().splitlines(keepends=True)
    for cut in range(1, len(lines), 3):
        started, done = cut // 2, (cut - 1) // 2
        torn = lines[cut][: len(lines[cut]) // 2] if is_late else b""
        (output / JOURNAL).write_bytes(b"".join(lines[:cut]) + torn)
        complete = started if is_late else done
        for number in range(complete + 1, 11):
            (output / f"{number}.wav").unlink()
            (output / f"{number}.json").unlink()
        if started > done or is_late:
            (output / f".{started + (started == done)}.claim").write_text(JOURNAL)
        if started > complete:
            (output / f".{started}.0123456789ab.tmp.wav").write_bytes(b"half")
            (output / f"..{started}.0123456789ab.tmp.0123456789ab.tmp.wav").write_bytes(b"half")
        list(pipeline.convert_many([recordings], "happy", output=output))
        assert contents(output) == whole, cut


def test_restart_begins_anew_with_new_numbers(recordings, tmp_path):
    pipeline, output = stand_in_pipeline(), tmp_path / "output"

    def outputs(**how) -> list[str]:
        some = [recordings / "1.wav", recordings / "2.wav"]
        return [Path(found.output).name for found in pipeline.convert_many(some, "happy", output=output, **how)]

    assert outputs() == outputs() == ["1.wav", "2.wav"]
    assert outputs(restart=True) == outputs() == ["3.wav", "4.wav"]
    assert outputs(strength=0.5) == ["5.wav", "6.wav"], "other options are other work"
    (output / "3.wav").unlink()
    (output / "3.json").unlink()
    assert outputs() == ["3.wav", "4.wav"], "what somebody removed is made again"
    (output / "4.wav").write_bytes(b"")
    assert outputs() == ["3.wav", "7.wav"], "and what somebody emptied, beside what is left of it"


def test_a_link_that_leads_nowhere_stops_nothing(recordings, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "gone.wav").symlink_to("nowhere.wav")
    (folder / "here.wav").symlink_to(recordings / "0.wav")
    (result,) = stand_in_pipeline().convert_many([folder], "happy", output=tmp_path / "output")
    assert result.source == str(folder / "here.wav")


def test_another_voice_is_other_work_and_its_results_come_as_they_are_asked_for(recordings, tmp_path):
    taken = []

    def some():
        for number in range(3):
            taken.append(number)
            yield recordings / f"{number}.wav"

    pipeline, output = stand_in_pipeline(), tmp_path / "output"
    for voice, names in (("youngwoman", ["1.wav", "2.wav", "3.wav"]), ("youngman", ["4.wav", "5.wav", "6.wav"])):
        taken.clear()
        results = pipeline.convert_many(some(), "happy", voice, output=output)
        first = next(results)
        assert taken == [0]
        found = [first, *results]
        assert [(Path(each.output).name, each.voice) for each in found] == [(name, voice) for name in names]


def test_other_results_in_the_folder_keep_their_numbers(recordings, tmp_path):
    pipeline, output = stand_in_pipeline(), tmp_path / "output"
    results = pipeline.convert_many([recordings / f"{number}.wav" for number in range(4)], "happy", output=output)
    first = next(results)
    other = pipeline.convert(recordings / "8.wav", "sad", output=output)
    numbers = [Path(found.output).stem for found in (first, *results)]
    assert len({*numbers, Path(other.output).stem}) == 5
    assert not list(output.glob(".*.claim"))


def test_files_of_others_are_never_replaced(recordings, tmp_path):
    """Also where recordings and results lie in one folder and have the same endings."""
    theirs = {"1.flac": 1, "2.flac": 2, "7.flac": 3}
    for name, number in theirs.items():
        samples, rate = soundfile.read(tone(tmp_path / "tone.wav", number))
        soundfile.write(tmp_path / name, samples, rate)
    (tmp_path / "tone.wav").unlink()
    (tmp_path / "9.txt").write_text("mine")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    results = list(stand_in_pipeline().convert_many([tmp_path], "happy", output=tmp_path, sound="flac"))
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
    assert [Path(result.output).name for result in results] == ["10.flac", "11.flac", "12.flac"]
    more = list(stand_in_pipeline().convert_many([recordings], "sad", output=tmp_path, sound="flac"))
    assert not {Path(result.output).stem for result in more} & {"1", "2", "3", "4", "5", "7", "9"}


def test_an_ended_batch_whose_last_line_is_torn_stays_as_it_is(recordings, tmp_path):
    output = tmp_path / "output"
    told = [result.output for result in stand_in_pipeline().convert_many([recordings], "happy", output=output)]
    journal = (output / JOURNAL).read_bytes()
    last = len(journal.splitlines(keepends=True)[-1])
    for torn in range(1, last + 1):
        (output / JOURNAL).write_bytes(journal[:-torn])
        again = stand_in_pipeline().convert_many([recordings], "happy", output=output)
        assert [result.output for result in again] == told, torn
    assert len(list(output.glob("*.wav"))) == 10


def test_results_and_recordings_that_were_moved_have_the_names_of_today(recordings, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    shutil.copytree(recordings, tmp_path / "before")
    list(stand_in_pipeline().convert_many([tmp_path / "before"], "happy", output=here))
    here.rename(there)
    (tmp_path / "before").rename(tmp_path / "after")
    results = list(stand_in_pipeline().convert_many([tmp_path / "after"], "happy", output=there))
    assert all(Path(result.output).exists() and Path(result.source).exists() for result in results)
    assert len(list(there.glob("*.wav"))) == 10


@pytest.mark.parametrize("place", ["abc", "²", "0", "", "1/../2"])
def test_a_place_that_is_no_number_counts_as_none(place, recordings, tmp_path):
    one = [recordings / "1.wav"]
    list(stand_in_pipeline().convert_many(one, "happy", output=tmp_path))
    journal = (tmp_path / JOURNAL).read_text().replace('"place": "1"', f'"place": "{place}"')
    (tmp_path / JOURNAL).write_text(journal)
    (result,) = stand_in_pipeline().convert_many(one, "happy", output=tmp_path)
    assert Path(result.output).name == "2.wav"


@pytest.mark.parametrize("workers", ["", "2"])
def test_a_kill_leaves_nothing_in_the_temporary_folder(workers, recordings, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    process = start(recordings, tmp_path / "output", workers)
    process.stdout.readline()
    process.kill()
    process.communicate()
    run(recordings, tmp_path / "output", "2")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_results_come_as_they_are_asked_for(recordings, tmp_path):
    taken = []

    def paths():
        for number in range(6):
            taken.append(number)
            yield recordings / f"{number}.wav"

    results = stand_in_pipeline().convert_many(paths(), "happy", output=tmp_path)
    assert taken == []
    assert isinstance(next(results), Conversion)
    assert taken == [0]
    with pytest.raises(UsageError, match="Another batch"):
        next(stand_in_pipeline().convert_many(paths(), "happy", output=tmp_path))
    results.close()
    assert len(list(stand_in_pipeline().convert_many([recordings], "happy", output=tmp_path))) == 10


def test_one_path_is_one_source(recordings, tmp_path):
    for number, one in enumerate((recordings / "1.wav", str(recordings / "2.wav")), 1):
        (found,) = stand_in_pipeline().convert_many(one, "happy", output=tmp_path)
        assert Path(found.output).name == f"{number}.wav"


def test_a_folder_that_is_removed_meanwhile_ends_the_batch(recordings, tmp_path):
    results = stand_in_pipeline().convert_many([recordings], "happy", output=tmp_path / "output")
    next(results)
    shutil.rmtree(tmp_path / "output")
    with pytest.raises(OutputError, match="removed"):
        next(results)
    assert len(list(stand_in_pipeline().convert_many([recordings], "happy", output=tmp_path / "output"))) == 10


def test_a_bad_recording_is_reported_and_tried_again(recordings, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    some = [recordings / "1.wav", bad, tmp_path / "none.wav", recordings / "2.wav"]
    for _ in range(2):
        results = list(stand_in_pipeline().convert_many(some, "happy", output=tmp_path / "output"))
        assert [type(result) for result in results] == [Conversion, Failure, Failure, Conversion]
        assert [Path(result.output).name for result in results[::3]] == ["1.wav", "3.wav"]
    tone(bad, 40)
    results = list(stand_in_pipeline().convert_many(some, "happy", output=tmp_path / "output"))
    assert [type(result) for result in results] == [Conversion, Conversion, Failure, Conversion]


def test_a_worker_that_dies_or_hangs_is_replaced(tmp_path):
    folder = tmp_path / "recordings"
    for number, seconds in enumerate([1, 3, 1, 4, 1, 1]):
        tone(folder / f"{number}.wav", number, seconds)
    told = run(folder, tmp_path / "output", "2", 3)
    assert "signal 9" in told.pop(str(folder / "1.wav"))
    assert "took longer than 3 s" in told.pop(str(folder / "3.wav"))
    assert {Path(result).name for result in told.values()} == {"1.wav", "3.wav", "5.wav", "6.wav"}
    assert not [
        path for path in (tmp_path / "output").iterdir() if path.name.startswith(".") and path.name not in HIDDEN
    ]


def full_disk(folder: Path, kilobytes: int):
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")


def test_a_full_disk_ends_the_batch_and_space_lets_it_go_on(recordings, whole, tmp_path):
    disk = tmp_path / "disk"
    full_disk(disk, 96)
    try:
        pipeline = stand_in_pipeline()
        for kilobytes in (96, 112, 128, 160):
            subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(disk)], check=True)
            with pytest.raises(OutputError, match=r"full|[Nn]o space"):
                list(pipeline.convert_many([recordings], "happy", output=disk / "output"))
            assert all(name in whole for name in contents(disk / "output")), "nothing half-written"
        subprocess.run(["mount", "-o", "remount,size=4096k", str(disk)], check=True)
        list(pipeline.convert_many([recordings], "happy", output=disk / "output"))
        assert contents(disk / "output") == whole
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_journal_keeps_pieces_until_they_are_done(tmp_path):
    journal = Journal(tmp_path)
    for name in "ab":
        journal.start(name, f"{name}.wav", name)
        journal.keep(name, {"text": f"words of {name}"})
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"key": "a", "pie')
    journal._lock.release()  # The process is gone.
    again = Journal(tmp_path)
    assert [entry.pieces for entry in again.entries.values()] == [[{"text": "words of a"}], [{"text": "words of b"}]]
    again.finish("a")
    again.close()
    assert "words of a" not in (tmp_path / JOURNAL).read_text()
    assert "words of b" in (tmp_path / JOURNAL).read_text()


def test_a_last_line_that_is_torn_anywhere_counts_as_never_written(tmp_path):
    journal = Journal(tmp_path)
    journal.start("a", "a.wav", "1")
    journal.keep("a", {"text": "é"})
    before = (tmp_path / JOURNAL).read_bytes()
    journal.finish("a")
    journal.close()
    last = b'{"key": "a", "done": true}\n'
    for length in range(len(last) + 1):
        (tmp_path / JOURNAL).write_bytes(before + last[:length])
        again = Journal(tmp_path)
        is_whole = length >= len(last) - 1
        assert (again.entries["a"].done, len(again.entries["a"].pieces)) == (is_whole, 0 if is_whole else 1), length
        again.start("b", "b.wav", "2")
        again.close()
        assert not again.damaged
        assert b'"b.wav"' in (tmp_path / JOURNAL).read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"[1]\n",
        b'{"key": "a"',
        b'{"key": "a", "done": true}\n',
        b'{"key": "a", "source": "a.wav", "place": 1}\n',
        b"[" * 200_000,
    ],
)
def test_a_damaged_journal_begins_anew(content, tmp_path):
    (tmp_path / JOURNAL).write_bytes(content)
    journal = Journal(tmp_path)
    assert (journal.entries, journal.damaged) == ({}, content != b"")
    journal.start("a", "a.wav", "1")
    journal.close()
    assert list(Journal(tmp_path).entries) == ["a"]


def test_a_folder_that_takes_no_journal_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        Journal(tmp_path / "file" / "output")
    os.mkfifo(tmp_path / JOURNAL)
    with pytest.raises(OutputError, match="is no file"):
        Journal(tmp_path)


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path):
    (tmp_path / JOURNAL).write_text('{"journal": 99}\n')
    with pytest.raises(UsageError, match="newer version"):
        Journal(tmp_path)
