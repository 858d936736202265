"""The teacher: Festival's HTS voice reads our own script, word by word, phone by phone, pause by pause.

So what the student learns from is exactly what it will be asked for: no difference of lexicon, numbers or phrasing
between the two front ends remains.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.errors import EngineMissing
from pipeline.core.values import Audio
from pipeline.frontend.english.reading import ReadWord
from pipeline.synthesis.embedded.script import written

__all__ = ["TEACHER", "Lesson", "lessons", "require_teacher"]

TEACHER: Final = "cmu_us_slt_arctic_hts"
"""Festival's name of the teacher's voice."""

_PREPARED: Final = Path(__file__).with_name("teacher.scm").read_text(encoding="ascii").replace("TEACHER", TEACHER)
"""Scheme that has the teacher say words with their phones, and prints the end of each."""

_STRENGTHS: Final = {"": "NB", "phrase": "B", "comma": "B", "end": "BB"}
"""What follows a word to Festival's strength of the break: none, short, long."""

Lesson = tuple[list[ReadWord], Audio, np.ndarray[tuple[int], np.dtype[np.float64]]]
"""Words, sound, and the end of every phone of their script in seconds."""


def require_teacher() -> str:
    """Return the program that reads.

    Raises:
        EngineMissing: It is not installed.
    """
    program = shutil.which("festival")
    if program is None:
        raise EngineMissing("festival is not installed.", hint="Run apt-get install festival festvox-us-slt-hts.")
    return program


def lessons(sentences: Sequence[list[ReadWord]]) -> Iterator[Lesson]:
    """Have the teacher say sentences.

    Args:
        sentences: Words of each sentence; none may be empty.

    Yields:
        Lessons in the same order; a sentence that the teacher does not read by the script is left out.

    Raises:
        EngineMissing: Festival or its voice is not installed, or ended early.
    """
    import soundfile

    program = require_teacher()
    with tempfile.TemporaryDirectory(prefix="resay-teacher-") as folder:
        forms = Path(folder, "lessons.scm")
        waves = [Path(folder, f"{number}.wav") for number in range(len(sentences))]
        text = "\n".join(_form(words, wave) for words, wave in zip(sentences, waves, strict=True))
        forms.write_text(f"{_PREPARED}\n{text}\n", encoding="ascii")
        with subprocess.Popen(  # noqa: S603
            [program, "--batch", str(forms)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            if process.stdout is None:
                raise AssertionError("stdout is a pipe")
            segments: list[tuple[str, float]] = []
            number = 0
            for line in process.stdout:
                if line != "done\n":
                    name, end = line.split()
                    segments.append((name, float(end)))
                    continue
                words, wave = sentences[number], waves[number]
                if [name for name, _ in segments] == written(words).names:
                    samples, sample_rate = soundfile.read(wave, dtype="float32")
                    yield words, Audio(samples, sample_rate), np.array([end for _, end in segments])
                wave.unlink()
                segments, number = [], number + 1
        if number < len(sentences):
            raise EngineMissing(f"Festival ended after {number} of {len(sentences)} sentences.")


def _form(words: list[ReadWord], wave: Path) -> str:
    """Return the call that has a sentence spoken; words are letters and apostrophes, which no reader takes for code."""
    pronunciations = " ".join(f"({' '.join(map(_phone, word.phonemes))})" for word in words)
    items = " ".join(f'("{word.text}" ((script_break {_STRENGTHS[word.followed_by]})))' for word in words)
    return f"(teach '({pronunciations}) '({items}) \"{wave}\")"


def _phone(phoneme: str) -> str:
    name = phoneme.rstrip("012").lower()
    if not phoneme[-1].isdigit():
        return name
    stressed = phoneme[-1] != "0"
    return "ax0" if phoneme == "AH0" else f"{name}{int(stressed)}"
