"""What expected words gain, and what wrong expectations cost.

    python benchmarks/hotwords.py

The expected words are rare ones: those that stand at most twice in the 43,000 comments of GoEmotions.
`right` gives each clip of LibriSpeech test-other and LJSpeech the rare words of all clips of its book;
`wrong` gives it as many rare words of the other books that do not occur in it, `many wrong` 200 of GoEmotions itself.
Listed are the words wrong of all, and of the rare words those that were not heard.
"""

from __future__ import annotations

import random
from collections import Counter

import common

from pipeline.audio import read_audio
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.transcription.hotwords import Hotwords
from pipeline.transcription.moonshine import MoonshineTranscriber
from pipeline.transcription.scoring import word_errors


def main() -> None:
    parser = common.parser(__doc__)
    common.add_data(parser)
    parser.add_argument("--corpora", nargs="*", default=["librispeech_test_other", "ljspeech"])
    parser.add_argument("--bonus", type=float, nargs="*", default=[0.2, 0.4, 0.6, 0.8, 1.2])
    parser.add_argument("--kinds", nargs="*", default=["none", "right", "wrong", "many wrong"])
    parser.add_argument("--clips", type=int, default=0, help="so many at random; 0 is all")
    arguments = parser.parse_args()

    comments = (arguments.data / "goemotions" / "original.train.tsv").read_text(encoding="utf-8")
    counts = Counter(spoken_words(comments))
    clips = [
        (clip.path.stem.split("-")[0], *clip)
        for corpus in arguments.corpora
        for clip in common.listed(arguments.data / corpus)
    ]
    rare: dict[str, dict[str, None]] = {}
    for book, _, text in clips:
        words = [word for word in spoken_words(text) if counts[word] <= 2 and word.isalpha() and len(word) > 3]
        rare.setdefault(book, {}).update(dict.fromkeys(words))
    seldom = sorted(word for word, count in counts.items() if count <= 2 and word.isalpha() and len(word) > 3)

    def expected(kind: str, book: str, text: str) -> list[str]:
        choose = random.Random(book)
        own = rare[book]
        if kind == "right":
            return list(own)
        others = [word for name, words in rare.items() if name != book for word in words]
        words = choose.sample(others, min(len(own), len(others))) if kind == "wrong" else choose.sample(seldom, 200)
        return [word for word in words if word not in spoken_words(text)]

    engine = common.transcriber()
    assert isinstance(engine, MoonshineTranscriber)
    clips = random.Random(0).sample(clips, arguments.clips or len(clips))
    sounds = [read_audio(path) for _, path, _ in clips]
    print(f"{len(clips)} clips; expected words by book: { ({book: len(words) for book, words in rare.items()}) }")
    runs = [("none", 0.0)] + [(kind, bonus) for bonus in arguments.bonus for kind in ("right", "wrong", "many wrong")]
    for kind, bonus in (run for run in runs if run[0] in arguments.kinds):
        engine._hotwords = lambda hint, bonus=bonus: Hotwords(hint, engine._vocabulary, end=2, bonus=bonus)  # type: ignore[assignment, misc]
        wrong, missed, sought = common.Errors(), 0, 0
        for (book, _, text), audio in zip(clips, sounds, strict=True):
            hint = ", ".join(expected(kind, book, text)) if kind != "none" else ""
            understood = " ".join(segment.text for segment in common.heard(engine, audio, hint))
            wrong.add(word_errors(text, understood))
            targets = [word for word in spoken_words(text) if word in rare[book]]
            sought += len(targets)
            missed += sum(word not in spoken_words(understood) for word in targets)
        print(
            f"{kind:>10} {bonus:.1f} nats a letter: {100 * wrong.share:5.2f} % words wrong,"
            f" {missed} of {sought} rare words missed",
            flush=True,
        )


if __name__ == "__main__":
    main()
