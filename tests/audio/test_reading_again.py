"""How long a recording says that it is, what is said where less can be read, and recordings that are read twice."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.audio import read_audio, rereadable, stated_seconds
from pipeline.core.errors import UnreadableAudio


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_a_recording_says_how_long_it_is(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"sound.{ending}"
    soundfile.write(path, 0.1 * np.sin(np.arange(48000) / 20), 16000)
    assert stated_seconds(path) == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("kind", ["flac", "mp3", "webm", "mkv"])
def test_less_than_it_says_is_told(kind: str, tone, encode, caplog) -> None:
    data = encode(tone(10.0), kind)
    read_audio(data)
    assert not caplog.messages
    read_audio(data[: len(data) // 2])
    (message,) = caplog.messages
    assert "states 10 seconds" in message
    assert "cut short" in message


@pytest.mark.parametrize("content", [None, b"", b"no sound"])
def test_what_does_not_say_is_no_error(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    if content is not None:
        path.write_bytes(content)
    assert stated_seconds(path) == 0.0


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_pipe_is_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(16000) / 20), 16000)
    for source in (path, str(path), path.read_bytes(), Pipe(path.read_bytes())):
        with rereadable(source) as again:
            assert [read_audio(again).duration for _ in range(2)] == [1.0, 1.0]
    with pytest.raises(UnreadableAudio, match="empty"), rereadable(Pipe()):
        pass
