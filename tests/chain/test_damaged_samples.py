"""Damaged samples, an offset and the level of a recording change neither the answer nor how sure it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline import VoicePipeline
from pipeline.chain.engines import Engines
from pipeline.core.errors import NoSpeech, UnreadableAudio
from pipeline.core.settings import Settings
from pipeline.core.values import Audio

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"
WORDS = "I never thought that I would see you again."
DAMAGE = "no sound, such as NaN"

Change = Callable[[np.ndarray], np.ndarray]


def holed(value: float, count: int) -> Change:
    """Put a value at places that lie far from each other."""

    def change(samples: np.ndarray) -> np.ndarray:
        samples[np.linspace(1000, len(samples) - 1000, count).astype(int)] = value
        return samples

    return change


SAME: list[tuple[str, Change, str]] = [
    *((f"{value} x {count}", holed(value, count), DAMAGE) for value in (np.nan, -np.inf, 1e20, 1e3, -50)
      for count in (1, 100)),
    *((f"gain {gain}", lambda samples, gain=gain: samples * np.float32(gain), "") for gain in (1e-3, 1e-5, 1e-8)),
    *((f"offset {offset}", lambda samples, offset=offset: samples + np.float32(offset), "")
      for offset in (0.45, -0.95, 2)),
    ("quiet with an offset", lambda samples: samples * np.float32(0.3) + np.float32(0.5), ""),
    ("samples as integers", lambda samples: samples * np.float32(32768), ""),
]  # fmt: skip

IN_MEMORY = ("nan x 1", "nan x 100", "1000.0 x 100", "offset 2", "gain 1e-08")
"""Cases that are tried with sound in memory as well."""

SILENT: list[tuple[str, Change]] = [
    ("zeros", np.zeros_like),
    ("dither", lambda samples: np.random.default_rng(0).normal(0, 1 / 32768, len(samples)).astype(np.float32)),
    ("an offset alone", lambda samples: np.full_like(samples, 0.5)),
    ("an offset and dither", lambda samples: np.float32(0.5) + SILENT[1][1](samples)),
    ("a faint hum", lambda samples: (1e-5 * np.sin(np.arange(len(samples)) / 40)).astype(np.float32)),
]


@pytest.fixture(scope="module")
def pipeline() -> VoicePipeline:
    settings = Settings(threads=1)
    return VoicePipeline(settings, engines=Engines(settings))


@pytest.fixture(scope="module")
def plain(pipeline: VoicePipeline):
    return pipeline.recognise(EXAMPLE)


@pytest.mark.parametrize(
    ("change", "note", "in_memory"),
    [(*case[1:], in_memory) for case in SAME for in_memory in (False, True)[: 1 + (case[0] in IN_MEMORY)]],
    ids=[f"{case[0]}{' in memory' * number}" for case in SAME for number in range(1 + (case[0] in IN_MEMORY))],
)
def test_the_answer_stays(pipeline, plain, change: Change, note: str, in_memory: bool, tmp_path) -> None:
    source = changed(change, in_memory, tmp_path)
    found = pipeline.recognise(source)
    assert found.scores.probabilities == pytest.approx(plain.scores.probabilities, abs=0.01)
    assert found.unsure == plain.unsure
    assert [note in each for each in found.notes] == ([True] if note else [])
    assert found.scores.warnings == plain.scores.warnings
    if not in_memory:
        heard = pipeline.transcribe(source)
        assert heard.text == WORDS
        assert [note in each for each in heard.notes] == ([True] if note else [])


@pytest.mark.parametrize("change", [case[1] for case in SILENT], ids=[case[0] for case in SILENT])
def test_silence_is_silence_for_all(pipeline, change: Change, tmp_path) -> None:
    source = changed(change, False, tmp_path)
    with pytest.raises(NoSpeech, match="only silence"):
        pipeline.recognise(source)
    assert [note.startswith("Nothing was heard") for note in pipeline.transcribe(source).notes] == [True]


@pytest.mark.parametrize("in_memory", [False, True], ids=["file", "memory"])
def test_what_is_damaged_too_much_is_refused(pipeline, in_memory: bool, tmp_path) -> None:
    source = changed(lambda samples: np.where(np.arange(len(samples)) % 5 == 0, np.nan, samples), in_memory, tmp_path)
    for heard in (pipeline.recognise, pipeline.transcribe):
        with pytest.raises(UnreadableAudio, match="20% of its samples"):
            heard(source)


def changed(change: Change, in_memory: bool, folder: Path) -> Audio | Path:
    samples, rate = soundfile.read(EXAMPLE, dtype="float32")
    sound = change(samples).astype(np.float32)
    if in_memory:
        return Audio(sound, rate)
    path = folder / "changed.wav"
    soundfile.write(path, sound, rate, subtype="FLOAT")
    return path
