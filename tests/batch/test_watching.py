"""Recordings that arrive in a folder are taken when they are complete."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from small_batch import tone

from pipeline.audio import SoundInformation, write_sound
from pipeline.batch.watching import arriving, check_watching
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


def test_only_folders_are_watched(tmp_path):
    recording = tone(tmp_path / "a.wav", 1)
    with pytest.raises(UsageError, match="no folder to watch"):
        check_watching([str(recording)])
