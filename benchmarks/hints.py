"""What expected words gain, and what wrong expectations cost.

Run from the project's root, with the corpora in ../shared/data:

    python benchmarks/hints.py

The expected words are rare ones: those that stand at most twice in the 43,000 comments of GoEmotions.
`right` gives each clip of LibriSpeech test-other and LJSpeech the rare words of all clips of its book;
`wrong` gives it as many rare words of the other books that do not occur in it, `many wrong` 200 of GoEmotions itself.
Listed are the words wrong of all, and of the rare words those that were not heard.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import Counter
from pathlib import Path

from pipeline.audio import read_audio
from pipeline.audio.speech_segments import speech_segments
from pipeline.core.values import Audio
from pipeline.transcription import TRANSCRIBERS
from pipeline.transcription.hotwords import Hotwords
from pipeline.transcription.moonshine import MoonshineTranscriber
from pipeline.transcription.scoring import word_errors
from pipeline.transcription.spelling import spoken


def listed(folder: Path) -> list[tuple[str, Path, str]]:
    """Return (book, file, text) of the clips of a corpus."""
    with (folder / "metadata.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["file"].split("-")[0], folder / row["file"], row["text"]) for row in rows]


def heard(engine: MoonshineTranscriber, audio: Audio, hint: str) -> str:
    found = (engine.transcribe(segment, hotwords=hint) for segment in speech_segments(audio))
    return " ".join(segment.text for segment in found if segment)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--corpora", nargs="*", default=["librispeech_test_other", "ljspeech"])
    parser.add_argument("--bonus", type=float, nargs="*", default=[0.2, 0.4, 0.6, 0.8, 1.2])
    parser.add_argument("--kinds", nargs="*", default=["none", "right", "wrong", "many wrong"])
    parser.add_argument("--clips", type=int, default=0, help="so many at random; 0 is all")
    arguments = parser.parse_args()

    comments = (arguments.data / "goemotions" / "original.train.tsv").read_text(encoding="utf-8")
    counts = Counter(spoken(comments))
    clips = [clip for corpus in arguments.corpora for clip in listed(arguments.data / corpus)]
    rare: dict[str, dict[str, None]] = {}
    for book, _, text in clips:
        words = [word for word in spoken(text) if counts[word] <= 2 and word.isalpha() and len(word) > 3]
        rare.setdefault(book, {}).update(dict.fromkeys(words))
    seldom = sorted(word for word, count in counts.items() if count <= 2 and word.isalpha() and len(word) > 3)

    def expected(kind: str, book: str, text: str) -> list[str]:
        choose = random.Random(book)
        own = rare[book]
        if kind == "right":
            return list(own)
        others = [word for name, words in rare.items() if name != book for word in words]
        words = choose.sample(others, min(len(own), len(others))) if kind == "wrong" else choose.sample(seldom, 200)
        return [word for word in words if word not in spoken(text)]

    engine = TRANSCRIBERS.create(TRANSCRIBERS.find("moonshine"), threads=1)
    assert isinstance(engine, MoonshineTranscriber)
    clips = random.Random(0).sample(clips, arguments.clips or len(clips))
    sounds = [read_audio(path) for _, path, _ in clips]
    print(f"{len(clips)} clips; expected words by book: { ({book: len(words) for book, words in rare.items()}) }")
    runs = [("none", 0.0)] + [(kind, bonus) for bonus in arguments.bonus for kind in ("right", "wrong", "many wrong")]
    for kind, bonus in (run for run in runs if run[0] in arguments.kinds):
        engine._hotwords = lambda hint, bonus=bonus: Hotwords(hint, engine._vocabulary, end=2, bonus=bonus)  # type: ignore[assignment, misc]
        wrong = words = missed = sought = 0
        for (book, _, text), audio in zip(clips, sounds, strict=True):
            understood = heard(engine, audio, ", ".join(expected(kind, book, text)) if kind != "none" else "")
            errors, length = word_errors(text, understood)
            wrong, words = wrong + errors, words + length
            targets = [word for word in spoken(text) if word in rare[book]]
            sought += len(targets)
            missed += sum(word not in spoken(understood) for word in targets)
        print(
            f"{kind:>10} {bonus:.1f} nats a letter: {100 * wrong / words:5.2f} % words wrong,"
            f" {missed} of {sought} rare words missed",
            flush=True,
        )


if __name__ == "__main__":
    main()
