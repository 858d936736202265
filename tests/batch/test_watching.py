"""Recordings that arrive in a folder are taken when they are complete."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from small_batch import stand_in, tone

from pipeline.audio import SoundInformation, write_sound
from pipeline.batch import watching
from pipeline.batch.watching import arriving, check_watching
from pipeline.cli import main
from pipeline.core.errors import UsageError
from pipeline.core.values import Audio

pytest.importorskip("watchfiles")


def test_complete_recordings_come_and_others_wait(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("folder")
    tone(folder / "old.wav", 1)
    (folder / "notes.txt").write_text("no recording")
    recording = tone(tmp_path / "other.wav", 2)
    found = arriving(["folder"], settled=0.8)

    def following(seconds: float) -> list[str]:
        end, names = time.monotonic() + seconds, []
        while time.monotonic() < end:
            if (name := next(found)) is not None:
                names.append(name)
        return names

    def until_there(count: int) -> list[str]:
        names: list[str] = []
        end = time.monotonic() + 30
        while len(names) < count and time.monotonic() < end:
            names += following(0.1)
        return names

    assert until_there(1) == ["folder/old.wav"]
    content = recording.read_bytes()
    with (folder / "growing.wav").open("wb") as file:
        shutil.copy(recording, folder / "sub.wav")
        write_sound(folder / "ours.wav", _sound(),
                    information=SoundInformation("embedded", "youngwoman", "happy"))  # fmt: skip
        (folder / ".hidden.wav").write_bytes(content)
        names = []
        for part in range(6):
            file.write(content[part * len(content) // 6 : (part + 1) * len(content) // 6])
            file.flush()
            names += following(0.35)
        assert "folder/growing.wav" not in names, "it was still being written"
    assert sorted(names + until_there(2 - len(names))) == ["folder/growing.wav", "folder/sub.wav"]
    (folder / "new").mkdir()
    shutil.move(recording, folder / "new" / "moved.wav")
    assert until_there(1) == ["folder/new/moved.wav"]
    assert following(1.2) == []


def _sound() -> Audio:
    return Audio(np.full(8000, 0.01, np.float32), 16000)


def test_texts_of_what_arrives_have_names_of_their_own(tmp_path, monkeypatch):
    """Two of one name, one that changes, and one that an earlier run has done."""
    paths = [tone(tmp_path / "in" / name, number) for number, name in enumerate(["a/talk.wav", "b/talk.wav", "c.wav"])]
    stand_in(monkeypatch.setattr)

    def names(verb: list[str], *arrivals: Path) -> list[str]:
        monkeypatch.setattr(watching, "arriving", lambda _: (path and str(path) for path in arrivals))
        with pytest.raises(SystemExit) as left:
            main([*verb, str(tmp_path / "in"), "--watch", "--quiet"])
        assert left.value.code in (0, None)
        return sorted(path.name for path in (tmp_path / "out").glob("[!.]*"))

    transcribe = ["transcribe", "-f", "txt", "-o", str(tmp_path / "out")]
    assert names(transcribe, paths[0], None, paths[1]) == ["talk-2.txt", "talk.txt"]
    second = (tmp_path / "out" / "talk-2.txt").read_text()
    assert names(transcribe, paths[1], paths[2], None, paths[0]) == ["c.txt", "talk-2.txt", "talk.txt"]
    assert (tmp_path / "out" / "talk-2.txt").read_text() == second
    tone(paths[0], 9)
    assert len(names(transcribe, paths[0])) == 4
    names(["recognize", "--report", str(tmp_path / "out" / "r.json")], paths[0], None, paths[1])
    told = json.loads((tmp_path / "out" / "r.json").read_text())
    assert (told["done"], told["failed"]) == (2, 0)


def test_only_folders_are_watched(tmp_path):
    recording = tone(tmp_path / "a.wav", 1)
    with pytest.raises(UsageError, match="no folder to watch"):
        check_watching([str(recording)])
