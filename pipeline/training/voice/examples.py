"""What the student learns from: sentences chosen from a corpus of texts, read by the teacher, taken apart by WORLD.

The examples are kept in parts, so that an interrupted preparation goes on where it was.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import resampled
from pipeline.core.errors import UsageError
from pipeline.core.files import atomic, named_if_damaged
from pipeline.core.messages import reason
from pipeline.core.values import Samples
from pipeline.frontend.english.lexicon import look_up
from pipeline.frontend.english.reading import ReadWord, read_sentence
from pipeline.frontend.sentences import split_sentences
from pipeline.synthesis.embedded.features import COEFFICIENTS, FRAME, SAMPLE_RATE
from pipeline.synthesis.embedded.script import written
from pipeline.training.voice.features import encode
from pipeline.training.voice.teacher import Lesson, lessons

__all__ = ["Example", "chosen_sentences", "prepared"]

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and of how much."""

_PART: Final = 200
"""Sentences of a part: some minutes of the teacher's reading are lost at most when a run ends early."""
_FEWEST_WORDS: Final = 2
"""Words of the shortest sentence: one alone is spoken like no other."""
_MOST_WORDS: Final = 24
"""Words of the longest sentence, so that batches are of one size."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9 ,.;:!?'$%-]+")
"""What the teacher reads without guessing."""


@dataclass(frozen=True, eq=False)
class Example:
    """One sentence to learn from."""

    phones: NDArray[np.int64]
    """As in `Script`, (phones,)."""
    context: Samples
    """As in `Script`, (phones, 14)."""
    durations: NDArray[np.int64]
    """Frames of each phone, (phones,)."""
    target: Samples
    """float32 (frames, 52): mel-cepstrum, logarithm of F0, voicing (0 or 1)."""


def chosen_sentences(texts: Path, count: int, seed: int) -> list[list[ReadWord]]:
    """Choose sentences that the teacher can read without guessing.

    A sentence is taken if it is plain English of 2 to 24 words that the lexicon has, and no other like it was taken.

    Args:
        texts: A file with a text on every line, up to the first tab.
        count: How many sentences are wanted.
        seed: Of the choice.

    Raises:
        UsageError: The file cannot be read, or holds too few such sentences.
    """
    try:
        lines = texts.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The texts in {texts} cannot be read: {reason(error)}.") from error
    random.Random(seed).shuffle(lines)  # noqa: S311
    chosen = list(islice(_sentences(lines), count))
    if len(chosen) < count:
        raise UsageError(f"{texts} holds {len(chosen)} sentences that can be read aloud, and {count} are wanted.")
    return chosen


def prepared(sentences: list[list[ReadWord]], folder: Path, progress: Progress) -> list[Example]:
    """Have the sentences read and take them apart; what is in the folder already is not done again.

    Args:
        sentences: What the teacher reads.
        folder: Where the parts are kept; made for these sentences alone.
        progress: Told the step, how many sentences are done, and of how many.

    Raises:
        EngineMissing: Festival or its voice is not installed.
    """
    examples: list[Example] = []
    for first in range(0, len(sentences), _PART):
        progress("reading", first, len(sentences))
        path = folder / f"examples-{first:05}.npz"
        if not path.exists():
            part = [_example(lesson) for lesson in lessons(sentences[first : first + _PART])]
            with atomic(path) as temporary, temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, **_packed(part))
        with named_if_damaged(path), np.load(path, allow_pickle=False) as archive:
            examples += _unpacked({name: archive[name] for name in archive.files})
    progress("reading", len(sentences), len(sentences))
    return examples


def _sentences(lines: list[str]) -> Iterator[list[ReadWord]]:
    seen = set()
    for line in lines:
        for text in split_sentences(line.partition("\t")[0].replace("’", "'")):
            words = re.findall(r"[A-Za-z']+", text)
            if (
                text.lower() in seen
                or not _PLAIN.fullmatch(text)
                or not _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS
                or any(len(word) > 1 and word.isupper() for word in words)
                or not all(look_up(word.strip("'").lower()) for word in words)
            ):
                continue
            seen.add(text.lower())
            read = read_sentence(text)
            if _FEWEST_WORDS <= len(read) <= 2 * _MOST_WORDS:
                yield read


def _example(lesson: Lesson) -> Example:
    words, audio, ends = lesson
    script = written(words)
    cepstrum, log_f0, voiced = encode(resampled(audio, SAMPLE_RATE))
    edges = np.minimum(np.round(ends / FRAME).astype(np.int64), len(log_f0))
    target = np.concatenate([cepstrum, log_f0[:, None], voiced[:, None]], axis=1)[: edges[-1]]
    return Example(script.phones, script.context, np.diff(edges, prepend=0), target.astype(np.float32))


def _packed(examples: list[Example]) -> dict[str, NDArray[np.generic]]:
    return {
        "phone_counts": np.array([len(example.phones) for example in examples]),
        "frame_counts": np.array([len(example.target) for example in examples]),
        "phones": np.concatenate([example.phones for example in examples]).astype(np.int16),
        "context": np.concatenate([example.context for example in examples]).astype(np.float16),
        "durations": np.concatenate([example.durations for example in examples]).astype(np.int16),
        "cepstrum": np.concatenate([example.target[:, :COEFFICIENTS] for example in examples]).astype(np.float16),
        "melody": np.concatenate([example.target[:, COEFFICIENTS:] for example in examples]),
    }


def _unpacked(arrays: dict[str, NDArray[np.generic]]) -> list[Example]:
    phones = np.cumsum(arrays["phone_counts"])[:-1]
    frames = np.cumsum(arrays["frame_counts"])[:-1]
    target = np.concatenate([arrays["cepstrum"].astype(np.float32), arrays["melody"].astype(np.float32)], axis=1)
    return [
        Example(*parts)
        for parts in zip(
            np.split(arrays["phones"].astype(np.int64), phones),
            np.split(arrays["context"].astype(np.float32), phones),
            np.split(arrays["durations"].astype(np.int64), phones),
            np.split(target, frames),
            strict=True,
        )
    ]
