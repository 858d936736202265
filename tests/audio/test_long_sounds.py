"""Sounds of any length take bounded memory, and are the same as in memory."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.audio import SoundInformation, loudness, to_loudness, write_sound
from pipeline.audio.long_sounds import GrowingSound, blocks, gathered
from pipeline.core.emotions import Mood
from pipeline.core.errors import OutputError
from pipeline.core.values import Audio, Speech
from pipeline.synthesis.utterances import Utterance, joined

RATE = 24_000
INFORMATION = SoundInformation("engine", "voice", "happy")
MIB = 1024**2


@pytest.fixture(autouse=True)
def files_for_five_seconds_and_more(monkeypatch):
    monkeypatch.setattr("pipeline.audio.long_sounds._IN_MEMORY", 5 * RATE)


def part(number: int) -> np.ndarray:
    time = np.arange(RATE) / RATE
    return (0.1 * np.sin(2 * np.pi * (100 + 10 * number) * time)).astype(np.float32)


@pytest.mark.parametrize("count", [0, 1, 3, 5, 6, 20])
def test_parts_of_any_number_are_one_sound(count) -> None:
    parts = [part(number) for number in range(count)]
    whole = gathered(iter(parts))
    assert whole.dtype == np.float32
    assert np.array_equal(whole, np.concatenate([np.zeros(0, np.float32), *parts]))
    assert np.array_equal(np.concatenate([np.zeros(0, np.float32), *blocks(whole, 10_001)]), whole)


def test_silence_stands_where_it_was_put() -> None:
    sound = GrowingSound()
    for number in range(20):
        sound.add(part(number))
        sound.add_silence(RATE)
        sound.add_silence(-5)
    samples = sound.samples().reshape(20, 2, RATE)
    assert np.array_equal(samples[:, 0], [part(number) for number in range(20)])
    assert not samples[:, 1].any()


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "opus"])
def test_a_file_is_the_same_from_a_temporary_file_as_from_memory(ending, tmp_path) -> None:
    mapped = gathered(part(number) for number in range(15))
    sound, same = Audio(mapped, RATE), Audio(np.array(mapped), RATE)
    assert loudness(sound) == pytest.approx(loudness(same), abs=1e-9)
    write_sound(tmp_path / f"a.{ending}", to_loudness(sound), information=INFORMATION)
    write_sound(tmp_path / f"b.{ending}", to_loudness(same), information=INFORMATION)
    (first, rate), (second, _) = (soundfile.read(tmp_path / f"{name}.{ending}") for name in "ab")
    assert np.array_equal(first, second)
    assert len(first) / rate == pytest.approx(15, abs=0.1)


def test_memory_does_not_grow_with_the_speech(tmp_path) -> None:
    """Five minutes, 27 MiB of samples, and ten hours of silence before the last second."""
    samples = part(0)

    def said():
        for number in range(300):
            start = number + (36_000.0 if number == 299 else 0.0)
            yield (
                Utterance("Well.", Mood("happy"), "youngwoman", start, start + 1),
                Speech(Audio(samples.copy(), RATE), "Well.", "happy", "youngwoman", "engine"),
            )

    tracemalloc.start()
    rendition = joined(said())
    louder = to_loudness(Audio(rendition.audio.samples[: 299 * RATE], RATE))
    write_sound(tmp_path / "long.wav", louder, information=INFORMATION)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rendition.audio.duration == pytest.approx(36_300)
    assert soundfile.info(tmp_path / "long.wav").duration == pytest.approx(299)
    assert peak < 12 * MIB


def test_a_full_temporary_folder_is_told(monkeypatch) -> None:
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(OutputError, match="temporary folder") as told:
        gathered(part(number) for number in range(9))
    assert "TMPDIR" in told.value.hint


def test_nothing_is_left_behind(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    samples = gathered(part(number) for number in range(9))
    assert samples.any()
    assert list(Path(tmp_path).iterdir()) == []
