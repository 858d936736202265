"""What the decoder learns from: sentences that Kokoro says, with F0 and durations moved as acting moves them.

Each sentence is a file of its own, so that an interrupted preparation goes on where it was, and so that learning can
begin before all of them are said.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.files import atomic, named_if_damaged
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples
from pipeline.synthesis.kokoro.english import EnglishReader
from pipeline.synthesis.kokoro.parts import (
    ALIGNED_TEXT,
    DECODER,
    ENERGY,
    F0,
    STEPS,
    Frames,
    Intended,
    Parts,
    whole_frames,
)
from pipeline.synthesis.kokoro.source import UNVOICED
from pipeline.synthesis.kokoro.symbols import token_ids
from pipeline.synthesis.kokoro.voices import HALF, Styles, find_voice
from pipeline.synthesis.sentences import Sentence, sentences
from pipeline.training.decoder.settings import DecoderSettings
from pipeline.training.runs import Progress

__all__ = ["HALFWAY", "Lesson", "Teacher", "prepare", "read_lesson"]

HALFWAY: Final = "/decoder/decoder/decode.3/Div_4_output_0"
"""Tensor of Kokoro's decoder, (1, 512, frames): what it makes of text, F0 and energy before it makes sound."""
_LEVEL: Final = (0.62, 1.75)
"""Ratio that F0 is moved by: above, the teacher's voice loses its period."""
_GIRLS_LEVEL: Final = (1.2, 1.75)
"""Ratio that F0 is moved by where a woman says a sentence as high as a girl."""
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

    intended: Intended
    """What the decoder is told; nothing is said of `voiced`."""
    inner: Samples
    """What the teacher's decoder knows before it makes sound, float16 (2 x frames, 512)."""
    sound: Samples
    """At 24 kHz, (600 x frames,)."""


class Teacher:
    """Kokoro, with what its decoder knows halfway.

    Args:
        folder: Its three parts, and the voices in `voices`.
        threads: Computing threads.

    Raises:
        WeightsMissing: A part is not there.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        import onnx

        self._parts = Parts(folder)
        self._styles = Styles(folder / "voices")
        self._reader = EnglishReader()
        decoder = onnx.load(folder / DECODER)
        decoder.graph.output.append(onnx.helper.make_tensor_value_info(HALFWAY, onnx.TensorProto.FLOAT, None))
        self._decoder = open_graph(decoder.SerializeToString(), threads=threads)

    def say(
        self, sentence: Sentence, voice: str, chance: random.Random | None = None, level: tuple[float, float] = _LEVEL
    ) -> Lesson:
        """Say a sentence.

        Args:
            sentence: What to say.
            voice: A voice of Kokoro.
            chance: What F0 and durations are moved by; as the teacher says it by default.
            level: Ratios between which F0 is moved.
        """
        symbols = self._reader.read(sentence).symbols
        style = self._styles.style(find_voice(voice), len(symbols))
        encoded = self._parts.encode(token_ids(symbols), style)
        lengths = encoded.durations.copy()
        if chance:
            lengths *= math.exp(chance.uniform(*np.log(_TEMPO)))
            lengths *= np.exp([chance.gauss(0, _UNEVEN) for _ in lengths]).astype(np.float32)
        frames = whole_frames(lengths)
        f0, energy = self._parts.contours(encoded, frames, style)
        if chance:
            f0 = _moved(f0, chance, level)
            if chance.random() < _EFFORT_SHARE:
                energy = (energy + chance.uniform(*_EFFORT)).astype(np.float32)
        given = {
            ALIGNED_TEXT: np.repeat(encoded.text, frames, axis=1)[None],
            F0: f0[None],
            ENERGY: energy[None],
            "style": style,
        }
        sound, inner = self._decoder.run(["audio", HALFWAY], given)
        return Lesson(_intended(encoded.text, frames, f0, energy, style[:, :HALF]), inner[0].T, np.ravel(sound))


def _intended(text: Samples, frames: Frames, f0: Samples, energy: Samples, style: Samples) -> Intended:
    return Intended(text, frames, f0, energy, style, np.zeros(len(f0), np.bool_))


def prepare(
    settings: DecoderSettings, texts: Sequence[str], teacher: Path, run: Path, *, threads: int, progress: Progress
) -> list[Path]:
    """Have sentences said; what is in the folder already is not said again.

    Args:
        settings: Which voices say them, and how many are moved.
        texts: The sentences.
        teacher: Folder of Kokoro's parts.
        run: Where the lessons are kept; made for these sentences alone.
        threads: Computing threads.
        progress: Told how many sentences are said.

    Raises:
        WeightsMissing: Kokoro is missing.
    """
    paths = [run / f"lesson-{number:05}.npz" for number in range(len(texts))]
    if all(path.exists() for path in paths):
        return paths
    kokoro = Teacher(teacher, threads=threads)
    for number, (path, text) in enumerate(zip(paths, texts, strict=True)):
        progress("saying", number, len(paths), {})
        if not path.exists():
            chance = random.Random(f"{settings.seed} {number}")  # noqa: S311
            if number < settings.sentences:
                voice = chance.choices([*settings.voices], [*settings.voices.values()])[0]
                moved, level = chance.random() < settings.moved, _LEVEL
            else:
                voice, moved, level = next(iter(settings.voices)), True, _GIRLS_LEVEL
            _write_lesson(path, kokoro.say(next(sentences(text)), voice, chance if moved else None, level))
    progress("saying", len(paths), len(paths), {})
    return paths


def _write_lesson(path: Path, lesson: Lesson) -> None:
    intended = lesson.intended
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            text=intended.text.T.astype(np.float16),
            durations=(STEPS * intended.frames).astype(np.int16),
            f0=intended.f0,
            energy=intended.energy,
            timbre=intended.style[0],
            inner=lesson.inner.astype(np.float16),
            sound=np.round(np.clip(lesson.sound, -2, 2) * _FULL_SCALE).astype(np.int16),
        )


def read_lesson(path: Path) -> Lesson:
    """Read a lesson that `prepare` wrote."""
    with named_if_damaged(path), np.load(path, allow_pickle=False) as archive:
        frames = archive["durations"].astype(np.int64) // STEPS
        intended = _intended(
            archive["text"].T.astype(np.float32), frames, archive["f0"], archive["energy"], archive["timbre"][None]
        )
        return Lesson(intended, archive["inner"], archive["sound"].astype(np.float32) / _FULL_SCALE)


def _moved(f0: Samples, chance: random.Random, between: tuple[float, float]) -> Samples:
    """Return F0 with another level and range."""
    voiced = f0[f0 > UNVOICED]
    if not len(voiced):
        return f0
    median = float(np.median(voiced))
    ratio = np.maximum(f0, UNVOICED) / median
    # Values between no voice and a voice are passed through at its edges: they are moved by the level alone.
    power = np.where(ratio > _EDGE, chance.uniform(*_RANGE), 1.0)
    level = math.exp(chance.uniform(*np.log(between)))
    moved = median * np.minimum(ratio**power * level, _HIGHEST_RATIO)
    return np.where(f0 > UNVOICED, np.maximum(moved, UNVOICED + 1), f0).astype(np.float32)
