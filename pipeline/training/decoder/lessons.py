"""What the decoder learns from: sentences that Kokoro says, with F0 and durations moved as acting moves them.

Each sentence is a file of its own, so that an interrupted preparation goes on where it was, and so that learning can
begin before all of them are said.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.errors import WeightsMissing
from pipeline.core.files import atomic
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples
from pipeline.frontend.english.reading import ReadWord
from pipeline.synthesis.kokoro.phonemes import english_symbols
from pipeline.synthesis.kokoro.source import UNVOICED
from pipeline.training.decoder.settings import DecoderSettings
from pipeline.training.read_sentences import chosen_sentences

__all__ = ["Lesson", "Teacher", "prepare", "read_lesson"]

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and of how much."""

_INNER: Final = "/decoder/decoder/decode.3/Div_4_output_0"
"""Tensor of Kokoro's decoder, (1, 512, frames): what it makes of text, F0 and energy before it makes sound."""
_PROSODY: Final = "/encoder/MatMul_output_0"
"""Tensor of what the melody is made from, (1, 640, frames of 25 ms)."""
_TEXT: Final = "/encoder/MatMul_1_output_0"
"""Tensor of the text's features, (1, 512, frames of 25 ms)."""
_F0: Final = "/encoder/Squeeze_output_0"
"""Tensor of F0 in Hz, (1, frames of 12.5 ms)."""
_ENERGY: Final = "/encoder/Squeeze_1_output_0"
"""Tensor of the energy, (1, frames of 12.5 ms)."""
_STYLES: Final = (510, 256)
"""Of a voice: a style for each number of symbols."""
_TIMBRE: Final = 128
"""Numbers of a style that the decoder gets; the rest is prosody."""

_LEVEL: Final = (0.62, 1.75)
"""Ratio that F0 is moved by: above, the teacher's voice loses its period."""
_RANGE: Final = (0.5, 1.6)
"""Power of the ratio of F0 to its median: a flat voice to a lively one."""
_HIGHEST_RATIO: Final = 2.1
"""Of F0 to its median: above it the teacher is no teacher."""
_EDGE: Final = 0.45
"""Ratio of F0 to its median below which a frame is on its way to or from no voice."""
_TEMPO: Final = (0.75, 1.35)
"""Ratio that durations are moved by."""
_UNEVEN: Final = 0.12
"""Deviation of the logarithm of each symbol's duration, beside the tempo."""
_EFFORT: Final = (-1.5, 1.0)
"""What is added to the energy, in the teacher's own unit."""
_EFFORT_SHARE: Final = 0.3
"""Share of moved sentences whose energy is moved too."""
_FULL_SCALE: Final = 16_000
"""Of 16 bits: the teacher is louder than 1 at times."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """One sentence as the teacher says it."""

    text: Samples
    """Features of the text, float32 (symbols, 512)."""
    durations: np.ndarray[tuple[int], np.dtype[np.int64]]
    """Frames of 12.5 ms of each symbol, (symbols,)."""
    f0: Samples
    """Hertz, (frames,)."""
    energy: Samples
    """In the teacher's own unit, (frames,)."""
    timbre: Samples
    """Style of the voice, (128,)."""
    inner: Samples
    """What the teacher's decoder knows before it makes sound, float16 (frames, 512)."""
    sound: Samples
    """At 24 kHz, (300 x frames,)."""


class Teacher:
    """Kokoro in its three parts.

    Args:
        folder: `a1.onnx`, `a2.onnx`, `b.onnx`, `vocab.json` and `voices/`.
        threads: Computing threads.

    Raises:
        WeightsMissing: A file is missing.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        import onnx

        for name in ("a1.onnx", "a2.onnx", "b.onnx", "vocab.json"):
            if not (folder / name).is_file():
                raise WeightsMissing(f"{folder / name} is missing.", hint="Run python detect.py models pull kokoro.")
        self._folder = folder
        self._durations = open_graph(folder / "a1.onnx", threads=threads)
        self._melody = open_graph(folder / "a2.onnx", threads=threads)
        decoder = onnx.load(str(folder / "b.onnx"))
        decoder.graph.output.append(onnx.helper.make_tensor_value_info(_INNER, onnx.TensorProto.FLOAT, None))
        self._decoder = open_graph(decoder.SerializeToString(), threads=threads)
        self._numbers: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]

    def say(self, words: list[ReadWord], end: str, voice: str, chance: random.Random | None = None) -> Lesson:
        """Say a sentence.

        Args:
            words: As they are read.
            end: The mark that ends the sentence: `.`, `!` or `?`.
            voice: A voice of Kokoro.
            chance: What F0 and durations are moved by; as the teacher says it by default.
        """
        symbols, _ = english_symbols(words, end)
        tokens = np.array([[0, *(self._numbers[symbol] for symbol in symbols), 0]], np.int64)
        styles = np.fromfile(self._folder / "voices" / f"{voice}.bin", np.float32).reshape(_STYLES)
        style = styles[min(len(symbols), len(styles)) - 1][None]
        durations, prosody, text = self._durations.run(None, {"tokens": tokens, "style": style})
        lengths = np.ravel(durations).astype(np.float64)
        if chance:
            lengths *= math.exp(chance.uniform(*np.log(_TEMPO)))
            lengths *= np.exp([chance.gauss(0, _UNEVEN) for _ in lengths])
        frames = np.maximum(np.round(lengths), 1).astype(np.int64)
        aligned = np.ascontiguousarray(np.repeat(prosody[0], frames, axis=0).T[None])
        f0, energy = (np.asarray(each[0]) for each in self._melody.run(None, {_PROSODY: aligned, "style": style}))
        if chance:
            f0 = _moved(f0, chance)
            if chance.random() < _EFFORT_SHARE:
                energy = (energy + chance.uniform(*_EFFORT)).astype(np.float32)
        repeated = np.ascontiguousarray(np.repeat(text, frames, axis=2))
        sound, inner = self._decoder.run(None, {_TEXT: repeated, _F0: f0[None], _ENERGY: energy[None], "style": style})
        return Lesson(
            np.ascontiguousarray(text[0].T), 2 * frames, f0, energy, style[0, :_TIMBRE], inner[0].T, np.ravel(sound)
        )


def prepare(
    settings: DecoderSettings, texts: Path, teacher: Path, folder: Path, *, threads: int, progress: Progress
) -> list[Path]:
    """Have sentences said; what is in the folder already is not said again.

    Args:
        settings: How many sentences, in which voices, and how many of them are moved.
        texts: A file with a text on every line, up to the first tab.
        teacher: Folder of Kokoro's parts.
        folder: Where the lessons are kept; made for these settings alone.
        threads: Computing threads.
        progress: Told the step, how many sentences are done, and of how many.

    Raises:
        UsageError: The texts cannot be read, or are too few.
        WeightsMissing: Kokoro is missing.
    """
    sentences = chosen_sentences(texts, settings.sentences, settings.seed)
    paths = [folder / f"lesson-{number:05}.npz" for number in range(len(sentences))]
    if all(path.exists() for path in paths):
        return paths
    kokoro = Teacher(teacher, threads=threads)
    for number, (path, sentence) in enumerate(zip(paths, sentences, strict=True)):
        progress("saying", number, len(paths))
        if not path.exists():
            chance = random.Random(f"{settings.seed} {number}")  # noqa: S311
            voice = chance.choices([*settings.voices], [*settings.voices.values()])[0]
            moved = chance.random() < settings.moved
            end = sentence.text[-1] if sentence.text[-1] in "?!" else "."
            _write_lesson(path, kokoro.say(sentence.words, end, voice, chance if moved else None))
    progress("saying", len(paths), len(paths))
    return paths


def _write_lesson(path: Path, lesson: Lesson) -> None:
    sound = np.round(np.clip(lesson.sound, -2, 2) * _FULL_SCALE).astype(np.int16)
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            text=lesson.text.astype(np.float16),
            durations=lesson.durations.astype(np.int16),
            f0=lesson.f0,
            energy=lesson.energy,
            timbre=lesson.timbre,
            inner=lesson.inner.astype(np.float16),
            sound=sound,
        )


def read_lesson(path: Path) -> Lesson:
    """Read a lesson that `prepare` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        return Lesson(
            archive["text"].astype(np.float32),
            archive["durations"].astype(np.int64),
            archive["f0"],
            archive["energy"],
            archive["timbre"],
            archive["inner"],
            archive["sound"].astype(np.float32) / _FULL_SCALE,
        )


def _moved(f0: Samples, chance: random.Random) -> Samples:
    """Return F0 with another level and range."""
    voiced = f0[f0 > UNVOICED]
    if not len(voiced):
        return f0
    median = float(np.median(voiced))
    ratio = np.maximum(f0, UNVOICED) / median
    # Values between no voice and a voice are passed through at its edges: they are moved by the level alone.
    power = np.where(ratio > _EDGE, chance.uniform(*_RANGE), 1.0)
    level = math.exp(chance.uniform(*np.log(_LEVEL)))
    moved = median * np.minimum(ratio**power * level, _HIGHEST_RATIO)
    return np.where(f0 > UNVOICED, np.maximum(moved, UNVOICED + 1), f0).astype(np.float32)
