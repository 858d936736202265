"""Engines of transcription beside each other: words wrong on every set, and what they cost.

    python benchmarks/transcribers.py            # moonshine, whisper:base, accurate
    python benchmarks/transcribers.py --asr moonshine whisper:small
    python benchmarks/transcribers.py --asr whisper:base --sets aishell3

All engines hear the same clips, segmented as in the product. English sets are heard as English.
AISHELL-3 (Mandarin) is heard with the language to be found out, for engines that can: there a word is a character,
in simplified characters, and numbers in figures are read as words.
RAVDESS is a random choice of clips by seed; TESS ("Say the word …") too.
"""

from __future__ import annotations

import collections
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import common
from transcription import acted

from pipeline.audio import read_audio
from pipeline.core.errors import EngineMissing
from pipeline.transcription import TRANSCRIBERS
from pipeline.transcription.language import language_note
from pipeline.transcription.scoring import word_errors

ENGINES = ("moonshine", "whisper:base", "accurate")
SETS = ("librispeech_test_other", "ljspeech", "ravdess", "tess", "aishell3")
MANDARIN = "aishell3"


def clips_of(name: str, data: Path, count: int, seed: int) -> list[tuple[Path, str]]:
    """Return the clips of a set with their texts; `count` of the acted ones."""
    if name == "ravdess":
        return [(path, text) for path, text, _ in acted(data / name, count, seed)]
    clips = [(clip.path, clip.text) for clip in common.listed(data / name)]
    return random.Random(seed).sample(clips, count) if name == "tess" and count else clips


def measure(engine: object, clips: Sequence[tuple[Path, str]]) -> dict[str, object]:
    """Return the figures of an engine on a set."""
    errors, clock = common.Errors(), common.Clock()
    warned = 0
    languages: collections.Counter[str] = collections.Counter()
    texts_of: collections.Counter[str] = collections.Counter()
    for path, text in clips:
        audio = read_audio(path)
        with clock.of(audio.duration):
            segments = common.heard(engine, audio)
        errors.add(word_errors(text, " ".join(segment.text for segment in segments)))
        warned += bool(language_note(segments))
        languages.update({segments[0].language or ""} if segments else {"none"})
        texts_of.update(segment.engine for segment in segments if segment.engine)
    return {
        "wrong, %": f"{100 * errors.share:.2f}",
        "of words": errors.words,
        "clips": len(clips),
        "warned of": warned,
        "languages": ", ".join(f"{code} {heard}" for code, heard in languages.most_common()),
        "texts from": ", ".join(f"{name} {heard}" for name, heard in texts_of.most_common()),
        "processor seconds a clip": f"{clock.processor / len(clips):.2f}",
    }


def main() -> None:
    """Measure and print a table."""
    parser = common.parser(__doc__)
    parser.add_argument("--asr", nargs="+", default=ENGINES)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    common.add_data(parser)
    parser.add_argument("--clips", type=int, default=200, help="clips of RAVDESS and of TESS; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    def rows() -> Iterator[tuple[object, ...]]:
        for name in arguments.sets:
            language = "auto" if name == MANDARIN else "en"
            clips = clips_of(name, arguments.data, arguments.clips, arguments.seed)
            for asr in arguments.asr:
                if language == "auto" and TRANSCRIBERS.find(asr).languages:
                    continue
                try:
                    engine = common.transcriber(asr, language, arguments.threads)
                except EngineMissing as error:
                    yield name, asr, str(error)
                    continue
                yield name, asr, *measure(engine, clips).values()

    columns = ("wrong, %", "of words", "clips", "warned of", "languages", "texts from", "processor s a clip")
    common.table(("set", "engine", *columns), rows())


if __name__ == "__main__":
    main()
